//! What fails half-way, falls back, or runs by a wrong clock.

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::AuthSession;
use axum_oidc_session::clock::{Clock as _, ManualClock, SystemClock};
use axum_oidc_session::dev_provider::Endpoint;
use axum_oidc_session::tower_sessions::Session;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::moved::cycling;
use crate::support::{App, Browser, Fails, Node, pause, until};

async fn access_token(browser: &Browser) -> String {
    let reply = browser.fetch("/api/token").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

/// A node that says which sessions end.
async fn telling(app: &App) -> (Node, UnboundedReceiver<&'static str>) {
    let (sender, ended) = mpsc::unbounded_channel();
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    let node = app.node_with(
        move |auth| {
            auth.application_data(true).on_session_ended(move |ended| {
                let sender = sender.clone();
                async move { sender.send(ended.reason.code()).unwrap() }
            })
        },
        move |router| router.route("/cycle", get(cycle)),
    );
    (node.await, ended)
}

/// A replica that takes over without the last writes: what it has counts, and the rotated token is not lost.
#[tokio::test]
async fn a_store_that_falls_back_to_an_older_version_loses_no_rotated_token() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let before = app.store().stored()[0].clone();
    app.later(300);
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    let falls_back = async {
        until(async || app.calls().refresh == 1).await;
        app.store().tamper(before);
        app.later(1);
    };
    let reply = tokio::join!(app.ticking(browser.fetch("/api/token")), falls_back).0;
    assert_eq!(reply.status, 200, "{}", reply.text());
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
    app.later(300);
    access_token(&browser).await;
    assert_eq!(app.calls().refresh, 2, "with the rotated token");
}

/// A node whose lease was over while its request was under way finds its token spent: the other's tokens stay.
#[tokio::test]
async fn who_comes_too_late_leaves_the_winners_tokens_alone() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    let browser = app.signed_in().await;
    app.later(300);
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    let there = node.serve(&browser);
    let overtakes = async {
        until(async || app.calls().refresh == 1).await;
        app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
        app.store().drop_locks();
        let token = access_token(&there).await;
        app.later(1);
        token
    };
    let (late, winner) = tokio::join!(browser.fetch("/api/token"), overtakes);
    assert_eq!(app.calls().refresh, 2);
    assert_eq!(late.json()["access_token"].as_str(), Some(winner.as_str()));
    assert_eq!(access_token(&browser).await, winner);
}

/// A store that takes the question and never answers.
#[tokio::test]
async fn a_store_that_hangs_costs_a_503_in_time_and_nothing_else() {
    let limit =
        |auth: axum_oidc_session::OidcAuthBuilder| auth.store_timeout(Duration::from_millis(100));
    let app = App::builder().sealed_store().configure(limit).start().await;
    let browser = app.signed_in().await;
    app.store().hang();
    for path in ["/api/me", "/", "/auth/session"] {
        let reply = app.ticking(browser.fetch(path)).await;
        assert_eq!((reply.status, reply.set_cookies().len()), (503, 0), "{path}");
        assert!(reply.header("retry-after").is_some(), "{path}");
    }
    let leaver = browser.copy();
    assert_eq!(app.ticking(leaver.submit("/auth/logout")).await.status, 503);
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

/// A few seconds between the clocks of two nodes.
#[tokio::test]
async fn clocks_that_differ_by_seconds_do_no_harm() {
    for apart in [-5, 5] {
        let app = App::builder().sealed_store().start().await;
        let clock = app.clock.now().seconds() + apart;
        let node = app.node_on(&ManualClock::at(clock), |auth| auth, |router| router).await;
        let browser = app.signed_in().await;
        let there = node.serve(&browser);
        assert_eq!(there.fetch("/api/me").await.status, 200, "{apart}");
        // Begun on one node, completed on the other.
        let callback = browser.until_callback("/auth/login").await;
        let callback = callback.strip_prefix(&app.origin).unwrap();
        let signed_in = there.navigate(callback).await;
        assert_eq!((signed_in.status, signed_in.location()), (303, &*format!("{}/", app.origin)));
        access_token(&there).await;
        access_token(&browser).await;
        assert_eq!(there.submit("/auth/logout").await.status, 303);
        assert_eq!(browser.copy().fetch("/api/me").await.status, 401, "{apart}");
    }
}

/// A wall clock that is wrong for a while frees nothing that others use.
#[tokio::test]
async fn a_clock_that_runs_ahead_for_a_while_deletes_nobody() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let four_days = 4 * 86_400;
    app.clock.step(four_days);
    for _ in 0..3 {
        app.later(60);
        pause().await;
    }
    app.clock.step(-four_days);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

#[tokio::test]
async fn what_has_ended_before_the_store_failed_is_told_and_the_rest_ends_at_the_next_try() {
    let app = App::builder().sealed_store().start().await;
    let (node, mut ended) = telling(&app).await;
    for _ in 0..3 {
        app.signed_in().await;
    }
    // The markers and one deletion.
    app.store().fail_writes_after(2);
    assert!(node.auth.end_sessions_of("ada").await.is_err());
    node.settled().await;
    assert_eq!(ended.try_recv(), Ok("ended_by_application"));
    assert!(ended.try_recv().is_err());
    app.store().fail(Fails::Nothing);
    assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 2);
}

