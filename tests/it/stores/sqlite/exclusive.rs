//! `exclusive()`: one store has the file, another is told so, and has its turn once the first is gone.

use axum_oidc_session::{AuthStore, Inserted, SqliteError};

use super::support::{Folder, NOW, id, session};
use crate::support::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_store_is_refused_until_the_first_is_gone() {
    for second_is_exclusive in [false, true] {
        let folder = Folder::new();
        let first = folder.store().exclusive();
        assert!(first.is_exclusive());
        assert_eq!(first.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
        let second = folder.store();
        let second = if second_is_exclusive { second.exclusive() } else { second };
        assert_eq!(second.check().await, Err(SqliteError::InUse));
        assert!(second.fetch(&id(1), NOW).await.is_err());
        assert_eq!(first.fetch(&id(1), NOW).await.unwrap(), Some(session(1)));
        assert_eq!(first.insert(&session(2), NOW).await.unwrap(), Inserted::Done);
        drop(first);
        until(async || second.check().await.is_ok()).await;
        assert_eq!(second.fetch(&id(2), NOW).await.unwrap(), Some(session(2)));
    }
}

#[tokio::test]
async fn a_file_in_use_is_not_taken() {
    let folder = Folder::new();
    let shared = folder.store();
    assert!(!shared.is_exclusive());
    assert_eq!(shared.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let exclusive = folder.store().exclusive();
    assert_eq!(exclusive.check().await, Err(SqliteError::InUse));
    assert!(exclusive.insert(&session(2), NOW).await.is_err());
    assert_eq!(shared.insert(&session(3), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(shared.fetch(&id(2), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_that_is_replaced_is_not_taken_for_the_own() {
    let folder = Folder::new();
    let store = folder.store().exclusive();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    std::fs::rename(folder.file(), folder.path().join("aside.db")).unwrap();
    let other = folder.store();
    other.check().await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.check().await, Err(SqliteError::Lost));
        assert!(store.fetch(&id(1), NOW).await.is_err());
    }
}
