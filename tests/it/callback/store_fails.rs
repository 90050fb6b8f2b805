//! A store that fails at the callback: 503, nobody is signed in, nothing is lost.

use super::{assert_clean_login, assert_no_session};
use crate::support::{App, Fails};

#[tokio::test]
async fn a_session_that_cannot_be_stored_is_none_and_its_tokens_are_revoked() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    app.store().fail(Fails::Inserts);
    let reply = browser.sign_in().await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert!(reply.header("retry-after").is_some());
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1);
    app.store().fail(Fails::Nothing);
    assert_no_session(&app, &browser, "store fails").await;
    assert_clean_login(&app, &browser, "store fails").await;
}

/// Whether the browser has a session is not known: neither it nor the attempt is touched, and a reload finishes the login.
#[tokio::test]
async fn a_store_that_cannot_be_read_leaves_everything_as_it_is() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let callback = browser.until_callback("/auth/login").await;
    let calls = app.calls();
    app.store().fail(Fails::Everything);
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert_eq!((reply.set_cookies(), app.calls()), (vec![], calls));
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    assert_eq!(browser.navigate(&callback).await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

/// The old session's record stays, but its browser has a new cookie; the failure is not the user's.
#[tokio::test]
async fn an_old_session_that_cannot_be_deleted_does_not_stop_the_login() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.store().fail(Fails::Deletes);
    assert_eq!(browser.sign_in().await.status, 303);
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn a_store_without_room_gets_503_and_gives_up_no_live_session() {
    use axum_oidc_session::MemoryStore;
    let app = App::builder().configure(|auth| auth.store(MemoryStore::with_capacity(1)));
    let app = app.start().await;
    let first = app.signed_in().await;
    let second = app.browser();
    let reply = second.sign_in().await;
    assert_eq!(reply.refusal(), (503, "store_full".to_owned()));
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1);
    assert_eq!(first.fetch("/profile").await.text(), "ada");
    assert_eq!(first.post("/auth/logout").await.status, 200);
    assert_clean_login(&app, &second, "room again").await;
}