/// However far the move has got, the browser has a cookie that opens the session.
#[tokio::test]
async fn a_store_that_fails_during_a_move_signs_nobody_out() {
    for writes in 0..6 {
        let app = App::builder().sealed_store().start().await;
        let (node, _ended) = telling(&app).await;
        let browser = app.signed_in().await;
        let there = node.serve(&browser);
        app.store().fail_writes_after(writes);
        drop(app.ticking(there.fetch("/cycle")).await);
        app.store().fail(Fails::Nothing);
        let reply = there.fetch("/api/me").await;
        assert_eq!(reply.status, 200, "{writes} writes: {}", reply.text());
    }
}

/// The old id is closed as soon as the store is back.
#[tokio::test]
async fn an_old_id_that_could_not_be_closed_is_closed_later() {
    let app = App::builder().sealed_store().start().await;
    let (node, _ended) = telling(&app).await;
    let browser = app.signed_in().await;
    let old = browser.copy();
    // The lease and the new session.
    app.store().fail_writes_after(2);
    assert_eq!(node.serve(&browser).fetch("/cycle").await.status, 200);
    app.store().fail(Fails::Nothing);
    let closed = until(async || old.copy().fetch("/api/me").await.status == 401);
    app.ticking(closed).await;
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

/// Until then it takes what requests with the old cookie save on other nodes: that moves along.
#[tokio::test]
async fn what_was_saved_to_an_old_id_before_it_was_closed_is_not_lost() {
    let app = App::builder().sealed_store().start().await;
    let (node, other) = (cycling(&app).await, cycling(&app).await);
    let browser = node.serve(&app.signed_in().await);
    let old = browser.copy();
    app.store().fail_writes_after(2);
    assert_eq!(browser.fetch("/cycle").await.status, 200);
    app.store().fail(Fails::Nothing);
    let there = other.serve(&old);
    assert_eq!(there.fetch("/set").await.status, 200, "it is not closed yet");
    // The trace alone: what is left to do is done at the next try.
    app.store().fail_writes_after(2);
    app.later(1);
    node_rests(&app).await;
    app.store().fail(Fails::Nothing);
    let closed = until(async || old.copy().fetch("/api/me").await.status == 401);
    app.ticking(closed).await;
    let moved = until(async || browser.fetch("/read").await.text() == "Some(1)");
    app.ticking(moved).await;
}

async fn node_rests(app: &App) {
    let mut before = u64::MAX;
    while app.store().writes() != before {
        before = app.store().writes();
        pause().await;
    }
}

/// Its task holds on to the new tokens until the deadline: whoever asks meanwhile is told soon.
#[tokio::test]
async fn a_move_does_not_wait_for_a_refresh_that_can_not_save() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app).await;
    let browser = node.serve(&app.signed_in().await);
    app.later(300);
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    let stuck = async {
        until(async || app.calls().refresh == 1).await;
        app.store().fail(Fails::Writes);
        app.later(1);
    };
    let tab = browser.copy();
    let refresh = async { app.ticking(tab.fetch("/api/token")).await };
    assert_eq!(tokio::join!(refresh, stuck).0.status, 503);
    let before = app.clock.now();
    assert_eq!(app.ticking(browser.fetch("/cycle")).await.status, 503);
    assert!(app.clock.now().seconds_since(before) < 120);
    app.store().fail(Fails::Nothing);
    app.ticking(access_token(&browser)).await;
    assert_eq!(app.calls().refresh, 1, "the tokens were not lost");
}

