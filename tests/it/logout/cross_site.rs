//! A logout that another site asks for is none.

use crate::layer::stores;

#[tokio::test]
async fn it_is_refused_and_the_session_lives() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let cases: [&[(&str, &str)]; 5] = [
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:1")],
        ];
        for headers in cases {
            let page =
                [&[("accept", "text/html"), ("sec-fetch-mode", "navigate")], headers].concat();
            let script = [&[("accept", "application/json")], headers].concat();
            for headers in [page, script] {
                let reply = browser.send("POST", "/auth/logout", &headers, "").await;
                assert_eq!(reply.refusal(), (403, "cross_site_request".to_owned()), "{headers:?}");
                assert!(reply.set_cookies().is_empty());
            }
        }
        app.settled().await;
        assert_eq!(app.calls().revocation, 0);
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
}

#[tokio::test]
async fn other_methods_do_not_exist() {
    let app = crate::support::App::start().await;
    let browser = app.signed_in().await;
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(browser.send(method, "/auth/logout", &[], "").await.status, 405);
    }
    assert_eq!(browser.send("HEAD", "/auth/logout", &[], "").await.status, 200);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}
