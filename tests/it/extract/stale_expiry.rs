//! A save of application data leaves the record's expiry alone.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum_oidc_session::dev_provider::SessionExpiryMode as Mode;
use axum_oidc_session::tower_sessions::Session;
use tokio::sync::Notify;

use super::{command, with_data};
use crate::support::NOW;

#[tokio::test]
async fn a_slow_request_does_not_move_it_past_a_lowered_ceiling() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let [_, sealed] =
        with_data(async move |session: Session, request: Request| match command(&request) {
            "wait" => begun.notified().await,
            "go" => go.notify_one(),
            _ => {
                session.insert("n", 1).await.unwrap();
                begun.notify_one();
                go.notified().await;
            }
        });
    let app = sealed.start().await;
    app.op.set_access_token_lifetime(Duration::from_secs(50));
    app.op.set_refresh_session_expiry(Some(Mode::At(NOW + 2_000)));
    let browser = app.signed_in().await;
    let helper = browser.copy();
    app.later(50);
    let slow = browser.fetch("/app");
    let other = async {
        helper.fetch("/app?wait").await;
        assert_eq!(helper.fetch("/api/token").await.status, 200);
        assert_eq!(app.store().stored()[0].expires_at.seconds(), NOW + 1_970);
        helper.fetch("/app?go").await;
    };
    tokio::join!(slow, other);
    assert_eq!(app.store().stored()[0].expires_at.seconds(), NOW + 1_970);
}
