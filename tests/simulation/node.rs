//! A node: the application with its own clock, tasks, randomness and ways to store and provider; it dies and begins anew.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use axum_oidc_session::{
    AccessTokenError, AuthSession, HttpClientSettings, KeyRing, MemoryStore, OidcAuth,
    SessionStatus, SigningAlgorithm,
};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use crate::chance::Chance;
use crate::executor::{Owner, Sim, TaskId, lock};
use crate::ports::{NodeClock, NodeSpawner};
use crate::provider::{APP, CLIENT_ID, ISSUER, Network, Provider, SECRET};
use crate::store::{Server, SimStore};
use crate::truth::{Asked, Truth, View};
use crate::weather::Weather;

/// How sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nodes share a store and ask it at each request.
    Shared,
    /// The same, and it does not tell them of changes.
    Mute,
    /// Nodes share a store and keep sessions in memory, until they hear of a change.
    Push,
    /// One node has the store for itself.
    Exclusive,
    /// One node keeps sessions in memory.
    Memory,
}

/// What all nodes share.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    pub(crate) truth: Truth,
    pub(crate) provider: Provider,
    pub(crate) server: Server,
    pub(crate) mode: Mode,
}

/// Clones are the same node.
#[derive(Clone)]
pub(crate) struct Node(Arc<Inner>);

struct Inner {
    world: World,
    number: usize,
    clock: NodeClock,
    life: Mutex<Life>,
}

struct Life {
    number: u32,
    router: Option<Router>,
}

/// What a handler knows.
#[derive(Clone)]
struct App {
    sim: Sim,
    chance: Chance,
    truth: Truth,
    clock: NodeClock,
}

impl Node {
    pub(crate) fn new(world: &World, number: usize, wrong_by: i64) -> Self {
        let clock = NodeClock::new(&world.sim, wrong_by);
        let life = Mutex::new(Life { number: 0, router: None });
        let node = Self(Arc::new(Inner { world: world.clone(), number, clock, life }));
        node.begin();
        node
    }

    pub(crate) fn number(&self) -> usize {
        self.0.number
    }

    /// What it may go by from now on.
    pub(crate) fn view(&self) -> View {
        View { node: self.0.number, since: self.0.world.sim.now() }
    }

    pub(crate) fn clock(&self) -> &NodeClock {
        &self.0.clock
    }

    /// Its tasks are gone, wherever they were, and so is its memory.
    pub(crate) fn die(&self) {
        let (owner, router) = {
            let mut life = lock(&self.0.life);
            (Owner::Node(self.0.number, life.number), life.router.take())
        };
        self.0.world.truth.died(owner);
        self.0.world.sim.kill(owner);
        drop(router);
    }

