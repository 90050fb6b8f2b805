//! What is compared: the same bytes from our store and from its driver.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::{
    AuthStore, IndexKey, Inserted, Listing, PostgresStore, RedisStore, SealedPart, SessionIndex,
    SqliteStore, StoredSession,
};
use tower_sessions::session::Id;

use crate::drivers;

/// One operation.
pub(crate) type Side = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

pub(crate) struct Sides {
    pub(crate) name: &'static str,
    pub(crate) ours: Side,
    pub(crate) driver: Side,
}

pub(crate) fn side<F: Future<Output = ()> + Send + 'static>(
    make: impl Fn() -> F + Send + Sync + 'static,
) -> Side {
    Arc::new(move || Box::pin(make()))
}

pub(crate) async fn redis(url: &str) -> Sides {
    let ours = ours(Arc::new(RedisStore::new(url).unwrap())).await;
    Sides { name: "Redis", ours, driver: drivers::redis(url).await }
}

pub(crate) async fn postgres(url: &str) -> Sides {
    let ours = ours(Arc::new(PostgresStore::new(url).unwrap())).await;
    Sides { name: "PostgreSQL", ours, driver: drivers::postgres(url).await }
}

pub(crate) async fn sqlite() -> Sides {
    let ours = ours(Arc::new(SqliteStore::new(file("ours")).unwrap())).await;
    Sides { name: "SQLite", ours, driver: drivers::sqlite(&file("driver")) }
}

async fn ours(store: Arc<dyn AuthStore>) -> Side {
    let now = UnixTime::from_seconds(1_000);
    for number in 0..ROWS {
        let inserted = store.insert(&session(id(number)), now).await.unwrap();
        assert_eq!(inserted, Inserted::Done);
    }
    let turns = Turns::default();
    side(move || {
        let (store, id) = (Arc::clone(&store), id(turns.next()));
        async move {
            let found = store.fetch(&id, now).await.unwrap();
            assert_eq!(found.unwrap().auth.content.len(), BYTES);
        }
    })
}

/// Numbers of rows, one after another: what is under way at once is not the same.
#[derive(Default)]
pub(crate) struct Turns(AtomicUsize);

impl Turns {
    pub(crate) fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::Relaxed) % ROWS
    }
}

fn id(number: usize) -> Id {
    Id((1 << 100) + number as i128)
}

fn session(id: Id) -> StoredSession {
    let key = IndexKey([1; 16]);
    let index = SessionIndex { key_id: [1; 4], session: key, sid: key, sub: key };
    let listing = Listing { index, summary: vec![1; SUMMARY] };
    let auth = SealedPart { version: 1, content: vec![7; BYTES] };
    StoredSession::new(id, auth, listing, UnixTime::from_seconds(i64::from(i32::MAX)))
}

/// A file of this run's own.
pub(crate) fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("bench-{name}-{}.sqlite", std::process::id()))
}

pub(crate) fn clean_up() {
    for name in ["ours", "driver"] {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", file(name).display()));
        }
    }
}

/// A sealed session with 1.5 KB of claims and tokens.
pub(crate) const BYTES: usize = 1_900;
/// How many there are.
pub(crate) const ROWS: usize = 1_000;
/// What is sealed for the list of a user's sessions.
const SUMMARY: usize = 260;
/// What a driver fetches: all of it in one value.
pub(crate) const WHOLE: usize = BYTES + SUMMARY + 100;
