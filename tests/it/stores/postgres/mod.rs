//! `PostgresStore` against a real server.

mod costs;
mod crash;
mod crowd;
mod events;
mod last_use;
mod laws;
mod locks;
mod outages;
mod plans;
mod pool;
mod pooler;
mod proxy;
mod schema;
mod secrets;
mod silence;
mod space;

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    Change, IndexKey, Listing, Part, PostgresSettings, PostgresStore, SealedPart, SessionIndex,
    StoredSession, Touch,
};

use crate::support::postgres_server::PostgresServer;

const NOW: UnixTime = UnixTime::from_seconds(1_893_456_000);
const LATER: UnixTime = UnixTime::from_seconds(1_893_456_000 + 3_600);

/// A store in a new database of the shared server, and the database's URL.
async fn store() -> (PostgresStore, String) {
    let url = PostgresServer::shared().database().await;
    (PostgresStore::new(&url).unwrap(), url)
}

/// A store with one connection.
fn narrow(url: &str) -> PostgresStore {
    with_connections(url, 1)
}

fn with_connections(url: &str, most: u32) -> PostgresStore {
    let settings = PostgresSettings::default().max_connections(most);
    PostgresStore::with_settings(url, settings).unwrap()
}

/// The name of the database in a URL.
fn database(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

/// The session with this number: it lives until [`LATER`].
fn session(number: i128) -> StoredSession {
    let auth = SealedPart { version: 1, content: vec![7; 1_500] };
    StoredSession::new(Id(number), auth, listing(number), LATER)
}

fn listing(number: i128) -> Listing {
    let key = |kind: u8| {
        let mut key = number.to_be_bytes();
        key[0] = kind;
        IndexKey(key)
    };
    let index = SessionIndex { key_id: [1; 4], session: key(1), sid: key(2), sub: key(3) };
    Listing { index, summary: b"summary".to_vec() }
}

/// Another summary, and the expiry of [`session`].
fn touch(expected: u64) -> Touch {
    Touch::new(expected, b"touched", LATER)
}

fn change(expected: u64, content: &[u8]) -> Change {
    Change::new(Part::Auth, expected, content)
}