    /// Its machine is suspended: nothing of it runs, and its monotonic clock stands still.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let World { sim, truth, .. } = &self.0.world;
        let owner = || Owner::Node(self.0.number, lock(&self.0.life).number);
        truth.falls_asleep(owner());
        sim.suspend(self.0.number);
        sim.sleep(duration).await;
        self.0.clock.has_slept(duration);
        truth.wakes(owner());
        sim.resume(self.0.number);
    }

    pub(crate) fn begin(&self) {
        let mut life = lock(&self.0.life);
        life.number += 1;
        let owner = Owner::Node(self.0.number, life.number);
        life.router = Some(self.router(owner));
    }

    /// Serves a request in a task of the node's own: to be cancelled if the client hangs up. `None`: there is nobody.
    pub(crate) fn serve(&self, request: Request) -> Option<(TaskId, oneshot::Receiver<Response>)> {
        let life = lock(&self.0.life);
        let (router, owner) = (life.router.clone()?, Owner::Node(self.0.number, life.number));
        drop(life);
        let (sender, response) = oneshot::channel();
        let task = self.0.world.sim.spawn(owner, async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let _ = sender.send(response);
        });
        Some((task, response))
    }

    /// A task that dies with the node, such as the writing of a response.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> TaskId {
        let owner = Owner::Node(self.0.number, lock(&self.0.life).number);
        self.0.world.sim.spawn(owner, task)
    }

    fn router(&self, owner: Owner) -> Router {
        let World { sim, chance, weather, truth, provider, server, mode } = &self.0.world;
        let clock = &self.0.clock;
        let network = Network {
            provider: provider.clone(),
            weather: weather.clone(),
            truth: truth.clone(),
            owner,
            clock: clock.clone(),
        };
        let node = self.0.number;
        let store = SimStore {
            node,
            server: server.clone(),
            sim: sim.clone(),
            chance: Chance::new(chance.next()),
            weather: weather.clone(),
            truth: truth.clone(),
            is_exclusive: *mode == Mode::Exclusive,
            is_mute: *mode == Mode::Mute,
        };
        let told = truth.clone();
        let builder = OidcAuth::builder(ISSUER, CLIENT_ID)
            .client_secret(SECRET)
            .offline_access()
            .base_url(APP)
            .cookie_name("app")
            .cookie_keys(KeyRing::from_base64(KEY).expect("a key"))
            .id_token_signing_alg(SigningAlgorithm::Es256)
            .idle_limit(Duration::from_secs(IDLE.unsigned_abs()))
            .absolute_limit(Duration::from_secs(ABSOLUTE.unsigned_abs()))
            .http_client(HttpClientSettings::default().insecure_client(Arc::new(network)))
            .clock(Arc::new(clock.clone()))
            .insecure_random(Arc::new(Chance::new(chance.next())))
            .spawner(Arc::new(NodeSpawner { sim: sim.clone(), owner }))
            .push_invalidation(*mode == Mode::Push)
            .on_event(move |event| told.told(node, event));
        let builder = match mode {
            Mode::Memory => builder.store(MemoryStore::default()),
            _ => builder.store(store),
        };
        let auth = builder.build().expect("the settings are right");
        let app = App {
            sim: sim.clone(),
            chance: Chance::new(chance.next()),
            truth: truth.clone(),
            clock: clock.clone(),
        };
        Router::new()
            .route("/me", get(me))
            .route("/act", post(me))
            .route("/token", get(token))
            .route("/slow", get(slow))
            .route("/patient", get(patient).layer(from_fn_with_state(app.clone(), dawdle)))
            .route("/stream", get(ticks))
            .with_state(app)
            .layer(auth.layer())
            .merge(auth.routes())
    }
}

async fn me(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    session: AuthSession,
) -> Json<Value> {
    app.truth.served(&app.clock, &asked, &session);
    Json(json!({ "expires_at": session.expires_at().seconds() }))
}

async fn token(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    session: AuthSession,
) -> Result<Response, AccessTokenError> {
    app.truth.served(&app.clock, &asked, &session);
    let token = session.access_token().await?;
    app.truth.handed_out(&app.clock, &asked, &session, &token);
    Ok("a token".into_response())
}

/// A middleware that waits before the handler gets the session.
async fn dawdle(State(app): State<App>, request: Request, next: Next) -> Response {
    let pause = app.chance.millis(10, 40_000);
    app.sim.sleep(pause).await;
    next.run(request).await
}

async fn patient(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    status: SessionStatus,
) -> &'static str {
    match status {
        SessionStatus::Live(session) => {
            app.truth.served(&app.clock, &asked, &session);
            "live"
        }
        _ => "over",
    }
}

/// A handler that waits, looks at its session, and then wants a token.
async fn slow(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    session: AuthSession,
) -> Result<Response, AccessTokenError> {
    app.truth.served(&app.clock, &asked, &session);
    let pause = app.chance.millis(10, 40_000);
    app.sim.sleep(pause).await;
    session.check().await?;
    app.truth.used(&asked, &session);
    let token = session.access_token().await?;
    app.truth.handed_out(&app.clock, &asked, &session, &token);
    Ok("a token".into_response())
}

async fn ticks(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    session: AuthSession,
) -> Response {
    app.truth.served(&app.clock, &asked, &session);
    let sid = crate::truth::sid(&session);
    let ticks = stream::unfold((), move |()| {
        let (app, sid, asked) = (app.clone(), sid.clone(), asked.clone());
        async move {
            app.sim.sleep(app.chance.millis(200, 3_000)).await;
            app.truth.ticked(&app.clock, &asked, &sid);
            Some((Ok::<_, std::convert::Infallible>("tick\n"), ()))
        }
    });
    Body::from_stream(ticks).into_response()
}

/// Seconds.
pub(crate) const IDLE: i64 = 900;
pub(crate) const ABSOLUTE: i64 = 2_400;
const KEY: &str =
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";
