//! One refresh for all nodes.

use std::collections::HashSet;
use std::time::Duration;

use axum_oidc_session::HttpClientSettings;
use axum_oidc_session::dev_provider::{Endpoint, LogoutSubject};
use futures_util::future::join_all;

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
    use axum_oidc_session::AuthSession;
    use axum_oidc_session::tower_sessions::Session;
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    app.node_with(
        |auth| auth.application_data(true),
        move |router| router.route("/cycle", axum::routing::get(cycle)),
    )
    .await
}
