//! `Clear-Site-Data: "cache"` at logout: an option, and only where the browser was signed out.

use crate::layer::stores;
use crate::support::{App, Fails};

const NAME: &str = "clear-site-data";

#[tokio::test]
async fn it_is_an_option() {
    for enabled in [false, true] {
        for builder in stores() {
            let builder =
                builder.configure(move |auth| auth.clear_browser_cache_at_logout(enabled));
            let app = builder.start().await;
            let expected = enabled.then_some("\"cache\"");
            let browser = app.signed_in().await;
            assert_eq!(browser.navigate("/auth/logout").await.header(NAME), None, "a question");
            let reply = browser.submit("/auth/logout").await;
            assert_eq!((reply.status, reply.header(NAME)), (303, expected));
            let browser = app.signed_in().await;
            let reply = browser.post("/auth/logout").await;
            assert_eq!((reply.status, reply.header(NAME)), (200, expected));
        }
    }
}

#[tokio::test]
async fn a_logout_that_is_refused_clears_nothing() {
    let app = App::builder().sealed_store();
    let app = app.configure(|auth| auth.clear_browser_cache_at_logout(true)).start().await;
    let browser = app.signed_in().await;
    let cross_site = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let reply = browser.send("POST", "/auth/logout", &cross_site, "").await;
    assert_eq!((reply.status, reply.header(NAME)), (403, None));
    // While the store is down the user is signed out in this browser.
    app.store().fail(Fails::Deletes);
    let reply = browser.submit("/auth/logout").await;
    assert_eq!((reply.status, reply.header(NAME)), (503, Some("\"cache\"")));
}
