//! Handlers whose session ends while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::{AuthSession, OidcAuth};
use tokio::sync::Notify;

use crate::layer::stores;
use crate::support::{App, AppBuilder, Browser, pause};

struct Slow {
    app: App,
    go: Arc<Notify>,
    dropped: Arc<AtomicBool>,
}

/// Set when a handler is dropped before its time.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

async fn slow(builder: AppBuilder, cancel: bool) -> Slow {
    let (go, dropped) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
    let (wait, drops) = (Arc::clone(&go), Arc::clone(&dropped));
    let handler = async move |session: AuthSession| {
        let dropped = Dropped(Arc::clone(&drops));
        wait.notified().await;
        std::mem::forget(dropped);
        let token = session.access_token().await;
        token.map(|_| "a token").map_err(|error| error.code()).unwrap_or_else(|code| code)
    };
    let leaving = async |session: AuthSession| {
        session.end().await.unwrap();
        pause().await;
        "left"
    };
    let app = builder.assemble(move |auth: &OidcAuth, router: Router| {
        let layer = if cancel { auth.layer().cancel_at_deadline() } else { auth.layer() };
        let router = router.route("/slow", get(handler.clone()).post(handler));
        router.route("/leave", post(leaving)).layer(layer).merge(auth.routes())
    });
    let app = app.start().await;
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(330)));
    Slow { app, go, dropped }
}

async fn crossing<T>(app: &App, request: impl Future<Output = T>, go: Option<&Notify>) -> T {
    let ends = async {
        pause().await;
        app.later(300);
        pause().await;
        if let Some(go) = go {
            go.notify_one();
        }
    };
    tokio::join!(request, ends).0
}

#[tokio::test]
async fn by_default_a_handler_runs_on_and_gets_no_token() {
    for builder in stores() {
        let slow = slow(builder, false).await;
        let browser = slow.app.signed_in().await;
        let reply = crossing(&slow.app, browser.fetch("/slow"), Some(&slow.go)).await;
        assert_eq!((reply.status, reply.text()), (200, "session_expired".to_owned()));
        assert!(!slow.dropped.load(Ordering::SeqCst));
    }
}

#[tokio::test]
async fn by_option_it_is_cut_off_and_the_request_refused() {
    for builder in stores() {
        let slow = slow(builder, true).await;
        let browser: Browser = slow.app.signed_in().await;
        let reply = crossing(&slow.app, browser.fetch("/slow"), None).await;
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(reply.json()["reason"], "ceiling");
        assert!(slow.dropped.load(Ordering::SeqCst));
        assert!(browser.cookie("app").is_none(), "the cookie is removed on that very response");
        // A form is never repeated behind the user's back.
        let browser = slow.app.signed_in().await;
        let reply = crossing(&slow.app, browser.submit("/slow"), None).await;
        assert_eq!((reply.status, reply.text().contains("<html")), (401, true));
    }
}

#[tokio::test]
async fn a_handler_that_ended_the_session_itself_is_not_cut_off() {
    for builder in stores() {
        let slow = slow(builder, true).await;
        let browser = slow.app.signed_in().await;
        assert_eq!(browser.post("/leave").await.text(), "left");
        assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
    }
}
