//! Several requests at once, and saves that come too late.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use axum_oidc_session::ApplicationDataError;
use axum_oidc_session::tower_sessions::Session;
use tokio::sync::{Barrier, Notify};

use super::{command, with_data, with_routes};
use crate::layer::stores;
use crate::support::Fails;

#[tokio::test]
async fn concurrent_saves_are_merged_by_key() {
    let all_loaded = Arc::new(Barrier::new(5));
    for builder in with_data(async move |session: Session, request: Request| {
        let command = command(&request).to_owned();
        if command == "all" {
            let mut found = Vec::new();
            for key in ["0", "1", "2", "3", "4"] {
                found.push(session.get::<String>(key).await.unwrap().unwrap_or_default());
            }
            return found.join(",");
        }
        session.get_value("loads the record").await.unwrap();
        all_loaded.wait().await;
        session.insert(&command, &command).await.unwrap();
        String::new()
    }) {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let tabs = (0..5).map(|index| {
            let tab = browser.copy();
            async move { tab.fetch(&format!("/app?{index}")).await.status }
        });
        assert_eq!(futures_util::future::join_all(tabs).await, [200; 5]);
        assert_eq!(browser.fetch("/app?all").await.text(), "0,1,2,3,4");
    }
}

#[tokio::test]
async fn a_save_to_a_session_that_is_gone_is_an_error_and_makes_nothing() {
    for builder in stores() {
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, wait) = (Arc::clone(&entered), Arc::clone(&go_on));
        let slow = async move |session: Session| {
            session.insert("n", 1).await.unwrap();
            told.notify_one();
            wait.notified().await;
            session.save().await.unwrap_err().to_string()
        };
        let app = with_routes(builder, Router::new().route("/app", get(slow))).start().await;
        let browser = app.signed_in().await;
        let tab = browser.copy();
        let logout = async {
            entered.notified().await;
            assert_eq!(browser.submit("/auth/logout").await.status, 303);
            go_on.notify_one();
        };
        let (reply, ()) = tokio::join!(tab.fetch("/app"), logout);
        assert!(reply.text().contains("session_gone"), "{}", reply.text());
        assert!(reply.set_cookies().is_empty(), "the old cookie must not come back");
        assert_eq!(tab.fetch("/api/me").await.json()["reason"], "revoked");
        if let Some(store) = &app.store {
            assert!(store.stored().is_empty());
        }
    }
}

#[tokio::test]
async fn a_save_that_the_store_refuses_is_503_and_the_session_lives() {
    let [_, sealed] = with_data(async |session: Session| session.insert("n", 1).await.unwrap());
    let app = sealed.start().await;
    let browser = app.signed_in().await;
    app.store().fail(Fails::Writes);
    assert_eq!(browser.fetch("/app").await.refusal(), (503, "store_unavailable".to_owned()));
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/app").await.status, 200);
}

#[tokio::test]
async fn data_follow_a_login_of_the_same_user_and_no_logout() {
    for builder in with_data(async |session: Session, request: Request| {
        if command(&request) == "set" {
            session.insert("n", 1).await.unwrap();
        }
        format!("{:?}", session.get::<i32>("n").await.unwrap())
    }) {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        assert_eq!(browser.fetch("/app?set").await.text(), "Some(1)");
        browser.sign_in().await;
        assert_eq!(browser.fetch("/app").await.text(), "Some(1)");
        browser.submit("/auth/logout").await;
        browser.sign_in().await;
        assert_eq!(browser.fetch("/app").await.text(), "None");
    }
}

#[test]
fn the_errors_have_stable_texts() {
    let all = [
        (ApplicationDataError::SessionGone, "session_gone"),
        (ApplicationDataError::Stale, "session_data_stale"),
        (ApplicationDataError::StoreUnavailable, "store_unavailable"),
    ];
    all.into_iter().for_each(|(error, text)| assert_eq!(error.to_string(), text));
}
