//! The coalesced touch: the idle limit rolls, and nothing else is written (ceiling rule 12).

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::dev_provider::SessionExpiryMode;
use tokio::sync::Notify;

use super::{hold_cookies, stores};
use crate::support::{App, NOW};

#[tokio::test]
async fn an_unchanged_request_writes_nothing_and_asks_once() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.later(59);
    let (reads, writes) = (app.store().reads(), app.store().writes());
    for _ in 0..10 {
        let reply = browser.fetch("/api/me").await;
        assert_eq!((reply.status, reply.set_cookies().len()), (200, 0));
    }
    assert_eq!((app.store().reads() - reads, app.store().writes() - writes), (10, 0));
}

#[tokio::test]
async fn one_touch_an_interval_which_renews_the_cookies() {
    for builder in stores() {
        let limit = |auth: axum_oidc_session::OidcAuthBuilder| {
            auth.idle_limit(Duration::from_secs(3_000)).absolute_limit(Duration::from_secs(9_000))
        };
        let app = builder.configure(limit).start().await;
        app.op.set_session_expiry(SessionExpiryMode::Absent);
        let browser = app.signed_in().await;
        app.later(60);
        let before = app.store.as_ref().map(|store| (store.writes(), store.stored().remove(0)));
        let replies = [browser.fetch("/api/me").await, browser.fetch("/api/me").await];
        let session = replies[0].set_cookie("app").unwrap();
        assert_eq!((Some(session.value), session.max_age), (browser.cookie("app"), Some(3_000)));
        let marker = replies[0].set_cookie("app_m").unwrap();
        assert_eq!(marker.max_age, Some(3_600));
        assert!(replies[1].set_cookies().is_empty());
        assert_eq!(replies[0].json()["session_expires_at"], NOW + 60 + 3_000);
        if let (Some(store), Some((writes, before))) = (&app.store, before) {
            assert_eq!(store.writes() - writes, 1);
            let stored = &store.stored()[0];
            assert_ne!(stored.listing.summary, before.listing.summary, "the last use is in it");
            assert_eq!(stored.expires_at.seconds(), NOW + 60 + 3_000);
            assert_eq!(stored.auth.version, 1, "a touch is outside the version");
        }
    }
}

#[tokio::test]
async fn a_touch_never_moves_the_end_past_the_ceiling() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(3_000);
        let reply = browser.fetch("/api/me").await;
        assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(570));
        assert_eq!(reply.set_cookie("app_m").unwrap().max_age, Some(1_170));
        assert_eq!(reply.json()["session_expires_at"], NOW + 3_570);
        if let Some(store) = &app.store {
            assert_eq!(store.stored()[0].expires_at.seconds(), NOW + 3_570);
        }
    }
}

#[tokio::test]
async fn the_store_keeps_a_session_until_its_deadline_from_the_start() {
    let app = App::builder().sealed_store().start().await;
    app.signed_in().await;
    assert_eq!(app.store().stored()[0].expires_at.seconds(), NOW + 3_570);
}

#[tokio::test]
async fn a_last_use_in_the_future_is_corrected() {
    for builder in stores() {
        let configured = builder.configure(|auth| auth.idle_limit(Duration::from_secs(1_000)));
        let app = configured.start().await;
        let browser = app.signed_in().await;
        app.clock.step(500);
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        app.clock.step(-500);
        assert_eq!(browser.fetch("/api/me").await.json()["session_expires_at"], NOW + 1_000);
        assert!(browser.fetch("/api/me").await.set_cookies().is_empty(), "every request touches");
    }
}

#[tokio::test]
async fn a_late_response_does_not_bring_the_cookie_of_an_ended_session_back() {
    for builder in stores() {
        let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, wait) = (Arc::clone(&entered), Arc::clone(&go_on));
        let app = builder
            .assemble(move |auth, router| {
                let slow = async move || {
                    told.notify_one();
                    wait.notified().await;
                };
                router.route("/slow", get(slow)).layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        app.later(60);
        let tab = browser.copy();
        let slow = async {
            entered.notified().await;
            assert_eq!(browser.submit("/auth/logout").await.status, 303);
            go_on.notify_one();
        };
        let (reply, ()) = tokio::join!(tab.fetch("/slow"), slow);
        assert_eq!((reply.status, reply.set_cookies()), (200, Vec::new()));
    }
}
