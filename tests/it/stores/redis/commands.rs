//! What a request costs: commands as the server counts them.

use std::collections::BTreeMap;

use axum_oidc_session::{AuthStore as _, Inserted, RedisStore, Saved};
use redis::aio::MultiplexedConnection;

use super::sample::{NOW, at, change, session, touch};
use crate::support::RedisServer;

#[tokio::test]
async fn fetching_is_one_command() {
    let server = RedisServer::start(&[]);
    let store = server.store("oidc:");
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    let mut counter = Counter::of(&server).await;
    for _ in 0..10 {
        assert_eq!(store.fetch(&session.id, at(NOW)).await.unwrap().as_ref(), Some(&session));
    }
    assert_eq!(counter.counts().await, BTreeMap::from([("hget".to_owned(), 10)]));
}

/// Those that a script runs are counted by the server, too; they cost no round trip.
#[tokio::test]
async fn changing_is_one_script_on_the_session() {
    let server = RedisServer::start(&[]);
    let store = server.store("oidc:");
    let first = session();
    // So that the server knows every script.
    busy(&store, &first).await;
    let second = session();
    let mut counter = Counter::of(&server).await;
    assert_eq!(store.insert(&second, at(NOW)).await.unwrap(), Inserted::Done);
    assert_eq!(counter.counts().await["evalsha"], 4, "three index entries, one session");
    let touched = store.touch(&second.id, touch(NOW + 3_660), at(NOW + 60)).await;
    assert_eq!(touched.unwrap(), Saved::Done);
    let counts = counter.counts().await;
    assert_eq!(counts["evalsha"], 1);
    assert!(!counts.contains_key("publish"), "a touch is no event: {counts:?}");
    let saved = store.save_if(&second.id, change(1, b"new"), at(NOW)).await.unwrap();
    assert_eq!(saved, Saved::Done);
    assert_eq!(counter.counts().await["evalsha"], 1);
    store.delete(&second.id).await.unwrap();
    let counts = counter.counts().await;
    assert_eq!((counts["evalsha"], counts["zrem"]), (1, 3));
}

async fn busy(store: &RedisStore, session: &axum_oidc_session::StoredSession) {
    assert_eq!(store.insert(session, at(NOW)).await.unwrap(), Inserted::Done);
    let touched = store.touch(&session.id, touch(NOW + 3_600), at(NOW)).await.unwrap();
    assert_eq!(touched, Saved::Done);
    let saved = store.save_if(&session.id, change(1, b"x"), at(NOW)).await.unwrap();
    assert_eq!(saved, Saved::Done);
    store.delete(&session.id).await.unwrap();
}

struct Counter(MultiplexedConnection);

impl Counter {
    async fn of(server: &RedisServer) -> Self {
        let mut counter = Self(server.connection().await);
        counter.counts().await;
        counter
    }

    /// Commands since the last time, but for its own.
    async fn counts(&mut self) -> BTreeMap<String, u64> {
        let mut info = redis::cmd("INFO");
        let info: String = info.arg("commandstats").query_async(&mut self.0).await.unwrap();
        let mut reset = redis::cmd("CONFIG");
        reset.arg("RESETSTAT").exec_async(&mut self.0).await.unwrap();
        let lines = info.lines().filter_map(|line| {
            let (name, values) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            let calls = values.split(',').next()?.parse().ok()?;
            Some((name.to_owned(), calls))
        });
        lines
            .filter(|(name, _)| !["info", "config", "config|resetstat"].contains(&name.as_str()))
            .collect()
    }
}
