//! A store that does what it was asked and can't say so, or answers one question and not the next.

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, OldKey};
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, HttpClientSettings, OidcAuthBuilder};

use tokio::sync::{Mutex, mpsc};

use super::key_rotation::{key, ring};
use super::refresh::during_refresh;
use crate::support::{App, Browser, Fails, Node, pause, until};

/// A node whose `/cycle` moves the session.
async fn cycling(app: &App, configure: impl FnOnce(OidcAuthBuilder) -> OidcAuthBuilder) -> Node {
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    app.node_with(
        |auth| configure(auth).application_data(true),
        move |router| router.route("/cycle", get(cycle)),
    )
    .await
}

async fn token(browser: &Browser) -> (u16, String) {
    browser.fetch("/api/token").await.refusal()
}

async fn access_token(browser: &Browser) {
    let reply = browser.fetch("/api/token").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// The refresh token has not been sent: that it was about to be is no try, however often it happens.
#[tokio::test]
async fn an_intent_that_was_not_answered_is_no_try() {
    for whether in ["saved", "not saved"] {
        let app = App::builder().sealed_store().start().await;
        let browser = app.signed_in().await;
        app.later(300);
        for _ in 0..4 {
            if whether == "saved" {
                app.store().lose_answers(1);
            } else {
                // The lease.
                app.store().fail_writes_after(1);
            }
            let refusal = app.ticking(token(&browser)).await;
            assert_eq!(refusal, (503, "store_unavailable".to_owned()));
            app.store().fail(Fails::Nothing);
            assert_eq!(app.calls().refresh, 0);
        }
        app.ticking(access_token(&browser)).await;
        assert_eq!(app.calls().refresh, 1, "{whether}");
    }
}

/// What the store has is this node's own: nobody was faster.
#[tokio::test]
async fn tokens_whose_save_was_not_answered_are_the_sessions() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.later(300);
    app.op.rotate_keys(OldKey::Dropped).unwrap();
    app.op.set_fault(Some(Fault::Reply(Endpoint::Jwks, BrokenReply::NotJson)));
    let lost = async || app.store().lose_answers(1);
    // The new ID Token can't be verified now, and the old access token has expired.
    let reply = app.ticking(during_refresh(&app, &browser, lost)).await;
    assert!(app.store().has_lost_answers());
    assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
    app.op.set_fault(None);
    app.later(60);
    access_token(&browser).await;
    assert_eq!(app.calls().refresh, 2, "with the rotated token");
}

/// They are looked for until it is known that no logout has come, or that one has.
#[tokio::test]
async fn markers_that_can_not_be_read_are_looked_for_again() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    let browser = app.signed_in().await;
    app.later(300);
    let failing = async || app.store().fail(Fails::Markers);
    let mut refresh = std::pin::pin!(during_refresh(&app, &browser, failing));
    let saved = until(async || app.store().saves() == 2);
    tokio::select! {
        _ = &mut refresh => panic!("it does not know yet"),
        () = saved => {}
    }
    assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 1);
    app.store().fail(Fails::Nothing);
    let reply = app.ticking(refresh).await;
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
    app.settled().await;
    assert_eq!(app.calls().revocation, 1, "the tokens that the logout did not see");
}

/// A move that a slow store has cost its lease: another node is refreshing by now.
#[tokio::test]
async fn a_move_whose_lease_is_over_loses_no_rotated_token() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app, |auth| auth.store_timeout(Duration::from_secs(60))).await;
    let browser = app.signed_in().await;
    app.later(300);
    let (old, moving) = (browser.copy(), node.serve(&browser));
    let inserts = app.store().inserts();
    app.store().insert_slowly(Duration::from_millis(1000));
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    let refresh = async {
        // The lease is taken, and the new session is being stored.
        until(async || app.store().inserts() > inserts).await;
        app.store().drop_locks();
        app.later(12);
        app.ticking(old.fetch("/api/token")).await
    };
    let moved = async {
        let moved = moving.fetch("/cycle").await;
        assert_eq!(app.calls().refresh, 1, "the other node was too slow for this test");
        app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
        app.later(1);
        moved
    };
    let (moved, refreshed) = tokio::join!(moved, refresh);
    assert_eq!((moved.status, refreshed.status), (200, 200), "{}", refreshed.text());
    let closed = until(async || old.copy().fetch("/api/me").await.status == 401);
    app.ticking(closed).await;
    app.later(300);
    access_token(&moving).await;
    assert_eq!(app.calls().refresh, 2, "with the rotated token");
}

/// The logout is asked for again: then the token that is revoked is the newest.
#[tokio::test]
async fn a_session_that_can_not_be_read_is_not_ended_with_an_old_token() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let node = app.node(|auth| auth).await;
    let in_use = node.serve(&browser);
    app.later(300);
    let meanwhile = async || {
        app.store().fail(Fails::Fetches);
        assert!(node.auth.end_sessions_of("ada").await.is_err());
        app.store().fail(Fails::Nothing);
        assert_eq!(app.store().stored().len(), 1);
        assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 1);
    };
    let reply = during_refresh(&app, &in_use, meanwhile).await;
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
}

/// What the refresh saves is its own: the use that another node has noted meanwhile counts for the expiry.
#[tokio::test]
async fn a_use_that_was_noted_during_a_refresh_is_not_taken_back() {
    let limits = |auth: OidcAuthBuilder| {
        let patient = HttpClientSettings::default().timeout(Duration::from_secs(60));
        auth.idle_limit(Duration::from_secs(100)).http_client(patient)
    };
    let app = App::builder().sealed_store().configure(limits).start().await;
    let node = app.node(limits).await;
    app.op.set_access_token_lifetime(Duration::from_secs(10));
    let browser = app.signed_in().await;
    let there = node.serve(&browser);
    app.later(20);
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(31));
    let used = async {
        until(async || app.calls().refresh == 1).await;
        app.later(30);
        assert_eq!(there.fetch("/api/me").await.status, 200);
        app.later(1);
    };
    let (refreshed, ()) = tokio::join!(browser.fetch("/api/token"), used);
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());
    // 149 s after the login, 99 s after the last use.
    app.later(98);
    assert_eq!(there.fetch("/api/me").await.status, 200);
}

/// A node with a newer key saves data to the old id of a session that is being moved: there is one session, not two.
#[tokio::test]
async fn the_trace_of_a_moved_session_is_not_listed() {
    let (old_first, new_first) =
        (format!("{},{}", key(1), key(2)), format!("{},{}", key(2), key(1)));
    let app = App::builder().sealed_store().configure(ring(&key(1))).start().await;
    let node = cycling(&app, ring(&old_first)).await;
    let (go, wait) = mpsc::unbounded_channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let set = async move |session: Session, _: AuthSession| {
        wait.lock().await.recv().await.unwrap();
        session.insert("n", 1).await.unwrap();
    };
    let other = app
        .node_with(
            |auth| ring(&new_first)(auth).application_data(true),
            move |router| router.route("/slow", get(set)),
        )
        .await;
    let browser = node.serve(&app.signed_in().await);
    let old = other.serve(&browser);
    let moves = async {
        pause().await;
        // The lease, the new session and the trace.
        app.store().fail_writes_after(3);
        assert_eq!(browser.fetch("/cycle").await.status, 200);
        app.store().fail(Fails::Nothing);
        go.send(()).unwrap();
    };
    let (saved, ()) = tokio::join!(old.fetch("/slow"), moves);
    assert_eq!(saved.status, 200);
    app.ticking(until(async || app.store().stored().len() == 1)).await;
    assert_eq!(node.auth.sessions_of("ada").await.unwrap().len(), 1);
}
