//! Locks by the machine's clock, also when that is set.

use std::time::Duration;

use tower_sessions::session::Id;

use super::super::SqliteStore;
use super::Folder;
use crate::session::contract::AuthStore as _;

const KEY: Id = Id(1);
const ONE: Id = Id(2);
const OTHER: Id = Id(3);
const MINUTE: Duration = Duration::from_secs(60);

/// As if the lock had been taken so many seconds later.
async fn shift(store: &SqliteStore, seconds: i64) {
    let sql = "UPDATE lock SET taken_at_ms = taken_at_ms + ?1, until_ms = until_ms + ?1";
    let shift = move |on: &rusqlite::Connection| Ok(on.execute(sql, [seconds * 1000])?);
    assert_eq!(store.write(shift).await, Ok(1));
}

#[tokio::test]
async fn a_lease_ends_when_it_is_over_and_not_before() {
    for (shifted, free) in [(-59, false), (-61, true), (0, false), (30, false)] {
        let folder = Folder::new();
        let store = folder.store();
        assert!(store.lock(&KEY, &ONE, MINUTE).await.unwrap());
        shift(&store, shifted).await;
        assert_eq!(store.lock(&KEY, &OTHER, MINUTE).await.unwrap(), free, "{shifted} s");
    }
}

#[tokio::test]
async fn a_lock_from_a_clock_that_was_set_back_is_over() {
    let folder = Folder::new();
    let store = folder.store();
    assert!(store.lock(&KEY, &ONE, MINUTE).await.unwrap());
    shift(&store, 3600).await;
    assert!(store.lock(&KEY, &OTHER, MINUTE).await.unwrap());
    assert!(!store.lock(&KEY, &ONE, MINUTE).await.unwrap());
}

#[tokio::test]
async fn leases_of_any_length_are_taken() {
    let folder = Folder::new();
    let store = folder.store();
    assert!(store.lock(&KEY, &ONE, Duration::MAX).await.unwrap());
    assert!(!store.lock(&KEY, &OTHER, MINUTE).await.unwrap());
    assert!(store.lock(&KEY, &ONE, Duration::ZERO).await.unwrap());
    assert!(store.lock(&KEY, &OTHER, MINUTE).await.unwrap());
    store.unlock(&KEY, &ONE).await.unwrap();
    assert!(!store.lock(&KEY, &ONE, MINUTE).await.unwrap());
}
