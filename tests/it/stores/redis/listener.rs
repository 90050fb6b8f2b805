//! Events: what has happened has been heard after `catch_up`, and a listener that has missed something says so.

use std::time::Duration;

use axum_oidc_session::{
    AuthStore as _, Inserted, RedisSettings, RedisStore, Saved, StoreEvent, StoreListener,
};

use super::sample::{NOW, at, change, prefix, session};
use crate::support::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn catching_up_is_a_barrier() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let (here, there) = (server.store(&prefix), server.store(&prefix));
    let mut listener = listen(&here).await;
    let session = session();
    assert_eq!(there.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    let mut version = 1;
    for events in [0, 1, 200, 3, 50] {
        for _ in 0..events {
            let saved = there.save_if(&session.id, change(version, b"new"), at(NOW)).await;
            assert_eq!(saved.unwrap(), Saved::Done);
            version += 1;
        }
        let heard = listener.catch_up().await.unwrap();
        assert_eq!(heard, vec![StoreEvent::Changed(session.id); events]);
    }
    there.delete(&session.id).await.unwrap();
    assert_eq!(listener.next().await.unwrap(), StoreEvent::Deleted(session.id));
    assert_eq!(listener.catch_up().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_connection_is_told_to_who_waits_and_to_who_asks() {
    let server = RedisServer::start(&[]);
    let store = server.store("oidc:");
    let (mut waits, mut asks) = (listen(&store).await, listen(&store).await);
    let waiting = async {
        assert!(waits.next().await.is_err(), "there was no event");
        waits
    };
    let cutting = async {
        let mut kill = redis::cmd("CLIENT");
        kill.arg("KILL").arg("TYPE").arg("pubsub");
        let killed: i64 = kill.query_async(&mut server.connection().await).await.unwrap();
        assert_eq!(killed, 2);
    };
    let (mut waits, ()) = futures_util::future::join(waiting, cutting).await;
    assert!(asks.catch_up().await.is_err());
    // The store itself goes on, but what the listeners missed stays missed.
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    store.delete(&session.id).await.unwrap();
    assert!(waits.next().await.is_err() && waits.catch_up().await.is_err());
    assert!(asks.next().await.is_err() && asks.catch_up().await.is_err());
    assert_eq!(listen(&store).await.catch_up().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_server_is_not_waited_for() {
    let server = RedisServer::start(&[]);
    let settings = RedisSettings::default().response_timeout(Duration::from_millis(300));
    let store = RedisStore::with_settings(server.url(), settings).unwrap();
    let mut listener = listen(&store).await;
    server.pause();
    assert!(listener.catch_up().await.is_err());
    // It did not wait to the end, so it cannot know.
    server.resume();
    assert!(listener.catch_up().await.is_err() && listener.next().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_listen_to_a_server_that_is_down() {
    let server = RedisServer::down(&[]);
    let store = server.store("oidc:");
    assert!(store.listen().await.is_err());
    server.up();
    assert_eq!(listen(&store).await.catch_up().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_of_ours_is_an_error() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    let mut listener = listen(&store).await;
    let mut publish = redis::cmd("PUBLISH");
    publish.arg(format!("{prefix}events")).arg("hello");
    let heard_by: i64 = publish.query_async(&mut server.connection().await).await.unwrap();
    assert_eq!(heard_by, 1);
    assert!(listener.next().await.is_err());
}

async fn listen(store: &RedisStore) -> Box<dyn StoreListener> {
    store.listen().await.unwrap().unwrap()
}
