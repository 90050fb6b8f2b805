//! Streams on one node, and what other nodes do to their session.

use std::time::Duration;

use axum_oidc_session::clock::Clock as _;
use axum_oidc_session::dev_provider::{LogoutSubject, SessionExpiryMode};
use axum_oidc_session::{OidcAuthBuilder, Store};

use super::{open, opened, routes, streaming};
use crate::support::{App, CLIENT_ID, End, Fails, pause};

/// What is stated: 2 s, and a little for the work.
const BOUND: i64 = 3;

#[tokio::test]
async fn an_end_on_another_node_is_heard_at_once() {
    let app = streaming(App::builder().sealed_store()).start().await;
    let node = app.node(|auth| auth).await;
    let (browser, mut stream) = opened(&app).await;
    assert!(stream.goes_on().await);
    let before = app.clock.now();
    assert_eq!(node.serve(&browser).submit("/auth/logout").await.status, 303);
    assert_eq!(stream.end().await, End::Clean);
    assert_eq!(app.clock.now(), before);
}

#[tokio::test]
async fn a_logout_token_on_another_node_ends_it() {
    let app = streaming(App::builder().sealed_store()).start().await;
    let node = app.node_with(|auth| auth, super::routes).await;
    let browser = app.signed_in().await;
    let mut stream = open(&node.serve(&browser), &node.origin).await;
    let token = app.op.logout_token(CLIENT_ID, &LogoutSubject::Sub("ada".to_owned())).unwrap();
    assert_eq!(app.op.send_logout_token(CLIENT_ID, &token).await.unwrap().status(), 200);
    assert_eq!(stream.end().await, End::Clean);
}

/// The store has no events: the sessions that are waited for are looked at.
#[tokio::test]
async fn without_events_it_is_known_within_the_bound() {
    let app = streaming(App::builder().sealed_store()).start().await;
    app.store().have_no_events();
    let node = app.node(|auth| auth).await;
    let (browser, mut stream) = opened(&app).await;
    assert!(stream.goes_on().await);
    let before = app.clock.now();
    assert_eq!(app.ticking(node.serve(&browser).submit("/auth/logout")).await.status, 303);
    assert_eq!(app.ticking(stream.end()).await, End::Clean);
    assert!(app.clock.now().seconds_since(before) <= BOUND);
}

/// Whatever was missed: once events are heard again, all that are waited for are looked at.
#[tokio::test]
async fn an_end_that_was_missed_is_found_when_events_are_heard_again() {
    let app = streaming(App::builder().sealed_store()).start().await;
    let node = app.node(|auth| auth).await;
    let (browser, mut stream) = opened(&app).await;
    app.store().hold_events_back();
    assert_eq!(node.serve(&browser).submit("/auth/logout").await.status, 303);
    assert!(stream.goes_on().await);
    app.store().lose_listeners();
    let before = app.clock.now();
    assert_eq!(app.ticking(stream.end()).await, End::Clean);
    assert!(app.clock.now().seconds_since(before) <= BOUND);
}

#[tokio::test]
async fn a_store_that_fails_ends_no_stream_before_the_deadline() {
    let app = streaming(App::builder().sealed_store()).start().await;
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(60)));
    let (_browser, mut stream) = opened(&app).await;
    app.store().fail(Fails::Everything);
    app.store().lose_listeners();
    for _ in 0..29 {
        app.later(1);
        pause().await;
    }
    assert!(stream.goes_on().await);
    app.later(1);
    assert_eq!(stream.end().await, End::Clean, "the deadline counts all the same");
}

/// A refresh on another node may lower the ceiling.
#[tokio::test]
async fn a_ceiling_that_is_lowered_elsewhere_counts() {
    let app = streaming(App::builder().sealed_store()).start().await;
    let node = app.node(|auth| auth).await;
    let (browser, mut stream) = opened(&app).await;
    app.later(300);
    app.op.set_refresh_session_expiry(Some(SessionExpiryMode::AfterIssue(Duration::from_secs(40))));
    assert_eq!(node.serve(&browser).fetch("/api/token").await.status, 200);
    app.ticking(pause()).await;
    let before = app.clock.now();
    assert!(app.ticking(stream.goes_on()).await);
    assert_eq!(app.ticking(stream.end()).await, End::Clean);
    let lasted = app.clock.now().seconds_since(before);
    assert!((8..=11).contains(&lasted), "{lasted}");
}

#[tokio::test]
async fn a_use_elsewhere_keeps_it_going() {
    let idle = |auth: OidcAuthBuilder| auth.idle_limit(Duration::from_secs(100));
    let app = streaming(App::builder().sealed_store()).configure(idle).start().await;
    let node = app.node(idle).await;
    let (browser, mut stream) = opened(&app).await;
    let there = node.serve(&browser);
    for _ in 0..3 {
        app.later(60);
        assert_eq!(there.fetch("/api/me").await.status, 200);
        // Frames come while the store is being asked.
        app.store().fetch_slowly(Duration::from_millis(100));
        assert!(stream.goes_on().await, "{}", stream.text());
        app.store().fetch_slowly(Duration::ZERO);
    }
    app.later(100);
    assert_eq!(stream.end().await, End::Clean);
}

/// Nobody else can end it: there is nothing to listen to.
#[tokio::test]
async fn a_store_that_one_process_has_alone_ends_its_streams_as_well() {
    let app = streaming(App::builder().sealed_store()).start().await;
    let store = Store::from(app.store().exclusive());
    let alone = app.node_with(|auth| auth.store(store), routes).await;
    for logs_out in [true, false] {
        let browser = alone.serve(&app.signed_in().await);
        let mut stream = open(&browser, &alone.origin).await;
        assert!(stream.goes_on().await);
        if logs_out {
            assert!(alone.auth.end_sessions_of("ada").await.unwrap() >= 1);
            app.later(1);
        } else {
            app.later(4 * 86_400);
        }
        assert_eq!(stream.end().await, End::Clean);
    }
}

#[tokio::test]
async fn two_revocations_at_once_end_it_once() {
    let app = streaming(App::builder().sealed_store()).start().await;
    let (_browser, mut stream) = opened(&app).await;
    app.store().answer_slowly(Duration::from_millis(50));
    let ends = || app.auth.end_sessions_of("ada");
    let (first, second) = tokio::join!(ends(), ends());
    assert_eq!(first.unwrap() + second.unwrap(), 1);
    assert_eq!(stream.end().await, End::Clean);
}
