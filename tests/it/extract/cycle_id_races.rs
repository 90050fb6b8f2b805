//! `cycle_id` beside everything else that happens to a session.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum_oidc_session::AuthSession;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::tower_sessions::{Expiry, Session};
use time::OffsetDateTime;
use tokio::sync::{Barrier, Notify};

use super::{command, with_data};
use crate::support::{Fails, NOW};

#[tokio::test]
async fn of_two_at_once_one_moves_and_nobody_is_signed_out() {
    for (store, builder) in with_data({
        let barrier = Arc::new(Barrier::new(2));
        async move |session: Session| {
            barrier.wait().await;
            session.cycle_id().await.unwrap();
            barrier.wait().await;
        }
    })
    .into_iter()
    .enumerate()
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let (one, two) = tokio::join!(browser.fetch("/app"), browser.fetch("/app"));
        for reply in [one, two] {
            assert!(reply.cookie_changes().1.is_empty(), "store {store}: a cookie was removed");
        }
    }
}

#[tokio::test]
async fn a_move_that_fails_is_no_logout() {
    let [_, sealed] = with_data(async |session: Session| session.cycle_id().await.unwrap());
    let app = sealed.start().await;
    let browser = app.signed_in().await;
    app.store().fail(Fails::Inserts);
    assert_eq!(browser.fetch("/app").await.status, 503);
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
}

#[tokio::test]
async fn a_client_that_hangs_up_stays_signed_in() {
    for (store, builder) in with_data({
        let cycled = Arc::new(Notify::new());
        async move |session: Session, request: Request| {
            if command(&request) == "wait" {
                cycled.notified().await;
                return;
            }
            session.cycle_id().await.unwrap();
            cycled.notify_one();
            SystemClock.sleep(Duration::from_secs(60)).await;
        }
    })
    .into_iter()
    .enumerate()
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let tab = browser.copy();
        let waiter = browser.copy();
        tokio::select! {
            _ = tab.fetch("/app") => panic!("it hung up"),
            _ = waiter.fetch("/app?wait") => {}
        }
        app.settled().await;
        assert_eq!(browser.fetch("/api/me").await.status, 200, "store {store}");
    }
}

#[tokio::test]
async fn an_expiry_set_with_it_holds() {
    for (store, builder) in with_data(async |session: Session| {
        session.cycle_id().await.unwrap();
        session.set_expiry(Some(Expiry::AtDateTime(
            OffsetDateTime::from_unix_timestamp(NOW + 100).unwrap(),
        )));
    })
    .into_iter()
    .enumerate()
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        browser.fetch("/app").await;
        let at = browser.fetch("/api/me").await.json()["session_expires_at"].as_i64().unwrap();
        assert_eq!(at, NOW + 100, "store {store}");
    }
}

#[tokio::test]
async fn a_flush_after_it_is_a_logout() {
    for (store, builder) in with_data(async |session: Session| {
        session.insert("cart", 1).await.unwrap();
        session.save().await.unwrap();
        session.cycle_id().await.unwrap();
        session.flush().await.unwrap();
    })
    .into_iter()
    .enumerate()
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        browser.fetch("/app").await;
        assert_eq!(browser.fetch("/api/me").await.status, 401, "store {store}: flush is a logout");
    }
}

#[tokio::test]
async fn a_logout_that_was_answered_ends_what_moved_meanwhile() {
    for (store, builder) in with_data({
        let (rotated, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        async move |session: Session, request: Request| match command(&request) {
            "wait" => rotated.notified().await,
            "go" => go.notify_one(),
            _ => {
                session.cycle_id().await.unwrap();
                session.save().await.unwrap();
                rotated.notify_one();
                go.notified().await;
            }
        }
    })
    .into_iter()
    .enumerate()
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let (tab, old, helper) = (browser.clone(), browser.copy(), app.signed_in().await);
        let rotating = async { tab.fetch("/app").await };
        let logging_out = async {
            helper.fetch("/app?wait").await;
            let reply = old.post("/auth/logout").await;
            assert_eq!(reply.status, 200);
            helper.fetch("/app?go").await;
        };
        tokio::join!(rotating, logging_out);
        assert_eq!(
            browser.fetch("/api/me").await.status,
            401,
            "store {store}: logout was answered"
        );
    }
}

#[tokio::test]
async fn the_application_ends_what_it_moved() {
    for (store, builder) in with_data(async |session: Session, auth: AuthSession| {
        session.cycle_id().await.unwrap();
        session.save().await.unwrap();
        let token = auth.access_token().await;
        format!("{:?} {:?}", auth.end().await.is_ok(), token.err())
    })
    .into_iter()
    .enumerate()
    {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let text = browser.fetch("/app").await.text();
        assert_eq!(browser.fetch("/api/me").await.status, 401, "store {store}: end() said {text}");
    }
}
