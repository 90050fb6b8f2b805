//! tower-sessions with its stores outside of the process: Redis, SQLite, PostgreSQL.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tower_sessions_0_14::{Session, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike as _, Config, Pool};
use tower_sessions_sqlx_store::sqlx::{PgPool, SqlitePool};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use crate::state::{KEY, State};

/// Six connections, as the store's documentation has it.
pub(crate) async fn redis(url: &str) -> (Router, String) {
    let pool = Pool::new(Config::from_url(url).unwrap(), None, None, None, 6).unwrap();
    let _ = pool.connect();
    pool.wait_for_connect().await.unwrap();
    app(RedisStore::new(pool)).await
}

/// As sqlx opens files unless it is told otherwise, but for the file, which it is to make.
pub(crate) async fn sqlite(file: &Path) -> (Router, String) {
    let pool = SqlitePool::connect(&format!("sqlite:{}?mode=rwc", file.display())).await.unwrap();
    let store = SqliteStore::new(pool);
    store.migrate().await.unwrap();
    app(store).await
}

pub(crate) async fn postgres(url: &str) -> (Router, String) {
    let store = PostgresStore::new(PgPool::connect(url).await.unwrap());
    store.migrate().await.unwrap();
    app(store).await
}

/// The handler reads the state.
async fn app(store: impl SessionStore + Clone) -> (Router, String) {
    let session = Session::new(None, Arc::new(store.clone()), None);
    session.insert(KEY, State::new()).await.unwrap();
    session.save().await.unwrap();
    let handler = get(async |session: Session| {
        let state: State = session.get(KEY).await.unwrap().unwrap();
        assert!(!state.sub.is_empty());
        "hello"
    });
    let app = Router::new().route("/", handler).layer(SessionManagerLayer::new(store));
    (app, format!("id={}", session.id().unwrap()))
}
