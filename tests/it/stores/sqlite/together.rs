//! Two stores on one file, as two processes have it during a rolling restart.

use std::sync::Arc;

use axum_oidc_session::{AuthStore, Inserted, Saved, SqliteStore};
use futures_util::future::join_all;

use super::support::{Folder, LATER, NOW, id, save_auth, session};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_increment_is_lost() {
    const TASKS: u64 = 8;
    const INCREMENTS: u64 = 20;
    let folder = Folder::new();
    let stores = [folder.store(), folder.store()];
    assert_eq!(stores[0].insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let tasks = (0..TASKS).map(|task| {
        let store = stores[usize::try_from(task % 2).unwrap()].clone();
        async move { increments(&store, INCREMENTS).await }
    });
    join_all(tasks).await;
    for store in &stores {
        let stored = store.fetch(&id(1), NOW).await.unwrap().unwrap();
        assert_eq!(stored.auth.version, 1 + TASKS * INCREMENTS);
        assert_eq!(stored.auth.content, (TASKS * INCREMENTS).to_be_bytes());
    }
}

/// Adds one `count` times, by reading and saving conditionally.
async fn increments(store: &SqliteStore, count: u64) {
    for _ in 0..count {
        loop {
            let stored = store.fetch(&id(1), NOW).await.unwrap().unwrap();
            let value = <[u8; 8]>::try_from(stored.auth.content.as_slice());
            let next = value.map_or(0, u64::from_be_bytes) + 1;
            let content = next.to_be_bytes();
            let change = save_auth(stored.auth.version, &content);
            match store.save_if(&id(1), change, NOW).await.unwrap() {
                Saved::Done => break,
                Saved::Stale => {}
                Saved::Gone => panic!("it was not deleted"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_attempt_is_used_once() {
    let folder = Folder::new();
    let stores = [folder.store(), folder.store()].map(Arc::new);
    for attempt in 0..50 {
        let asked = (0..8).map(|caller| {
            let store = stores[caller % 2].clone();
            async move { store.remember(&id(attempt), LATER, NOW).await.unwrap() }
        });
        let first = join_all(asked).await.into_iter().filter(|first| *first);
        assert_eq!(first.count(), 1, "attempt {attempt}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_write_all_the_time_and_none_is_turned_away() {
    const EACH: u64 = 1_000;
    let folder = Folder::new();
    let stores = [folder.store(), folder.store()];
    let tasks = (0..32).map(|task: u64| {
        let store = stores[usize::try_from(task % 2).unwrap()].clone();
        async move {
            for number in 0..EACH / 16 {
                let inserted = store.insert(&session(task * 1_000 + number), NOW).await;
                assert_eq!(inserted.unwrap(), Inserted::Done);
            }
        }
    });
    join_all(tasks).await;
    for task in 0..32 {
        let (one, other) = (task * 1_000, task * 1_000 + EACH / 16 - 1);
        assert!(stores[0].fetch(&id(one), NOW).await.unwrap().is_some());
        assert!(stores[1].fetch(&id(other), NOW).await.unwrap().is_some());
    }
}
