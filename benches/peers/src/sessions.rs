//! tower-sessions with its store in memory.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::state::{KEY, State};

/// The handler does not look at the session.
pub(crate) async fn not_read() -> (Router, String) {
    with_routes(measure::stored::hello()).await
}

/// The handler reads the state.
pub(crate) async fn read() -> (Router, String) {
    let handler = get(async |session: Session| {
        let state: State = session.get(KEY).await.unwrap().unwrap();
        assert!(!state.sub.is_empty());
        "hello"
    });
    with_routes(Router::new().route("/", handler)).await
}

async fn with_routes(routes: Router) -> (Router, String) {
    let store = MemoryStore::default();
    let session = Session::new(None, Arc::new(store.clone()), None);
    session.insert(KEY, State::new()).await.unwrap();
    session.save().await.unwrap();
    (routes.layer(SessionManagerLayer::new(store)), format!("id={}", session.id().unwrap()))
}
