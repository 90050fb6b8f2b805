//! What was answered survives a crash of the server.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum_oidc_session::spawn::{Spawn as _, TokioSpawner};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, IndexKey, Inserted, Marker, PostgresStore};

use super::{LATER, NOW, session};
use crate::support::postgres_server::PostgresServer;
use crate::support::until;

/// What has been answered.
#[derive(Debug, Default)]
struct Answered {
    inserted: HashSet<i128>,
    deleted: HashSet<i128>,
    marked: HashSet<i128>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn confirmed_inserts_are_there_and_confirmed_deletions_are_done() {
    let server = PostgresServer::start();
    let url = server.database().await;
    for round in 1..=3 {
        let store = PostgresStore::new(&url).unwrap();
        let answered = Arc::new(Mutex::new(Answered::default()));
        let writing = Arc::new(AtomicUsize::new(4));
        for writer in 0..4 {
            let first = (round * 4 + writer) * 1_000_000;
            let (store, answered) = (store.clone(), Arc::clone(&answered));
            let writing = Arc::clone(&writing);
            TokioSpawner.spawn(Box::pin(async move {
                write_until_it_fails(&store, first, &answered).await;
                writing.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        until(async || answered.lock().unwrap().deleted.len() > 40).await;
        server.kill();
        until(async || writing.load(Ordering::SeqCst) == 0).await;
        server.start_again();
        let answered = std::mem::take(&mut *answered.lock().unwrap());
        check(&store, &answered).await;
    }
}

async fn check(store: &PostgresStore, answered: &Answered) {
    for number in &answered.inserted {
        assert!(store.fetch(&Id(*number), NOW).await.unwrap().is_some(), "{number} is lost");
    }
    for number in &answered.deleted {
        assert!(store.fetch(&Id(*number), NOW).await.unwrap().is_none(), "{number} is back");
    }
    for number in &answered.marked {
        let markers = store.markers(&[marker(*number).key], NOW).await.unwrap();
        assert_eq!(markers, [marker(*number)], "{number} is forgotten");
    }
}

async fn write_until_it_fails(store: &PostgresStore, first: i128, answered: &Mutex<Answered>) {
    for number in first.. {
        let Ok(inserted) = store.insert(&session(number), NOW).await else { return };
        assert_eq!(inserted, Inserted::Done);
        answered.lock().unwrap().inserted.insert(number);
        let Ok(()) = store.mark(&[marker(number)], NOW).await else { return };
        answered.lock().unwrap().marked.insert(number);
        if number % 2 == 0 {
            answered.lock().unwrap().inserted.remove(&number);
            let Ok(()) = store.delete(&Id(number)).await else { return };
            answered.lock().unwrap().deleted.insert(number);
        }
    }
}

fn marker(number: i128) -> Marker {
    let key = IndexKey(number.to_be_bytes());
    Marker { key, begun_after: NOW, authenticated_after: NOW, until: LATER }
}
