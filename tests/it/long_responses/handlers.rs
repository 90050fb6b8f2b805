//! The end of the session in the application's own loops and tasks.

use std::sync::Arc;
use std::time::Duration;

use axum::routing::get;
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::spawn::{Spawn as _, TokioSpawner};
use axum_oidc_session::{AuthSession, EndReason};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::layer::stores;
use crate::support::{App, AppBuilder, pause};

/// An application whose `/task` waits for the end, in a task and in the handler.
async fn waiting(builder: AppBuilder) -> (App, UnboundedReceiver<EndReason>) {
    let (sender, ended) = mpsc::unbounded_channel();
    let task = async move |session: AuthSession| {
        let waits = session.ended();
        TokioSpawner.spawn(Box::pin(async move { sender.send(waits.await).unwrap() }));
        "begun"
    };
    let app = builder.assemble(move |auth, router| {
        router.route("/task", get(task.clone())).layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(330)));
    (app, ended)
}

#[tokio::test]
async fn the_end_is_told_with_its_reason() {
    for builder in stores() {
        let (app, mut ended) = waiting(builder).await;
        for reason in [EndReason::Ceiling, EndReason::LoggedOut, EndReason::EndedByApplication] {
            let browser = app.signed_in().await;
            assert_eq!(browser.fetch("/task").await.status, 200);
            pause().await;
            assert!(ended.try_recv().is_err());
            match reason {
                EndReason::Ceiling => app.later(300),
                EndReason::LoggedOut => drop(browser.submit("/auth/logout").await),
                _ => assert_eq!(app.auth.end_sessions_of("ada").await.unwrap(), 1),
            }
            assert_eq!(ended.recv().await, Some(reason));
        }
    }
}

#[tokio::test]
async fn work_runs_until_it_is_done_or_the_session_has_ended() {
    let (go, wait) = mpsc::unbounded_channel::<()>();
    let wait = Arc::new(tokio::sync::Mutex::new(wait));
    let work = async move |session: AuthSession| {
        let work = async { wait.lock().await.recv().await };
        match session.run_until_ended(work).await {
            Ok(_) => "done".to_owned(),
            Err(reason) => {
                let refused = session.check().await.unwrap_err().code();
                format!("{reason}, {refused}")
            }
        }
    };
    let app = App::builder().assemble(move |auth, router| {
        router.route("/work", get(work.clone())).layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(330)));
    let browser = app.signed_in().await;
    go.send(()).unwrap();
    assert_eq!(browser.fetch("/work").await.text(), "done");
    let ends = async {
        pause().await;
        app.later(300);
    };
    let (reply, ()) = tokio::join!(browser.fetch("/work"), ends);
    assert_eq!(reply.text(), "ceiling, session_expired");
}
