//! What ends, moves or shortens a session from inside a handler: `flush`, `delete`, `cycle_id`, `set_expiry`.

use std::sync::Arc;

use axum::extract::Request;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::tower_sessions::{Expiry, Session};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Notify;

use super::{command, with_data};
use crate::logout::assert_signed_out;
use crate::support::{Fails, NOW, until};

#[tokio::test]
async fn flush_and_delete_are_a_local_logout() {
    for how in ["flush", "delete", "read_flush", "delete_insert", "flush_insert", "cycle_flush"] {
        for builder in with_data(async |session: Session, request: Request| {
            let insert = async || session.insert("n", 1).await.unwrap();
            match command(&request) {
                "flush" => session.flush().await.unwrap(),
                "delete" => session.delete().await.unwrap(),
                "read_flush" => {
                    insert().await;
                    session.flush().await.unwrap();
                }
                "delete_insert" => {
                    session.delete().await.unwrap();
                    insert().await;
                }
                "flush_insert" => {
                    session.flush().await.unwrap();
                    insert().await;
                    let error = session.save().await.unwrap_err();
                    assert!(error.to_string().contains("session_gone"), "{error}");
                }
                _ => {
                    session.cycle_id().await.unwrap();
                    session.save().await.unwrap();
                    session.flush().await.unwrap();
                }
            }
        }) {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let spare = browser.copy();
            let reply = browser.fetch(&format!("/app?{how}")).await;
            assert_eq!(reply.status, 200, "{how}");
            assert_signed_out(&reply, how);
            assert_eq!(browser.bindings(), Vec::<String>::new(), "{how}: a login can be finished");
            assert_eq!(browser.fetch("/api/me").await.code(), "login_required", "{how}");
            assert_eq!(spare.fetch("/api/me").await.json()["reason"], "revoked", "{how}");
            app.settled().await;
            assert_eq!(app.calls().revocation, 1, "{how}");
            if let Some(store) = &app.store {
                assert!(store.stored().is_empty(), "{how}");
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_undo_a_flush() {
    let flushed = Arc::new(Notify::new());
    let told = Arc::clone(&flushed);
    for builder in with_data(async move |session: Session| {
        session.flush().await.unwrap();
        told.notify_one();
        SystemClock.sleep(Duration::from_secs(60)).await;
    }) {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let tab = browser.copy();
        tokio::select! {
            _ = tab.fetch("/app") => panic!("it hung up"),
            () = flushed.notified() => {}
        }
        until(async || browser.copy().fetch("/api/me").await.status == 401).await;
    }
}

#[tokio::test]
async fn a_flush_that_the_store_refuses_removes_the_cookies_anyway() {
    let [_, sealed] = with_data(async |session: Session| session.flush().await.unwrap());
    let app = sealed.start().await;
    let browser = app.signed_in().await;
    app.store().fail(Fails::Deletes);
    let elsewhere = browser.copy();
    let reply = browser.fetch("/app").await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert!(reply.text().contains("may live on elsewhere"), "{}", reply.text());
    assert_signed_out(&reply, "the store fails");
    assert_eq!(browser.bindings(), Vec::<String>::new());
    app.store().fail(Fails::Nothing);
    app.settled().await;
    assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
    assert_eq!(elsewhere.fetch("/api/me").await.status, 200, "it was not ended");
}

#[tokio::test]
async fn cycle_id_moves_the_session_to_a_new_cookie_and_the_old_one_is_dead() {
    for how in ["", "save", "twice"] {
        for builder in with_data(async |session: Session, request: Request| {
            if command(&request) == "get" {
                return format!("{:?}", session.get::<i32>("n").await.unwrap());
            }
            session.insert("n", 1).await.unwrap();
            session.cycle_id().await.unwrap();
            match command(&request) {
                "save" => {
                    session.save().await.unwrap();
                    session.insert("n", 2).await.unwrap();
                }
                "twice" => {
                    session.save().await.unwrap();
                    session.cycle_id().await.unwrap();
                }
                _ => {}
            }
            String::new()
        }) {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let (before, old) = (browser.fetch("/api/me").await.text(), browser.copy());
            let reply = browser.fetch(&format!("/app?{how}")).await;
            assert_eq!(
                (reply.status, reply.set_cookie("app").unwrap().max_age),
                (200, Some(3_570))
            );
            assert_ne!(browser.cookie("app"), old.cookie("app"));
            assert_eq!(browser.fetch("/api/me").await.text(), before, "all but the id stays");
            let n = if how == "save" { "Some(2)" } else { "Some(1)" };
            assert_eq!(browser.fetch("/app?get").await.text(), n, "{how}");
            assert_eq!(old.fetch("/api/me").await.json()["reason"], "revoked");
            assert_eq!(browser.fetch("/api/token").await.status, 200);
            app.settled().await;
            assert_eq!(app.calls().revocation, 0, "its tokens moved with it");
            if let Some(store) = &app.store {
                assert_eq!(store.stored().len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn set_expiry_only_shortens() {
    let at =
        |seconds: i64| Expiry::AtDateTime(OffsetDateTime::from_unix_timestamp(seconds).unwrap());
    for builder in with_data(async move |session: Session, request: Request| {
        session.set_expiry(match command(&request) {
            "later" => Some(at(NOW + 9_999)),
            "inactivity" => Some(Expiry::OnInactivity(time::Duration::days(9_999))),
            "earlier" => Some(at(NOW + 100)),
            _ => Some(at(NOW + 200)),
        });
    }) {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let deadline =
            async || browser.fetch("/api/me").await.json()["session_expires_at"].as_i64().unwrap();
        for later in ["later", "inactivity"] {
            assert_eq!(browser.fetch(&format!("/app?{later}")).await.status, 200);
            assert_eq!(deadline().await, NOW + 3_570, "{later}");
        }
        let reply = browser.fetch("/app?earlier").await;
        assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(100));
        assert_eq!(deadline().await, NOW + 100);
        browser.fetch("/app?back").await;
        assert_eq!(deadline().await, NOW + 100);
        app.later(100);
        assert_eq!(browser.fetch("/api/me").await.json()["reason"], "absolute");
    }
}
