//! A server whose memory is full: nothing live is given up, nothing is half written.

use axum_oidc_session::{AuthStore as _, Inserted, Marker, RedisStore, StoreError, StoredSession};

use super::sample::{NOW, at, change, id, listing, marker, session, touch};
use crate::support::RedisServer;

#[tokio::test]
async fn full_server_refuses_and_keeps() {
    let server = RedisServer::start(&[]);
    let store = server.store("oidc:");
    let mut kept = Vec::new();
    for _ in 0..10 {
        let session = session();
        assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
        kept.push(session);
    }
    let old = marker();
    store.mark(&[old], at(NOW)).await.unwrap();
    limit(&server, "1").await;
    let refused = session();
    assert_eq!(store.insert(&refused, at(NOW)).await.unwrap(), Inserted::Full);
    refuses_writes(&store, &kept[0], old).await;
    assert_eq!(store.fetch(&refused.id, at(NOW)).await.unwrap(), None);
    assert_eq!(store.find(&refused.listing.index.keys(), at(NOW)).await.unwrap(), []);
    assert_eq!(store.markers(&[old.key], at(NOW)).await.unwrap(), [old]);
    for session in &kept {
        assert_eq!(store.fetch(&session.id, at(NOW)).await.unwrap().as_ref(), Some(session));
        let found = store.find(&session.listing.index.keys(), at(NOW)).await.unwrap();
        assert_eq!(found.len(), 1);
    }
    // Signing out needs no memory.
    store.delete(&kept[0].id).await.unwrap();
    assert_eq!(store.fetch(&kept[0].id, at(NOW)).await.unwrap(), None);
    limit(&server, "0").await;
    assert_eq!(store.insert(&refused, at(NOW)).await.unwrap(), Inserted::Done);
}

async fn refuses_writes(store: &RedisStore, session: &StoredSession, old: Marker) {
    let (now, listing) = (at(NOW), listing());
    is_full(store.save_if(&session.id, change(1, b"new"), now).await.map(drop));
    let moved = change(1, b"new").listing(listing.clone());
    is_full(store.save_if(&session.id, moved, now).await.map(drop));
    is_full(store.touch(&session.id, touch(NOW + 7_200), now).await.map(drop));
    is_full(store.remember(&id(), at(NOW + 9), now).await.map(drop));
    is_full(store.lock(&id(), &id(), std::time::Duration::from_secs(9)).await.map(drop));
    let (later, other) = (Marker { begun_after: at(NOW + 1), ..old }, marker());
    is_full(store.mark(&[later, other], now).await);
    assert_eq!(store.markers(&[other.key], now).await.unwrap(), []);
}

async fn limit(server: &RedisServer, bytes: &str) {
    let mut set = redis::cmd("CONFIG");
    set.arg("SET").arg("maxmemory").arg(bytes);
    set.exec_async(&mut server.connection().await).await.unwrap();
}

fn is_full(outcome: Result<(), StoreError>) {
    let error = outcome.expect_err("the server is full");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("no memory left"), "{cause}");
}
