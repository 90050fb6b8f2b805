//! A store that fails is not a user who is signed out.

use axum_oidc_session::StoredSession;

use super::{Count, NAVIGATION};
use crate::support::{App, Fails};

#[tokio::test]
async fn requests_with_a_cookie_wait_for_the_store_and_nothing_is_lost() {
    let count = Count::default();
    let app = count.route(App::builder().sealed_store()).start().await;
    let browser = app.signed_in().await;
    let cookies = browser.cookie_names();
    app.store().fail(Fails::Everything);
    for path in ["/counted", "/public", "/", "/profile", "/auth/session"] {
        let reply = browser.fetch(path).await;
        assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()), "{path}");
        assert_eq!(reply.header("retry-after"), Some("5"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert!(reply.set_cookies().is_empty());
    }
    let page = browser.send("GET", "/counted", &NAVIGATION, "").await;
    assert_eq!(page.refusal(), (503, "store_unavailable".to_owned()));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(count.get(), 0, "never anonymous");
    assert_eq!(app.browser().get("/public").await.status, 200, "no cookie, no store");
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.cookie_names(), cookies);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

#[tokio::test]
async fn continue_anonymous_does_not_make_a_failing_store_a_sign_out() {
    let app = App::builder()
        .sealed_store()
        .assemble(|auth, router| {
            router.layer(auth.layer().continue_anonymous()).merge(auth.routes())
        })
        .start()
        .await;
    let browser = app.signed_in().await;
    app.store().fail(Fails::Everything);
    assert_eq!(browser.navigate("/").await.status, 503);
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.navigate("/").await.text(), "hello ada");
}

#[tokio::test]
async fn a_touch_that_fails_does_not_fail_the_request() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.later(60);
    app.store().fail(Fails::Writes);
    let reply = browser.fetch("/api/me").await;
    assert_eq!((reply.status, reply.set_cookies().len()), (200, 0));
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/api/me").await.set_cookies().len(), 2, "the next request touches");
}

#[tokio::test]
async fn a_callback_leaves_its_attempt_alone_while_the_store_fails() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.store().fail(Fails::Everything);
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert_eq!(reply.header("retry-after"), Some("5"));
    assert_eq!(browser.cookie("app"), None);
}

#[tokio::test]
async fn a_store_that_answers_with_anothers_record_is_down() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let own = app.store().stored().remove(0);
    let _other = app.signed_in().await;
    let is_others = |record: &StoredSession| record.id != own.id;
    let others = app.store().stored().into_iter().find(is_others).unwrap();
    app.store().answer_with(own.id, others);
    for path in ["/api/me", "/auth/session", "/profile"] {
        let reply = browser.fetch(path).await;
        assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()), "{path}");
        assert!(reply.set_cookies().is_empty());
    }
    app.store().answer_with(own.id, own);
    assert_eq!(browser.fetch("/api/me").await.status, 200, "still signed in");
}
