//! Requests from other sites, over the wire.

use super::{Count, stores};
use crate::support::App;

const REFUSED: (u16, &str) = (403, "cross_site_request");

#[tokio::test]
async fn unsafe_methods_and_websockets_of_other_sites_are_refused() {
    for builder in stores() {
        let count = Count::default();
        let app = count.route(builder).start().await;
        let browser = app.signed_in().await;
        let ours = app.origin.clone();
        let cases: [(&str, Option<&str>, Option<&str>, bool); 16] = [
            ("POST", None, None, true),
            ("POST", Some("same-origin"), None, true),
            ("POST", Some("same-origin"), Some("null"), true),
            ("POST", Some("none"), None, true),
            ("POST", None, Some(&ours), true),
            ("POST", Some("same-site"), Some(&ours), true),
            ("POST", Some("cross-site"), None, false),
            ("POST", Some("cross-site"), Some(&ours), false),
            ("POST", Some("same-site"), None, false),
            ("POST", Some("same-site"), Some("http://other.example"), false),
            ("POST", None, Some("http://other.example"), false),
            ("POST", None, Some("null"), false),
            ("POST", None, Some(""), false),
            ("PUT", Some("cross-site"), None, false),
            ("DELETE", None, Some("https://evil.example"), false),
            ("GET", Some("cross-site"), Some("https://evil.example"), true),
        ];
        for (method, site, origin, allowed) in cases {
            let before = count.get();
            let mut headers = vec![("accept", "*/*")];
            headers.extend(site.map(|site| ("sec-fetch-site", site)));
            headers.extend(origin.map(|origin| ("origin", origin)));
            let reply = browser.send(method, "/counted", &headers, "").await;
            let context = format!("{method} {site:?} {origin:?}");
            assert_eq!(count.get() - before, u64::from(allowed), "{context}");
            match allowed {
                true => assert_eq!(reply.status, 200, "{context}"),
                false => assert_eq!(reply.refusal(), (REFUSED.0, REFUSED.1.into()), "{context}"),
            }
        }
        assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives on");
    }
}

#[tokio::test]
async fn websocket_handshakes_are_judged_though_they_are_gets() {
    let count = Count::default();
    let app = count.route(App::builder()).start().await;
    let browser = app.signed_in().await;
    let handshake = async |site: &str, origin: &str| {
        let headers = [
            ("upgrade", "websocket"),
            ("connection", "upgrade"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-fetch-site", site),
            ("origin", origin),
        ];
        browser.send("GET", "/counted", &headers, "").await.status
    };
    assert_eq!(handshake("cross-site", "https://evil.example").await, 403);
    assert_eq!(handshake("same-site", "https://evil.example").await, 403);
    assert_eq!(handshake("same-origin", &app.origin).await, 200);
    // Any header of a handshake makes it one.
    let headers = [("upgrade", "WebSocket"), ("origin", "https://evil.example")];
    assert_eq!(browser.send("GET", "/counted", &headers, "").await.status, 403);
    let headers = [("sec-websocket-key", "x"), ("origin", "https://evil.example")];
    assert_eq!(browser.send("GET", "/counted", &headers, "").await.status, 403);
    assert_eq!(count.get(), 1);
}

#[tokio::test]
async fn a_page_asks_for_a_page() {
    let app = App::start().await;
    let headers =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("accept", "text/html")];
    let reply = app.browser().send("POST", "/api/act", &headers, "").await;
    assert_eq!(reply.refusal(), (403, "cross_site_request".to_owned()));
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn the_guard_can_be_turned_off_by_name() {
    let app =
        App::builder().configure(|auth| auth.insecure_allow_cross_site_requests()).start().await;
    let browser = app.signed_in().await;
    let headers = [("sec-fetch-site", "cross-site"), ("accept", "*/*")];
    assert_eq!(browser.send("POST", "/api/act", &headers, "").await.status, 200);
}