/// The node that receives the logout has the session in use, with tokens that the other has refreshed since.
#[tokio::test]
async fn a_logout_revokes_the_newest_token() {
    let app = App::builder().sealed_store().start().await;
    let (go, wait) = mpsc::unbounded_channel::<()>();
    let wait = Arc::new(tokio::sync::Mutex::new(wait));
    let slow = async move |_: AuthSession| wait.lock().await.recv().await.unwrap();
    let node = app.node_with(|auth| auth, move |router| router.route("/slow", get(slow))).await;
    let browser = app.signed_in().await;
    let (there, at_login) = (node.serve(&browser), app.op.issued_values());
    app.later(300);
    let meanwhile = async {
        pause().await;
        access_token(&browser).await;
        assert_eq!(node.auth.end_sessions_of("ada").await.unwrap(), 1);
        node.settled().await;
        go.send(()).unwrap();
    };
    tokio::join!(there.fetch("/slow"), meanwhile);
    let revoked = app.op.revoked_tokens();
    assert_eq!(revoked.len(), 1);
    assert!(!at_login.contains(&revoked[0]));
}

/// One end, one call of the hook, one token revoked: also where the session has moved since the cookie was sent.
#[tokio::test]
async fn a_logout_that_follows_a_moved_session_tells_once_and_revokes() {
    let app = App::builder().sealed_store().start().await;
    let (node, mut ended) = telling(&app).await;
    let there = node.serve(&app.signed_in().await);
    let old = there.copy();
    assert_eq!(there.fetch("/cycle").await.status, 200);
    assert_eq!(old.submit("/auth/logout").await.status, 303);
    node.settled().await;
    assert_eq!(ended.try_recv(), Ok("logged_out"));
    assert!(ended.try_recv().is_err());
    assert_eq!(app.calls().revocation, 1);
    assert_eq!(there.fetch("/api/me").await.status, 401);
}

/// A handler that runs for long on one node, while the user works on another: the idle limit is looked up.
#[tokio::test]
async fn a_long_request_is_not_idle_while_the_session_is_used_elsewhere() {
    let idle = |auth: axum_oidc_session::OidcAuthBuilder| auth.idle_limit(Duration::from_secs(100));
    let app = App::builder().sealed_store().configure(idle).start().await;
    let slow = async |session: AuthSession| {
        SystemClock.sleep(Duration::from_millis(300)).await;
        session.access_token().await.map(|_| "token")
    };
    let node = app.node_with(idle, move |router| router.route("/slow", get(slow))).await;
    let browser = app.signed_in().await;
    let there = node.serve(&browser);
    let used_elsewhere = async {
        pause().await;
        for _ in 0..3 {
            app.later(60);
            assert_eq!(browser.fetch("/api/me").await.status, 200);
        }
    };
    let reply = tokio::join!(there.fetch("/slow"), used_elsewhere).0;
    assert_eq!(reply.text(), "token");
}

/// A node whose clock is a little ahead ends a session; the others tell its users the same reason.
#[tokio::test]
async fn an_end_by_a_clock_that_is_ahead_is_no_logout_elsewhere() {
    let app = App::builder().sealed_store().start().await;
    let ahead = ManualClock::at(app.clock.now().seconds() + 3);
    let node = app.node_on(&ahead, |auth| auth, |router| router).await;
    let browser = app.signed_in().await;
    crate::layer::hold_cookies(&browser);
    let (elsewhere, spare) = (node.serve(&browser.copy()), browser.copy());
    app.later(3_568);
    ahead.advance(Duration::from_secs(3_568));
    assert_eq!(elsewhere.fetch("/api/me").await.json()["reason"], "ceiling");
    node.settled().await;
    assert!(app.store().stored().is_empty());
    assert_eq!(spare.fetch("/api/me").await.json()["reason"], "ceiling");
}
