//! What listeners hear, and when.

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Inserted, PostgresStore, Saved, StoreEvent, StoreListener,
};
use futures_util::future::join_all;

use super::{NOW, change, database, session, store, touch};
use crate::support::postgres_server::PostgresServer;

async fn listening(store: &PostgresStore) -> Box<dyn StoreListener> {
    store.listen().await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn saves_and_deletions_of_another_node_are_heard_and_nothing_else() {
    let (one, url) = store().await;
    let other = PostgresStore::new(&url).unwrap();
    let mut listener = listening(&one).await;
    for number in [1, -2] {
        assert_eq!(other.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
    }
    assert_eq!(other.touch(&Id(1), touch(1), NOW).await.unwrap(), Saved::Done);
    assert_eq!(other.save_if(&Id(1), change(9, b"new"), NOW).await.unwrap(), Saved::Stale);
    assert_eq!(other.save_if(&Id(3), change(1, b"new"), NOW).await.unwrap(), Saved::Gone);
    other.delete(&Id(3)).await.unwrap();
    assert_eq!(other.save_if(&Id(-2), change(1, b"new"), NOW).await.unwrap(), Saved::Done);
    other.delete(&Id(-2)).await.unwrap();
    assert_eq!(other.delete_expired(UnixTime::from_seconds(i64::MAX)).await.unwrap(), 1);
    assert_eq!(listener.next().await.unwrap(), StoreEvent::Changed(Id(-2)));
    assert_eq!(listener.catch_up().await.unwrap(), [StoreEvent::Deleted(Id(-2))]);
    assert_eq!(listener.catch_up().await.unwrap(), []);
}

/// Answered on whichever connection, heard by whoever asks afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn catching_up_is_a_barrier() {
    let (one, url) = store().await;
    let nodes = [(); 3].map(|()| PostgresStore::new(&url).unwrap());
    let mut listener = listening(&one).await;
    for round in 1..=150 {
        let changes = nodes.iter().zip(0..).map(|(node, number)| async move {
            let id = round * 3 + number;
            assert_eq!(node.insert(&session(id), NOW).await.unwrap(), Inserted::Done);
            let saved = node.save_if(&Id(id), change(1, b"new"), NOW).await.unwrap();
            assert_eq!(saved, Saved::Done);
            node.delete(&Id(id)).await.unwrap();
            [StoreEvent::Changed(Id(id)), StoreEvent::Deleted(Id(id))]
        });
        let answered = join_all(changes).await.concat();
        let heard = listener.catch_up().await.unwrap();
        assert_eq!(heard.len(), 6, "round {round}");
        assert!(answered.iter().all(|event| heard.contains(event)), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_waits_reports_a_lost_connection_and_stays_lost() {
    let (store, url) = store().await;
    let mut listener = listening(&store).await;
    let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    PostgresServer::shared().execute(database(&url), all).await;
    assert!(listener.next().await.is_err());
    assert!(listener.next().await.is_err());
    assert!(listener.catch_up().await.is_err());

    let mut listener = listening(&store).await;
    PostgresServer::shared().execute(database(&url), all).await;
    assert!(listener.catch_up().await.is_err());
    assert!(listener.next().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_understood_counts_as_lost() {
    let (store, url) = store().await;
    let mut listener = listening(&store).await;
    let newer = "SELECT pg_notify('oidc_session_' || 'oidc_session_data'::regclass::oid, 'Z1')";
    PostgresServer::shared().execute(database(&url), newer).await;
    assert!(listener.catch_up().await.is_err());
    assert!(listener.next().await.is_err());
}
