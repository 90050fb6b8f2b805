//! What comes between the refresh and its answer: the deadline, a logout, a store that fails.

use std::time::Duration;

use axum_oidc_session::clock::Clock as _;

use super::{access_token, during_refresh, newest_refresh_token, token};
use crate::layer::{hold_cookies, stores};
use crate::support::{App, AppBuilder, Browser, Fails, pause, until};

/// An application whose access tokens are due just before the ceiling, 3,569 s after the login.
async fn near_the_ceiling(builder: AppBuilder) -> (App, Browser) {
    let app = builder.start().await;
    app.op.set_access_token_lifetime(Duration::from_secs(3_560));
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    app.later(3_569);
    (app, browser)
}

#[tokio::test]
async fn a_refresh_that_crosses_the_deadline_hands_out_nothing() {
    for builder in stores() {
        let (app, browser) = near_the_ceiling(builder).await;
        let spare = browser.copy();
        let reply = during_refresh(&app, &browser, async || ()).await;
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(reply.json()["reason"], "ceiling");
        assert_eq!(token(&spare).await.json()["reason"], "ceiling");
        assert_eq!(app.calls().refresh, 1);
        app.settled().await;
        let newest = newest_refresh_token(&app);
        assert!(app.op.revoked_tokens().contains(&newest), "the new token is left alive");
    }
}

/// Another node's clock is ahead, and has deleted the session a second before its end. A request is admitted with what the store
/// had before, and wants a token while another one, that found nothing, is about to say why.
#[tokio::test]
async fn a_session_that_is_gone_just_before_its_end_has_met_its_limit() {
    let (app, browser) = near_the_ceiling(App::builder().sealed_store()).await;
    app.store().have_no_events();
    let node = app.node(|auth| auth).await;
    let (browser, tab) = (node.serve(&browser), node.serve(&browser.copy()));
    // Neither has a use to note.
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    let (reads, writes) = (app.store().reads(), app.store().writes());
    let gone_meanwhile = async {
        until(async || app.store().reads() > reads).await;
        app.store().answer_fetches_late(Duration::ZERO);
        let mut stored = app.store().stored().remove(0);
        stored.expires_at = app.clock.now();
        app.store().tamper(stored);
        tab.fetch("/api/me").await
    };
    app.store().answer_fetches_late(Duration::from_millis(300));
    app.store().answer_deletions_late(Duration::from_secs(2));
    let asked = async { (browser.fetch("/api/token").await, app.store().writes()) };
    let ((reply, then), _) = tokio::join!(asked, gone_meanwhile);
    assert!(then > writes, "the other request has begun to delete, and has not said why");
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
    assert_eq!(reply.json()["reason"], "ceiling");
}

#[tokio::test]
async fn a_logout_during_the_refresh_stays_and_the_new_tokens_are_revoked() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(300);
        let tab = browser.copy();
        let logout = async || assert_eq!(browser.submit("/auth/logout").await.status, 303);
        let reply = during_refresh(&app, &tab, logout).await;
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(tab.fetch("/api/me").await.json()["reason"], "revoked");
        app.settled().await;
        assert!(app.op.revoked_tokens().contains(&newest_refresh_token(&app)));
        assert_eq!(app.calls().revocation, 2);
        if let Some(store) = &app.store {
            assert!(store.stored().is_empty(), "the save brought it back");
        }
    }
}

#[tokio::test]
async fn a_save_that_fails_after_the_rotation_is_tried_again() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.later(300);
    let failing = async || app.store().fail(Fails::Writes);
    let healed = async {
        pause().await;
        pause().await;
        pause().await;
        app.store().fail(Fails::Nothing);
        app.later(1);
    };
    let healed = after_refresh_was_sent(&app, healed);
    let (reply, ()) = tokio::join!(during_refresh(&app, &browser, failing), healed);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(app.calls().refresh, 1);
    app.later(300);
    access_token(&browser).await;
    assert_eq!(app.calls().refresh, 2);
}

#[tokio::test]
async fn who_waits_too_long_for_the_store_is_told_and_the_tokens_are_kept() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.later(300);
    let failing = async || app.store().fail(Fails::Writes);
    let impatient = async {
        pause().await;
        pause().await;
        pause().await;
        app.later(36);
    };
    let impatient = after_refresh_was_sent(&app, impatient);
    let (reply, ()) = tokio::join!(during_refresh(&app, &browser, failing), impatient);
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    app.store().fail(Fails::Nothing);
    pause().await;
    app.later(10);
    app.settled().await;
    access_token(&browser).await;
    assert_eq!(app.calls().refresh, 1, "nothing was lost");
}

#[tokio::test]
async fn without_the_store_nothing_is_sent() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.later(300);
    app.store().fail(Fails::Writes);
    let reply = token(&browser).await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert!(reply.header("retry-after").is_some());
    assert_eq!(app.calls().refresh, 0);
    app.store().fail(Fails::Nothing);
    access_token(&browser).await;
}

/// Runs `next` when the refresh has been sent; its answer comes when `during_refresh` lets its second pass.
async fn after_refresh_was_sent(app: &App, next: impl Future<Output = ()>) {
    until(async || app.calls().refresh == 1).await;
    pause().await;
    pause().await;
    next.await;
}
