//! The server is killed while it is written to: what it has answered is still so.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, IndexKey, Inserted, RedisStore};
use tokio::task::JoinSet;

use super::sample::{NOW, at, session};
use crate::support::{RedisServer, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_a_kill() {
    let server = RedisServer::start(&[]);
    for round in 0..3 {
        let store = server.store("oidc:");
        let answered = Arc::new(AtomicUsize::new(0));
        let mut writers = JoinSet::new();
        for _ in 0..4 {
            writers.spawn(write(store.clone(), Arc::clone(&answered)));
        }
        until(async || answered.load(Ordering::Relaxed) >= 100).await;
        server.kill();
        let seen = writers.join_all().await.into_iter().fold(Seen::default(), Seen::and);
        server.up();
        until(async || store.fetch(&Id(0), at(NOW)).await.is_ok()).await;
        assert!(seen.inserted.len() + seen.deleted.len() >= 50, "round {round}");
        for (id, key) in seen.inserted {
            let found = store.fetch(&id, at(NOW)).await.unwrap();
            assert!(found.is_some(), "round {round}: a session is lost");
            let listed = store.find(&[key], at(NOW)).await.unwrap();
            assert_eq!(listed.len(), 1, "round {round}: a session without its index");
        }
        for id in seen.deleted {
            let found = store.fetch(&id, at(NOW)).await.unwrap();
            assert!(found.is_none(), "round {round}: a session is back");
        }
        no_session_lacks_its_index(&server, &store).await;
    }
}

#[derive(Default)]
struct Seen {
    inserted: HashMap<Id, IndexKey>,
    deleted: Vec<Id>,
}

impl Seen {
    fn and(mut self, other: Self) -> Self {
        self.inserted.extend(other.inserted);
        self.deleted.extend(other.deleted);
        self
    }
}

/// Writes until the server is gone; what has been answered.
async fn write(store: RedisStore, answered: Arc<AtomicUsize>) -> Seen {
    let mut seen = Seen::default();
    loop {
        let session = session();
        match store.insert(&session, at(NOW)).await {
            Ok(Inserted::Done) => seen.inserted.insert(session.id, session.listing.index.sub),
            Ok(other) => panic!("{other:?}"),
            Err(_) => return seen,
        };
        answered.fetch_add(1, Ordering::Relaxed);
        if seen.inserted.len() % 2 == 0 {
            let deleted = store.delete(&session.id).await;
            // Without an answer it may be there or not.
            seen.inserted.remove(&session.id);
            if deleted.is_err() {
                return seen;
            }
            seen.deleted.push(session.id);
        }
    }
}

/// Of the sessions that were not answered, too.
async fn no_session_lacks_its_index(server: &RedisServer, store: &RedisStore) {
    let mut connection = server.connection().await;
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> = keys.arg("oidc:s:*").query_async(&mut connection).await.unwrap();
    for key in keys {
        let digits = key.trim_start_matches("oidc:s:{").trim_end_matches('}');
        let id = Id(u128::from_str_radix(digits, 16).unwrap().cast_signed());
        let session = store.fetch(&id, at(NOW)).await.unwrap().unwrap();
        for key in session.listing.index.keys() {
            assert_eq!(store.find(&[key], at(NOW)).await.unwrap().len(), 1);
        }
    }
}
