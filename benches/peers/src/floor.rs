//! The least that a server-side session can cost: the cookie found, the session looked up, its deadline compared, the handler
//! given it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, RwLock};
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use axum::http::header::COOKIE;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use tower::{Layer, Service};

use crate::state::State;

/// The application, and the `Cookie` of its one session.
pub(crate) fn app() -> (Router, String) {
    let sessions = Sessions::default();
    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    let session = Session { state: State::new(), deadline: i64::MAX };
    sessions.shard(id).write().unwrap().insert(id.to_owned(), Arc::new(session));
    let handler = get(async |Extension(session): Extension<Arc<Session>>| {
        assert!(!session.state.sub.is_empty());
        "hello"
    });
    (Router::new().route("/", handler).layer(Floor(Arc::new(sessions))), format!("id={id}"))
}

struct Session {
    state: State,
    deadline: i64,
}

#[derive(Default)]
struct Sessions {
    shards: [RwLock<HashMap<String, Arc<Session>>>; 16],
    hasher: RandomState,
}

impl Sessions {
    fn shard(&self, id: &str) -> &RwLock<HashMap<String, Arc<Session>>> {
        &self.shards[self.hasher.hash_one(id) as usize % self.shards.len()]
    }

    fn live(&self, id: &str) -> Option<Arc<Session>> {
        let session = self.shard(id).read().unwrap().get(id).cloned()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs() as i64;
        (now < session.deadline).then_some(session)
    }
}

#[derive(Clone)]
struct Floor(Arc<Sessions>);

impl<S> Layer<S> for Floor {
    type Service = FloorService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FloorService { inner, sessions: Arc::clone(&self.0) }
    }
}

#[derive(Clone)]
struct FloorService<S> {
    inner: S,
    sessions: Arc<Sessions>,
}

impl<S: Service<Request, Response = Response>> Service<Request> for FloorService<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        let cookies = request.headers().get(COOKIE).and_then(|value| value.to_str().ok());
        let mut pairs = cookies.unwrap_or_default().split("; ");
        let id = pairs.find_map(|pair| pair.strip_prefix("id="));
        if let Some(session) = id.and_then(|id| self.sessions.live(id)) {
            request.extensions_mut().insert(session);
        }
        self.inner.call(request)
    }
}
