//! HEAD and prefetches begin no login: nobody asked for one.

use crate::support::{App, Calls};

#[tokio::test]
async fn head_is_not_allowed() {
    let app = App::start().await;
    let browser = app.browser();
    for path in ["/auth/login", "/auth/login?return_to=/profile"] {
        let reply = browser.send("HEAD", path, &[], "").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET")));
        assert_eq!(reply.set_cookies(), []);
    }
    assert_eq!(app.calls(), Calls::default());
    assert_eq!(browser.sign_in().await.status, 303);
}

#[tokio::test]
async fn a_prefetch_begins_nothing() {
    let app = App::start().await;
    let browser = app.browser();
    for headers in [
        [
            ("sec-purpose", "prefetch"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ],
        [
            ("sec-purpose", "prefetch;prerender"),
            ("sec-fetch-mode", "navigate"),
            ("accept", "text/html"),
        ],
        [("purpose", "prefetch"), ("sec-fetch-dest", "empty"), ("accept", "*/*")],
    ] {
        let reply = browser.send("GET", "/auth/login", &headers, "").await;
        assert_eq!(reply.refusal(), (403, "prefetch_refused".to_owned()), "{headers:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.set_cookies(), []);
    }
    assert_eq!(app.calls(), Calls::default());
    assert_eq!(browser.sign_in().await.status, 303);
}

#[tokio::test]
async fn other_methods_are_not_routed() {
    let app = App::start().await;
    for method in ["POST", "PUT", "DELETE"] {
        let reply = app.browser().send(method, "/auth/login", &[], "").await;
        assert_eq!(reply.status, 405, "{method}");
        assert_eq!(reply.set_cookies(), []);
    }
}

/// No page can be shown to a script, an image or a frame, whichever site it is on.
#[tokio::test]
async fn what_is_no_navigation_starts_nothing() {
    let app = App::start().await;
    for browser in [app.browser(), app.signed_in().await] {
        let (cookies, calls) = (browser.cookie_header("/"), app.calls());
        for (mode, dest) in
            [("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("no-cors", "script")]
        {
            for site in ["cross-site", "same-site", "same-origin"] {
                let headers = [
                    ("sec-fetch-mode", mode),
                    ("sec-fetch-dest", dest),
                    ("sec-fetch-site", site),
                    ("accept", "text/html,*/*"),
                ];
                for target in ["/auth/login?return_to=/profile", "/auth/login?again=1"] {
                    let reply = browser.send("GET", target, &headers, "").await;
                    let refusal = (403, "navigation_required".to_owned());
                    assert_eq!(reply.refusal(), refusal, "{dest} {site}");
                    assert_eq!(reply.set_cookies(), [], "{dest} {site}");
                }
            }
        }
        for program in [&[][..], &[("accept", "*/*")]] {
            let reply = browser.send("GET", "/auth/login", program, "").await;
            assert_eq!(reply.refusal().1, "navigation_required", "{program:?}");
        }
        assert_eq!((browser.cookie_header("/"), app.calls()), (cookies, calls));
    }
}
