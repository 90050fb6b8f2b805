//! A session that moves to a new id on one node, while requests with the old one arrive at another.

use axum::routing::get;
use axum_oidc_session::AuthSession;
use axum_oidc_session::tower_sessions::Session;

use super::two;
use crate::support::{App, Node};

/// A node whose `/cycle` moves the session, and whose `/set` and `/read` are for data of the application's.
pub(super) async fn cycling(app: &App) -> Node {
    let cycle = async |session: Session, _: AuthSession| session.cycle_id().await.unwrap();
    let set = async |session: Session, _: AuthSession| session.insert("n", 1).await.unwrap();
    let read = async |session: Session, _: AuthSession| {
        format!("{:?}", session.get::<i32>("n").await.unwrap())
    };
    app.node_with(
        |auth| auth.application_data(true),
        move |router| {
            router.route("/cycle", get(cycle)).route("/set", get(set)).route("/read", get(read))
        },
    )
    .await
}

/// The old cookie opens nothing, but its request must not take the new one from the browser.
#[tokio::test]
async fn a_request_that_was_under_way_does_not_sign_the_browser_out() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app).await;
    let browser = app.signed_in().await;
    let late = browser.copy();
    assert_eq!(node.serve(&browser).fetch("/cycle").await.status, 200);
    assert_ne!(browser.cookie("app"), late.cookie("app"));
    let reply = late.fetch("/api/me").await;
    assert_eq!(reply.status, 401);
    assert!(reply.set_cookies().is_empty(), "{:?}", reply.set_cookies());
    assert_eq!(late.fetch("/auth/session").await.json()["authenticated"], false);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

/// The same for a session that another login in the same browser has replaced.
#[tokio::test]
async fn a_request_of_the_session_before_does_not_sign_the_browser_out() {
    let (app, node) = two().await;
    let browser = app.signed_in().await;
    let late = browser.copy();
    assert_eq!(browser.sign_in().await.status, 303);
    let reply = node.serve(&late).fetch("/api/me").await;
    assert_eq!(reply.status, 401);
    assert!(reply.set_cookies().is_empty(), "{:?}", reply.set_cookies());
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

/// The answer that brings the new cookie is not there yet when the user signs out with the old one, on the other node.
#[tokio::test]
async fn a_logout_with_the_old_cookie_follows_the_session() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app).await;
    let browser = app.signed_in().await;
    let late = browser.copy();
    assert_eq!(node.serve(&browser).fetch("/cycle").await.status, 200);
    assert_eq!(late.submit("/auth/logout").await.status, 303);
    for node in [&browser, &node.serve(&browser)] {
        assert_eq!(node.copy().fetch("/api/me").await.json()["reason"], "revoked");
    }
    assert!(app.store().stored().is_empty());
}

#[tokio::test]
async fn what_the_application_saves_moves_along() {
    let app = App::builder().sealed_store().start().await;
    let node = cycling(&app).await;
    let browser = node.serve(&app.signed_in().await);
    assert_eq!(browser.fetch("/set").await.status, 200);
    let late = browser.copy();
    assert_eq!(browser.fetch("/cycle").await.status, 200);
    assert_eq!(browser.fetch("/read").await.text(), "Some(1)");
    assert_eq!(late.fetch("/set").await.status, 401);
}
