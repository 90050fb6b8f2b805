//! A new key in the ring: old keys open, the first seals and indexes, and what is saved moves to it.

use axum_oidc_session::{KeyRing, OidcAuthBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{App, Node};

pub(super) fn key(first: u8) -> String {
    STANDARD.encode((0..64).map(|index: u8| index ^ first).collect::<Vec<u8>>())
}

pub(super) fn ring(keys: &str) -> impl Fn(OidcAuthBuilder) -> OidcAuthBuilder + Clone + 'static {
    let ring = KeyRing::from_base64(keys).unwrap();
    move |auth| auth.cookie_keys(ring.clone())
}

async fn nodes() -> (App, Node, Node) {
    let app = App::builder().sealed_store().configure(ring(&key(1))).start().await;
    let both = app.node(ring(&format!("{},{}", key(2), key(1)))).await;
    let new = app.node(ring(&key(2))).await;
    (app, both, new)
}

#[tokio::test]
async fn a_saved_session_moves_to_the_first_key_and_outlives_the_old_one() {
    let (app, both, new) = nodes().await;
    let (saved, unsaved) = (app.signed_in().await, app.signed_in().await);
    for browser in [&saved, &unsaved] {
        assert_eq!(both.serve(browser).fetch("/api/me").await.status, 200, "old keys open");
    }
    app.later(300);
    assert_eq!(both.serve(&saved).fetch("/api/token").await.status, 200);
    assert_eq!(new.serve(&saved.copy()).fetch("/api/me").await.status, 200);
    assert_eq!(new.serve(&unsaved.copy()).fetch("/api/me").await.status, 401, "its key is gone");
    // The record is left alone: whoever has the key still opens it.
    assert_eq!(both.serve(&unsaved).fetch("/api/me").await.status, 200);
}

#[tokio::test]
async fn a_login_that_began_under_the_old_key_ends_under_both() {
    let (app, both, new) = nodes().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let path = callback.strip_prefix(&app.origin).unwrap();
    let tab = browser.copy();
    assert_eq!(new.serve(&tab).navigate(path).await.code(), "login_attempt_unknown");
    assert_eq!(both.serve(&browser).navigate(path).await.status, 303);
    assert_eq!(
        new.serve(&browser.copy()).fetch("/api/me").await.status,
        200,
        "under the first key"
    );
}

/// A revocation speaks of all keys of the ring, whichever a session was saved under.
#[tokio::test]
async fn revocations_find_sessions_under_every_key() {
    let (app, both, _) = nodes().await;
    let (old, saved) = (app.signed_in().await, app.signed_in().await);
    app.later(300);
    assert_eq!(both.serve(&saved).fetch("/api/token").await.status, 200);
    assert_eq!(both.auth.sessions_of("ada").await.unwrap().len(), 2);
    assert_eq!(both.auth.end_sessions_of("ada").await.unwrap(), 2);
    for browser in [&old, &saved] {
        assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
    }
}
