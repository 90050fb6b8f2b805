//! One refresh for all nodes.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum_oidc_session::dev_provider::{Endpoint, Fault, LogoutSubject, TokenFault};
use axum_oidc_session::{AuthSession, HttpClientSettings};
use futures_util::future::join_all;
use tokio::sync::Notify;

use super::two;
use crate::support::{App, Browser, CLIENT_ID, Node, Reply, pause, until};

async fn access_token(browser: &Browser) -> String {
    let reply = browser.fetch("/api/token").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_requests_on_two_nodes_make_one_refresh() {
    let (app, node) = two().await;
    let browser = app.signed_in().await;
    let old = access_token(&browser).await;
    app.later(300);
    let on = [browser.clone(), node.serve(&browser)];
    let all = join_all((0..40).map(|number| access_token(&on[number % 2])));
    let tokens: HashSet<String> = app.ticking(all).await.into_iter().collect();
    assert_eq!((tokens.len(), app.calls().refresh), (1, 1));
    assert!(!tokens.contains(&old));
}

/// Longer than a lease lasts: it is renewed while the provider takes its time.
#[tokio::test]
async fn a_slow_provider_is_asked_once() {
    let patient = |auth: axum_oidc_session::OidcAuthBuilder| {
        auth.http_client(HttpClientSettings::default().timeout(Duration::from_secs(60)))
    };
    let app = App::builder().sealed_store().configure(patient).start().await;
    let node = app.node(patient).await;
    let browser = app.signed_in().await;
    let there = node.serve(&browser);
    app.later(300);
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(25));
    let passes = async {
        until(async || app.calls().refresh == 1).await;
        for _ in 0..30 {
            app.later(1);
            pause().await;
        }
    };
    let (one, two, ()) = tokio::join!(access_token(&browser), access_token(&there), passes);
    assert_eq!((one, app.calls().refresh), (two, 1));
}

/// A node that has not asked the provider for anything yet waits for its metadata first, and then looks at the session.
#[tokio::test]
async fn a_session_that_ends_while_the_metadata_come_is_not_refreshed() {
    for is_over in ["a logout", "the deadline"] {
        let (app, node) = two().await;
        let browser = app.signed_in().await;
        let there = node.serve(&browser);
        app.later(3_565);
        // The idle limit is a day; the ceiling's last seconds have begun.
        let asked = app.op.requests(Endpoint::Discovery);
        app.op.set_delay(Endpoint::Discovery, Duration::from_secs(6));
        let ends = async {
            until(async || app.op.requests(Endpoint::Discovery) > asked).await;
            match is_over {
                "a logout" => assert_eq!(browser.copy().submit("/auth/logout").await.status, 303),
                _ => app.later(5),
            }
            app.later(6);
        };
        let (reply, ()) = tokio::join!(there.fetch("/api/token"), ends);
        node.settled().await;
        assert_eq!((reply.status, reply.code()), (401, "session_expired".to_owned()), "{is_over}");
        assert_eq!(app.calls().refresh, 0, "{is_over}");
    }
}

/// Asks `asks` for the access token; `meanwhile` happens when the refresh has been sent and is not answered.
pub(super) async fn during_refresh(
    app: &App,
    asks: &Browser,
    meanwhile: impl AsyncFnOnce(),
) -> Reply {
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    let before = app.calls().refresh;
    let held = async {
        until(async || app.calls().refresh > before).await;
        meanwhile().await;
        app.later(1);
    };
    let reply = tokio::join!(asks.fetch("/api/token"), held).0;
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
    reply
}

async fn log_out_at_provider(app: &App) {
    let by_sub = LogoutSubject::Sub("ada".to_owned());
    let token = app.op.logout_token(CLIENT_ID, &by_sub).unwrap();
    assert_eq!(app.op.send_logout_token(CLIENT_ID, &token).await.unwrap().status(), 200);
}

/// The refresh is under way on the other node when the first receives the logout.
#[tokio::test]
async fn a_logout_during_the_refresh_leaves_the_session_dead_and_its_new_token_revoked() {
    let (app, node) = two().await;
    let browser = app.signed_in().await;
    app.later(300);
    let there = node.serve(&browser);
    let reply = during_refresh(&app, &there, async || log_out_at_provider(&app).await).await;
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
    node.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1, "the refresh token that came too late");
    for browser in [&browser, &there] {
        assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
    }
    assert!(app.store().stored().is_empty());
}

/// A node that moves the session to a new id waits for the other's refresh: no rotated token is lost.
#[tokio::test]
async fn a_move_waits_for_the_refresh_of_another_node() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app).await;
    let browser = app.signed_in().await;
    app.later(300);
    let there = node.serve(&browser);
    let here = browser.copy();
    let mut moved = None;
    let reply = during_refresh(&app, &here, async || {
        let cycle = there.fetch("/cycle");
        let ahead = async {
            pause().await;
            app.later(1);
        };
        moved = Some(app.ticking(async { tokio::join!(cycle, ahead).0 }).await);
    })
    .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(moved.unwrap().status, 200);
    app.later(300);
    access_token(&there).await;
    assert_eq!(app.calls().refresh, 2, "with the rotated token");
}

async fn cycling(app: &App) -> Node {
    use axum_oidc_session::tower_sessions::Session;
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    app.node_with(
        |auth| auth.application_data(true),
        move |router| router.route("/cycle", axum::routing::get(cycle)),
    )
    .await
}

/// Both have sent the refresh token; one is refused, and then the other's answer comes. Who was refused and runs on finds its
/// tokens.
#[tokio::test]
async fn a_handler_that_was_refused_finds_the_tokens_of_a_late_answer() {
    let app = App::builder().sealed_store().start().await;
    let (refused, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tells, waits) = (Arc::clone(&refused), Arc::clone(&go));
    let twice = async move |session: AuthSession| {
        let first = session.access_token().await.map(drop).map_err(|error| error.code());
        tells.notify_one();
        waits.notified().await;
        format!("{first:?} {:?}", session.access_token().await.is_ok())
    };
    let add = |router: axum::Router| router.route("/twice", axum::routing::get(twice));
    let node = app.node_with(|auth| auth, add).await;
    let browser = app.signed_in().await;
    let there = node.serve(&browser);
    app.later(300);
    let second = async {
        until(async || app.calls().refresh == 1).await;
        app.store().drop_locks();
        app.op.set_delay(Endpoint::TokenRefreshToken, Duration::ZERO);
        app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
        let late = async {
            refused.notified().await;
            app.op.set_fault(None);
            app.later(1);
            until(async || app.calls().refresh == 2).await;
            app.settled().await;
            go.notify_one();
        };
        tokio::join!(there.fetch("/twice"), late).0
    };
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(1));
    let (first, second) = tokio::join!(browser.fetch("/api/token"), second);
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(second.text(), r#"Err("refresh_rejected") true"#);
    assert_eq!(app.calls().refresh, 2);
}
