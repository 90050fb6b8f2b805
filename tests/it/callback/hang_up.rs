//! A client that hangs up in the middle of its callback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum_oidc_session::LoginDecision;
use tokio::sync::Notify;

use crate::support::{App, until};

#[tokio::test]
async fn nobody_there_to_take_the_session_ends_the_new_one_and_keeps_the_old() {
    let (asked, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (logins, ask, wait) = (AtomicUsize::new(0), Arc::clone(&asked), Arc::clone(&answer));
    let app = App::builder()
        .sealed_store()
        .configure(move |auth| {
            auth.after_login(move |_| {
                let is_second = logins.fetch_add(1, Ordering::Relaxed) == 1;
                let (ask, wait) = (Arc::clone(&ask), Arc::clone(&wait));
                async move {
                    if is_second {
                        ask.notify_one();
                        wait.notified().await;
                    }
                    LoginDecision::Accept
                }
            })
        })
        .start()
        .await;
    let browser = app.signed_in().await;
    let callback = browser.until_callback("/auth/login").await;
    let tab = browser.copy();
    tokio::select! {
        _ = tab.navigate(&callback) => panic!("it hung up"),
        () = asked.notified() => {}
    }
    // The server notices the closed connection before the hook answers.
    drop(tab);
    browser.fetch("/api/me").await;
    answer.notify_one();
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1, "the new session's refresh token");
    assert_eq!(app.store().stored().len(), 1, "the new session is not kept");
    assert_eq!(browser.fetch("/api/me").await.status, 200, "the old one lives");
}

#[tokio::test]
async fn nobody_there_any_more_when_the_old_session_gives_way_leaves_neither_half_way() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let callback = browser.until_callback("/auth/login").await;
    let (tab, writes) = (browser.copy(), app.store().writes());
    app.store().answer_slowly(Duration::from_millis(100));
    tokio::select! {
        _ = tab.navigate(&callback) => panic!("it hung up"),
        // The lease is taken, the attempt is used, the new session is there, and the old one is about to be replaced by a trace.
        () = until(async || app.store().writes() >= writes + 4) => {}
    }
    drop(tab);
    app.store().answer_slowly(Duration::ZERO);
    until(async || browser.copy().fetch("/api/me").await.status == 401).await;
    app.settled().await;
    assert_eq!(app.store().stored().len(), 0, "nobody has the new one's cookie");
    assert_eq!(app.op.revoked_tokens().len(), 1, "the new session's refresh token");
}
