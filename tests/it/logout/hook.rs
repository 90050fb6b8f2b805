//! The application is told of each end, once, and why.

use std::time::Duration;

use axum_oidc_session::SessionEnded;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::layer::{hold_cookies, stores};
use crate::support::{App, AppBuilder, NOW};

fn told(builder: AppBuilder) -> (AppBuilder, UnboundedReceiver<SessionEnded>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let builder = builder.configure(move |auth| {
        auth.on_session_ended(move |ended| {
            let sender = sender.clone();
            async move { sender.send(ended).unwrap() }
        })
    });
    (builder, receiver)
}

async fn codes(app: &App, ended: &mut UnboundedReceiver<SessionEnded>) -> Vec<&'static str> {
    app.settled().await;
    std::iter::from_fn(|| ended.try_recv().ok()).map(|ended| ended.reason.code()).collect()
}

#[tokio::test]
async fn of_a_logout_once() {
    for builder in stores() {
        let (builder, mut ended) = told(builder);
        let app = builder.start().await;
        let browser = app.signed_in().await;
        browser.submit("/auth/logout").await;
        browser.submit("/auth/logout").await;
        app.settled().await;
        let event = ended.try_recv().unwrap();
        assert_eq!((event.reason.code(), &*event.subject), ("logged_out", "ada"));
        assert_eq!(event.noticed_at.seconds(), NOW);
        assert!(event.sid.is_some());
        assert!(ended.try_recv().is_err());
    }
}

#[tokio::test]
async fn of_a_new_login_in_the_same_browser() {
    for builder in stores() {
        let (builder, mut ended) = told(builder);
        let app = builder.start().await;
        let browser = app.signed_in().await;
        browser.sign_in().await;
        assert_eq!(codes(&app, &mut ended).await, ["replaced"]);
        assert_eq!(app.calls().revocation, 0, "it may be the grant that the new one lives on");
    }
}

/// Of a session whose time had come, and that a login is the first to meet.
#[tokio::test]
async fn of_a_limit_that_a_new_login_meets() {
    for (next, revoked) in [("ada", 0), ("bob", 1)] {
        let (builder, mut ended) = told(App::builder());
        let idle = Duration::from_secs(100);
        let app = builder.configure(move |auth| auth.idle_limit(idle)).start().await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        app.later(100);
        app.op.authorize_as(next);
        assert_eq!(browser.sign_in().await.status, 303);
        assert_eq!(codes(&app, &mut ended).await, ["idle_limit"]);
        assert_eq!(app.calls().revocation, revoked, "what the same user granted stays");
    }
}

#[tokio::test]
async fn of_each_limit_that_a_request_meets() {
    for (code, seconds) in [("ceiling", 3_570), ("idle_limit", 100), ("absolute_limit", 200)] {
        let (builder, mut ended) = told(App::builder());
        let app = builder
            .configure(move |auth| match code {
                "idle_limit" => auth.idle_limit(Duration::from_secs(seconds)),
                "absolute_limit" => auth.absolute_limit(Duration::from_secs(seconds)),
                _ => auth,
            })
            .start()
            .await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        app.later(seconds);
        let tabs = [browser.copy(), browser.copy(), browser];
        let asked = tabs.iter().map(|tab| tab.fetch("/api/me"));
        futures_util::future::join_all(asked).await;
        assert_eq!(codes(&app, &mut ended).await, [code]);
        assert_eq!(app.calls().revocation, 1);
    }
}

#[tokio::test]
async fn a_hook_that_panics_harms_nobody() {
    let app = App::builder()
        .configure(|auth| auth.on_session_ended(|_| async { panic!("the application's") }))
        .start()
        .await;
    let browser = app.signed_in().await;
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    app.settled().await;
    assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
}
