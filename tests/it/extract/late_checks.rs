//! A middleware between the layer and the handler waits, and the session ends in the meantime: nothing hands it out any longer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use axum_oidc_session::tower_sessions::Session;
use axum_oidc_session::{
    AuthSession, Require, RequireClaims, SessionRequirement, SessionStatus, SessionWith,
    require_authentication, require_claims, require_login,
};
use tokio::sync::{Notify, Semaphore};

use crate::layer::stores;
use crate::support::{App, AppBuilder, Browser, Fails, pause};

struct Ada;

impl Require for Ada {
    fn requirement() -> impl SessionRequirement {
        require_claims().equals("sub", "ada")
    }
}

/// Each route hands the session out in another way, and answers with `live` where it does.
fn routes() -> Router {
    let live = async || "live";
    let status = async |status: SessionStatus| match status {
        SessionStatus::Live(_) => "live",
        SessionStatus::Ended(_) => "ended",
        SessionStatus::Absent => "absent",
    };
    let optional = async |session: Option<AuthSession>| session.map_or("none", |_| "live");
    let data = async |session: Session| match session.get::<i32>("n").await {
        Ok(_) => "live",
        Err(_) => "refused",
    };
    let save = async |session: Session| match session.insert("n", 1).await {
        Ok(()) if session.save().await.is_ok() => "live",
        _ => "refused",
    };
    Router::new()
        .route("/required", get(async |_: AuthSession| "live"))
        .route("/optional", get(optional))
        .route("/status", get(status))
        .route("/with", get(async |_: SessionWith<Ada>| "live"))
        .route("/data", get(data))
        .route("/save", get(save))
        .merge(Router::new().route("/login", get(live)).route_layer(require_login()))
        .merge(Router::new().route("/claims", get(live)).route_layer(Ada::requirement_layer()))
        .merge(
            Router::new()
                .route("/authentication", get(live))
                .route_layer(require_authentication().max_age(Duration::from_secs(10_000))),
        )
}

impl Ada {
    fn requirement_layer() -> RequireClaims {
        require_claims().equals("sub", "ada")
    }
}

const PATHS: [&str; 9] = [
    "/required",
    "/optional",
    "/status",
    "/with",
    "/data",
    "/save",
    "/login",
    "/claims",
    "/authentication",
];

/// The middleware: a request that has come waits until it may go on.
#[derive(Clone)]
struct Door {
    came: Arc<Notify>,
    open: Arc<Semaphore>,
}

impl Door {
    fn new() -> Self {
        Self { came: Arc::default(), open: Arc::new(Semaphore::new(0)) }
    }

    async fn app(&self, builder: AppBuilder) -> App {
        let door = self.clone();
        builder
            .configure(|auth| auth.application_data(true))
            .assemble(move |auth, router| {
                let waits = from_fn(move |request: Request, next: Next| {
                    let door = door.clone();
                    async move {
                        door.came.notify_one();
                        door.open.acquire().await.unwrap().forget();
                        next.run(request).await
                    }
                });
                router.merge(routes().layer(waits)).layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await
    }

    /// A request that waits while `meanwhile` happens.
    async fn late(
        &self,
        browser: &Browser,
        path: &str,
        meanwhile: impl Future<Output = ()>,
    ) -> crate::support::Reply {
        let others = async {
            self.came.notified().await;
            meanwhile.await;
            self.open.add_permits(1);
        };
        tokio::join!(browser.fetch(path), others).0
    }
}

#[tokio::test]
async fn a_deadline_that_comes_in_between_is_met() {
    for builder in stores() {
        let door = Door::new();
        let app = door.app(builder).await;
        for path in PATHS {
            let browser = app.signed_in().await;
            let live = door.late(&browser, path, async {}).await;
            assert_eq!((live.status, live.text()), (200, "live".to_owned()), "{path}");
            let late = door.late(&browser, path, async { app.later(3_570) }).await;
            assert_ne!(late.text(), "live", "{path}");
        }
    }
}

#[tokio::test]
async fn a_logout_that_comes_in_between_is_met() {
    for builder in stores() {
        let door = Door::new();
        let app = door.app(builder).await;
        for path in PATHS {
            let browser = app.signed_in().await;
            let copy = browser.copy();
            let logout = async { drop(copy.submit("/auth/logout").await) };
            let late = door.late(&browser, path, logout).await;
            assert_ne!(late.text(), "live", "{path}");
        }
    }
}

/// Nobody hears of it: the store is asked.
#[tokio::test]
async fn a_logout_elsewhere_is_met_after_2_s() {
    let door = Door::new();
    let app = door.app(App::builder().sealed_store()).await;
    app.store().have_no_events();
    let node = app.node(|auth| auth).await;
    for path in PATHS {
        let browser = app.signed_in().await;
        let there = node.serve(&browser.copy());
        let logout = async {
            assert_eq!(there.submit("/auth/logout").await.status, 303);
            app.later(2);
        };
        let late = door.late(&browser, path, logout).await;
        assert_ne!(late.text(), "live", "{path}");
    }
}

/// A store that has to be asked and fails makes nobody anonymous, and signs nobody out.
#[tokio::test]
async fn a_store_that_fails_in_between_is_503() {
    let door = Door::new();
    let app = door.app(App::builder().sealed_store()).await;
    app.store().have_no_events();
    for path in PATHS {
        let browser = app.signed_in().await;
        let outage = async {
            app.later(2);
            app.store().fail(Fails::Everything);
        };
        let late = door.late(&browser, path, outage).await;
        app.store().fail(Fails::Nothing);
        match path {
            "/data" | "/save" => assert_ne!(late.text(), "live", "{path}"),
            _ => assert_eq!(late.refusal(), (503, "store_unavailable".to_owned()), "{path}"),
        }
        assert_eq!(browser.fetch("/api/me").await.status, 200, "{path}");
    }
}

/// An application whose sessions are idle after 600 s.
async fn idle_app(door: &Door) -> App {
    let idle = Duration::from_secs(600);
    door.app(App::builder().sealed_store().configure(move |auth| auth.idle_limit(idle))).await
}

/// Uses are no events: another node's is known to the store alone.
#[tokio::test]
async fn an_idle_limit_that_was_postponed_elsewhere_is_none() {
    let door = Door::new();
    let app = idle_app(&door).await;
    let node = app.node(|auth| auth).await;
    for path in PATHS {
        let browser = app.signed_in().await;
        let there = node.serve(&browser.copy());
        let used = async {
            app.later(300);
            assert_eq!(there.fetch("/api/me").await.status, 200);
            app.later(400);
            pause().await;
        };
        let late = door.late(&browser, path, used).await;
        assert_eq!((late.status, late.text()), (200, "live".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn an_idle_limit_that_nobody_can_confirm_signs_nobody_out() {
    let door = Door::new();
    let app = idle_app(&door).await;
    for path in PATHS {
        let browser = app.signed_in().await;
        let outage = async {
            app.later(700);
            pause().await;
            app.store().fail(Fails::Everything);
        };
        let late = door.late(&browser, path, outage).await;
        app.store().fail(Fails::Nothing);
        match path {
            "/data" | "/save" => assert_ne!(late.text(), "live", "{path}"),
            _ => assert_eq!(late.refusal(), (503, "store_unavailable".to_owned()), "{path}"),
        }
    }
}
