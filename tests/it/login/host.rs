//! A login on another host name of ours is sent to the base URL once, so that the attempt's cookie and the callback meet.

use crate::support::App;

#[tokio::test]
async fn another_host_name_is_sent_to_the_base_url() {
    let app = App::start().await;
    let browser = app.browser();
    let elsewhere = app.origin.replace("127.0.0.1", "localhost");
    let sent = browser.navigate(&format!("{elsewhere}/auth/login?return_to=/profile")).await;
    assert_eq!(sent.status, 303);
    assert!(
        sent.location().starts_with(&format!("{}/auth/login?", app.origin)),
        "{}",
        sent.location()
    );
    assert_eq!(sent.cookie_changes(), (vec!["app_r".to_owned()], vec![]), "no attempt yet");
    assert_eq!(app.calls().discovery, 0);
    let reply = browser.sign_in_from(sent.location()).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.origin)));
    assert_eq!(browser.navigate("/profile").await.text(), "ada");
}

#[tokio::test]
async fn no_url_comes_from_the_request() {
    let app = App::start().await;
    for headers in [
        [("host", "evil.example"), ("accept", "text/html")],
        [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https")],
        [("forwarded", "host=evil.example"), ("x-original-host", "evil.example")],
    ] {
        for path in ["/auth/login", "/auth/login?at_base=1", "/profile"] {
            let reply = app.browser().send("GET", path, &headers, "").await;
            assert!(!format!("{:?}", reply.headers).contains("evil"), "{path}, {headers:?}");
            assert!(!reply.text().contains("evil"), "{path}, {headers:?}");
        }
    }
}

/// A proxy that passes its own name on as `Host` makes every request look like one for another host.
#[tokio::test]
async fn a_proxy_that_rewrites_the_host_costs_one_redirect() {
    let app = App::start().await;
    let browser = app.browser();
    let through_proxy = async |target: &str| {
        let headers = [
            ("host", "backend.internal:8080"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        browser.send("GET", target, &headers, "").await
    };
    let sent = through_proxy("/auth/login?return_to=/profile").await;
    let begun = through_proxy(sent.location()).await;
    assert!(begun.location().starts_with(app.op.issuer()), "{}", begun.location());
    let callback = browser.authorize(&begun).await;
    let reply = through_proxy(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.origin)));
    assert_eq!(through_proxy("/profile").await.text(), "ada");
}

/// So a proxy like that does not run into the loop breaker either.
#[tokio::test]
async fn ten_logins_through_such_a_proxy_are_not_a_loop() {
    let app = App::start().await;
    let browser = app.browser();
    for _ in 0..10 {
        let headers = [("host", "backend.internal:8080"), ("accept", "text/html")];
        let sent = browser.send("GET", "/auth/login", &headers, "").await;
        let begun = browser.send("GET", sent.location(), &headers, "").await;
        let callback = browser.authorize(&begun).await;
        assert_eq!(browser.send("GET", &callback, &headers, "").await.status, 303);
        assert_eq!(browser.send("GET", "/profile", &headers, "").await.text(), "ada");
    }
}
