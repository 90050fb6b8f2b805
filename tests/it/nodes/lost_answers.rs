//! A store that does what it was asked and can't say so, or answers one question and not the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, OldKey};
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, HttpClientSettings, LoginDecision, OidcAuthBuilder};

use tokio::sync::{Mutex, mpsc};

use super::key_rotation::{key, ring};
use super::refresh::during_refresh;
use super::slow_moves::cycling;
use crate::support::{App, Browser, Fails, pause, until};

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
    for are_back in [true, false] {
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
        if are_back {
            app.store().fail(Fails::Nothing);
        }
        // Otherwise the end itself is heard of.
        let reply = app.ticking(refresh).await;
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        app.settled().await;
        assert_eq!(app.calls().revocation, 1, "the tokens that the logout did not see");
    }
}

/// A logout is asked for again: then the token that is revoked is the newest.
#[tokio::test]
async fn a_session_that_can_not_be_read_is_not_ended_with_an_old_token() {
    let app = App::builder().sealed_store().start().await;
    let (go, wait) = mpsc::unbounded_channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let store = app.store().clone();
    let end = async move |session: AuthSession| {
        wait.lock().await.recv().await.unwrap();
        store.fail(Fails::Fetches);
        assert!(session.end().await.is_err());
        store.fail(Fails::Nothing);
        session.end().await.unwrap();
    };
    let slow = async move |session: AuthSession| {
        let _ended = session.ended().await;
    };
    let routes =
        move |router: axum::Router| router.route("/end", get(end)).route("/slow", get(slow));
    let node = app.node_with(|auth| auth, routes).await;
    for by in ["this session", "all of the user"] {
        let browser = app.signed_in().await;
        let there = node.serve(&browser);
        app.later(300);
        let path = if by == "this session" { "/end" } else { "/slow" };
        let ends = async {
            pause().await;
            // Rotated by the other node.
            access_token(&browser).await;
            if by == "this session" {
                go.send(()).unwrap();
                return;
            }
            app.store().fail(Fails::Fetches);
            assert!(node.auth.end_sessions_of("ada").await.is_err());
            app.store().fail(Fails::Nothing);
            assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 1);
        };
        tokio::join!(there.fetch(path), ends);
        node.settled().await;
        let (issued, revoked) = (app.op.issued_values(), app.op.revoked_tokens());
        let sent = app.op.last_request(Endpoint::TokenRefreshToken).unwrap();
        let sent = sent.parameter("refresh_token").unwrap().to_owned();
        let rotated = issued.iter().skip_while(|value| **value != sent).skip(1);
        assert!(rotated.collect::<Vec<_>>().contains(&revoked.last().unwrap()), "{by}");
    }
}

/// The tokens are there already when they are saved again, and a logout has come in between.
#[tokio::test]
async fn a_logout_between_a_save_and_its_repetition_revokes_the_tokens() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    let browser = app.signed_in().await;
    app.later(300);
    let mut refresh =
        std::pin::pin!(during_refresh(&app, &browser, async || app.store().lose_answers(1)));
    let lost = until(async || app.store().saves() == 2 && app.store().has_lost_answers());
    tokio::select! {
        _ = &mut refresh => panic!("it does not know yet"),
        () = lost => {}
    }
    app.store().fail(Fails::Deletes);
    assert!(node.auth.end_sessions_of("ada").await.is_err(), "the marker alone");
    app.store().fail(Fails::Nothing);
    let reply = app.ticking(refresh).await;
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
    app.settled().await;
    assert_eq!(app.calls().revocation, 1);
    assert!(app.store().stored().is_empty());
}

/// One session that can't be ended now is no reason to leave the others alone.
#[tokio::test]
async fn one_session_that_can_not_be_ended_does_not_keep_the_others() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    for _ in 0..3 {
        app.signed_in().await;
    }
    app.store().fail_deletes(1);
    assert!(node.auth.end_sessions_of("ada").await.is_err());
    assert_eq!(app.store().stored().len(), 1);
    assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 1);
}

/// A login in its place needs to know nothing of the old session's tokens.
#[tokio::test]
async fn a_session_that_can_not_be_read_gives_way_to_a_login_all_the_same() {
    let app = App::builder().sealed_store().start().await;
    let (logins, store) = (Arc::new(AtomicUsize::new(0)), app.store().clone());
    let node = app.node(move |auth| {
        auth.after_login(move |_| {
            if logins.fetch_add(1, Ordering::SeqCst) == 1 {
                store.fail(Fails::Fetches);
            }
            async { LoginDecision::Accept }
        })
    });
    let node = node.await;
    let begin = async |browser: &Browser| {
        let callback = browser.until_callback("/auth/login").await;
        callback.strip_prefix(&app.origin).unwrap().to_owned()
    };
    let browser = app.browser();
    let there = node.serve(&browser);
    let first = begin(&browser).await;
    assert_eq!(there.navigate(&first).await.status, 303);
    let old = browser.copy();
    let second = begin(&browser).await;
    assert_eq!(there.navigate(&second).await.status, 303);
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    assert_eq!(old.fetch("/api/me").await.status, 401);
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
    // The request hears of no move.
    app.store().have_no_events();
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
