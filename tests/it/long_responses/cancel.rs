//! Handlers whose session ends while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{AuthSession, OidcAuth, OidcAuthBuilder};
use tokio::sync::Notify;

use crate::layer::stores;
use crate::support::{App, AppBuilder, Browser, Fails, pause, soon, until};

struct Slow {
    app: App,
    go: Arc<Notify>,
    dropped: Arc<AtomicBool>,
    /// The session has moved to a new id.
    moved: Arc<AtomicBool>,
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
    let wait = Arc::clone(&go);
    let patient = async move |_: AuthSession| {
        wait.notified().await;
        "done"
    };
    let moved = Arc::new(AtomicBool::new(false));
    let tells = Arc::clone(&moved);
    let cycle = async move |session: Session, _: AuthSession| {
        session.cycle_id().await.unwrap();
        tells.store(true, Ordering::SeqCst);
    };
    let app = builder.assemble(move |auth: &OidcAuth, router: Router| {
        let layer = if cancel { auth.layer().cancel_at_deadline() } else { auth.layer() };
        let router = router.route("/slow", get(handler.clone()).post(handler));
        let router = router.route("/cycle", get(cycle)).route("/patient", get(patient));
        router.route("/leave", post(leaving)).layer(layer).merge(auth.routes())
    });
    let app = app.start().await;
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(330)));
    Slow { app, go, dropped, moved }
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

/// Another node has used it: a store that can't say so signs nobody out.
#[tokio::test]
async fn an_idle_end_that_the_store_does_not_confirm_ends_nothing() {
    let idle = |auth: OidcAuthBuilder| auth.idle_limit(Duration::from_secs(200));
    let slow = slow(App::builder().sealed_store().configure(idle), true).await;
    let node = slow.app.node_with(idle, |router| router).await;
    let browser = slow.app.signed_in().await;
    let elsewhere = node.serve(&browser);
    let ends = async {
        pause().await;
        slow.app.later(100);
        assert_eq!(elsewhere.fetch("/api/me").await.status, 200);
        slow.app.store().fail(Fails::Fetches);
        slow.app.later(100);
    };
    let (reply, ()) = tokio::join!(browser.fetch("/slow"), ends);
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    slow.app.store().fail(Fails::Nothing);
    assert_eq!(elsewhere.fetch("/api/me").await.status, 200, "the session goes on");
    assert_eq!(slow.app.op.revoked_tokens().len(), 0);
}

/// The handler may hold what the store waits for.
#[tokio::test]
async fn a_handler_runs_while_the_store_is_asked_and_is_dropped_before_the_session_ends() {
    let idle = |auth: OidcAuthBuilder| auth.idle_limit(Duration::from_secs(200));
    let slow = slow(App::builder().sealed_store().configure(idle), true).await;
    let browser = slow.app.signed_in().await;
    let ends = async {
        pause().await;
        slow.app.store().hang();
        slow.app.later(200);
        pause().await;
        // The first question is given up, the second hangs.
        slow.app.later(10);
        pause().await;
        slow.go.notify_one();
    };
    let answered = async { tokio::join!(browser.fetch("/patient"), ends).0 };
    let reply = soon(answered).await;
    assert_eq!((reply.status, reply.text()), (200, "done".to_owned()));

    slow.app.store().fail(Fails::Nothing);
    slow.app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(130)));
    let browser = slow.app.signed_in().await;
    let ends = async {
        pause().await;
        slow.app.store().hang();
        slow.app.later(100);
        until(async || slow.dropped.load(Ordering::SeqCst)).await;
        slow.app.store().fail(Fails::Nothing);
        // What hangs is given up.
        slow.app.later(10);
    };
    let (reply, ()) = tokio::join!(browser.fetch("/slow"), ends);
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
}

/// The session that ends is the one under its new id.
#[tokio::test]
async fn a_session_that_moved_meanwhile_is_ended_where_it_is() {
    for (builder, revoked) in stores().into_iter().zip([1, 0]) {
        let slow = slow(builder.configure(|auth| auth.application_data(true)), true).await;
        let browser = slow.app.signed_in().await;
        let moves = async {
            pause().await;
            assert_eq!(browser.copy().fetch("/cycle").await.status, 200);
        };
        let request = async { tokio::join!(browser.fetch("/slow"), moves).0 };
        let ends = async {
            until(async || slow.moved.load(Ordering::SeqCst)).await;
            pause().await;
            slow.app.later(300);
        };
        let (reply, ()) = tokio::join!(request, ends);
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        // The other store has let its record run out.
        until(async || slow.app.op.revoked_tokens().len() == revoked).await;
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
