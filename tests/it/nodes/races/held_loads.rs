//! A session that was read from the store before its end, or a change, was answered, and that comes into use afterwards.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum_oidc_session::dev_provider::{LogoutSubject, SessionExpiryMode};
use axum_oidc_session::{AccessTokenError, AuthSession};
use tokio::sync::Notify;

use crate::support::{App, Browser, CLIENT_ID, Gate, Node, Reply, SealedTestStore, SteeredStore};

/// The store of both nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of one process alone.
    Exclusive,
    Shared,
    /// Shared, and nobody hears of anything.
    Mute,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Logout,
    TokenBySid,
    TokenBySub,
    Application,
    AnotherLogin,
}

const ENDS: [End; 5] =
    [End::Logout, End::TokenBySid, End::TokenBySub, End::Application, End::AnotherLogin];

struct Scene {
    app: App,
    other: Option<Node>,
    gate: Gate,
    /// Lets the handler of `/judged` look at its session.
    look: Arc<Notify>,
    browser: Browser,
}

impl Scene {
    async fn new(kind: Kind) -> Self {
        let (gate, look) = (Gate::default(), Arc::new(Notify::new()));
        let app = App::builder().sealed_store();
        let clock = axum_oidc_session::clock::ManualClock::at(crate::support::NOW);
        let sealed = SealedTestStore::new(clock.clone());
        if kind == Kind::Mute {
            sealed.have_no_events();
        }
        let here = if kind == Kind::Exclusive { sealed.exclusive() } else { sealed.clone() };
        let here = SteeredStore::new(Arc::new(here), &gate, 0);
        let looks = Arc::clone(&look);
        let app = app
            .on_clock(clock)
            .configure(move |auth| auth.store(here))
            .assemble(move |auth, router| {
                let judged = async move |session: AuthSession| judged(session, &looks).await;
                router.route("/judged", get(judged)).layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        let other = match kind {
            Kind::Exclusive => None,
            _ => {
                let there = SteeredStore::new(Arc::new(sealed), &gate, 1);
                Some(app.node(move |auth| auth.store(there)).await)
            }
        };
        let browser = app.browser();
        assert_eq!(browser.sign_in().await.status, 303);
        Self { app, other, gate, look, browser }
    }

    /// What a request gets whose load the store answers before `meanwhile`, and whose handler looks at its session `seconds` after.
    async fn overtaken(&self, meanwhile: impl Future<Output = ()>, seconds: u64) -> Reply {
        let mut load = self.gate.hold_load(0);
        let tab = self.browser.copy();
        let request = tab.fetch("/judged");
        let others = async {
            load.reached().await;
            meanwhile.await;
            load.release();
            self.app.later(seconds);
            self.look.notify_one();
        };
        tokio::join!(request, others).0
    }

    /// Ends the session, on the first node or the other.
    async fn end(&self, end: End, elsewhere: bool) {
        let copy = self.browser.copy();
        let (browser, auth) = match &self.other {
            Some(other) if elsewhere => (other.serve(&copy), &other.auth),
            _ => (copy, &self.app.auth),
        };
        match end {
            End::Logout => assert_eq!(browser.submit("/auth/logout").await.status, 303),
            End::TokenBySid => {
                let sid = self.app.op.sessions("ada").pop().unwrap();
                self.logout_token(&browser, &LogoutSubject::Sid(sid)).await;
            }
            End::TokenBySub => {
                self.logout_token(&browser, &LogoutSubject::Sub("ada".to_owned())).await;
            }
            End::Application => assert_eq!(auth.end_sessions_of("ada").await.unwrap(), 1),
            End::AnotherLogin => {
                let here = browser.at(&self.app.origin);
                let callback = here.until_callback("/auth/login?again=1").await;
                let path = callback.strip_prefix(&self.app.origin).unwrap();
                assert_eq!(browser.navigate(path).await.status, 303);
            }
        }
    }

    async fn logout_token(&self, browser: &Browser, subject: &LogoutSubject) {
        let token = self.app.op.logout_token(CLIENT_ID, subject).unwrap();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("logout_token={token}");
        let reply = browser.send("POST", "/auth/backchannel-logout", &form, &body).await;
        assert_eq!(reply.status, 200);
    }
}

async fn judged(session: AuthSession, look: &Notify) -> Result<Response, AccessTokenError> {
    look.notified().await;
    session.check().await?;
    // Before the tokens, for which the store may be asked again.
    let ends = session.expires_at().seconds();
    session.access_token().await?;
    Ok(ends.to_string().into_response())
}

#[tokio::test]
async fn a_session_that_ends_while_it_is_loaded_is_not_admitted() {
    for kind in [Kind::Exclusive, Kind::Shared, Kind::Mute] {
        for end in ENDS {
            let scene = Scene::new(kind).await;
            let reply = scene.overtaken(scene.end(end, false), 0).await;
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{kind:?} {end:?}");
        }
    }
}

/// The load is asked and answered between the question and the answer of the deletion: it is still one of before the end. (A
/// login deletes nothing.)
#[tokio::test]
async fn a_session_that_is_loaded_in_the_middle_of_its_end_is_not_admitted() {
    for kind in [Kind::Exclusive, Kind::Shared, Kind::Mute] {
        for end in &ENDS[..4] {
            let scene = Scene::new(kind).await;
            let (tab, answered) = (scene.browser.copy(), Notify::new());
            let mut delete = scene.gate.hold_delete(0);
            let ending = async {
                scene.end(*end, false).await;
                answered.notify_one();
            };
            let request = async {
                delete.reached().await;
                let mut load = scene.gate.hold_load(0);
                let others = async {
                    load.reached().await;
                    delete.release();
                    answered.notified().await;
                    load.release();
                    scene.look.notify_one();
                };
                tokio::join!(tab.fetch("/judged"), others).0
            };
            let (reply, ()) = tokio::join!(request, ending);
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{kind:?} {end:?}");
        }
    }
}

/// It may be admitted, since its request came first: then its end is known within 2 s.
#[tokio::test]
async fn an_end_elsewhere_is_known_2_s_after_a_held_load() {
    for kind in [Kind::Shared, Kind::Mute] {
        for end in ENDS {
            let scene = Scene::new(kind).await;
            let reply = scene.overtaken(scene.end(end, true), 2).await;
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{kind:?} {end:?}");
        }
    }
}

#[tokio::test]
async fn a_ceiling_that_is_lowered_while_it_is_loaded_holds() {
    for kind in [Kind::Exclusive, Kind::Shared, Kind::Mute] {
        let scene = Scene::new(kind).await;
        // So soon that no use is due to be noted: noting it would find the newer version.
        scene.app.later(2);
        let lower = SessionExpiryMode::AfterIssue(Duration::from_secs(100));
        scene.app.op.set_refresh_session_expiry(Some(lower));
        let tab = scene.browser.copy();
        let lowered = async {
            assert_eq!(tab.post("/api/refresh").await.status, 200);
        };
        let reply = scene.overtaken(lowered, 0).await;
        let ends = crate::support::NOW + 2 + 100 - 30;
        assert_eq!(reply.text(), ends.to_string(), "{kind:?}");
    }
}
