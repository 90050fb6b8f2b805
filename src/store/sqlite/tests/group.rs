//! Writes that wait are done together; each is answered on its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use futures_util::future::join;

use super::super::{SqliteError, SqliteStore};
use super::{Folder, NOW, session};
use crate::session::contract::{AuthStore as _, Inserted};

/// Does `work` while the writer is held up, lets it go on, and gives what came of it.
async fn while_held_up<T>(store: &SqliteStore, work: impl Future<Output = T>) -> T {
    store.check().await.unwrap();
    let (started, has_started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let hold = store.write(move |_| {
        started.send(()).unwrap();
        released.recv().map_err(|_| SqliteError::Thread)
    });
    let submitted = async {
        // It is taken alone; what is submitted from now on waits together.
        has_started.recv().unwrap();
        let mut work = std::pin::pin!(work);
        assert!(futures_util::poll!(work.as_mut()).is_pending());
        release.send(()).unwrap();
        work.await
    };
    let (held, outcome) = join(hold, submitted).await;
    assert_eq!(held, Ok(()));
    outcome
}

/// A write that counts how often it is done.
async fn counted(
    store: &SqliteStore,
    count: &Arc<AtomicU32>,
    sql: &'static str,
) -> Result<(), SqliteError> {
    let count = Arc::clone(count);
    let write = move |connection: &rusqlite::Connection| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(connection.execute_batch(sql)?)
    };
    store.write(write).await
}

#[tokio::test]
async fn the_one_that_fails_fails_alone() {
    let folder = Folder::new();
    let store = folder.store();
    let count = Arc::<AtomicU32>::default();
    let bad = counted(&store, &count, "INSERT INTO marker (key) VALUES (NULL)");
    let (one, two) = (session(1), session(2));
    let work = async { join(join(store.insert(&one, NOW), bad), store.insert(&two, NOW)).await };
    let ((first, failed), last) = while_held_up(&store, work).await;
    assert!(matches!(failed, Err(SqliteError::Sqlite { .. })), "{failed:?}");
    assert_eq!((first.unwrap(), last.unwrap()), (Inserted::Done, Inserted::Done));
    // Once with the others, once alone: they were a group.
    assert_eq!(count.load(Ordering::Relaxed), 2);
    for session in [one, two] {
        assert_eq!(store.fetch(&session.id, NOW).await.unwrap(), Some(session));
    }
}

#[tokio::test]
async fn many_writes_are_one_transaction() {
    let folder = Folder::new();
    let store = folder.store();
    let work = futures_util::future::join_all((0..100).map(|number| {
        let store = store.clone();
        async move { store.insert(&session(number), NOW).await }
    }));
    let log = folder.0.join("sessions.db-wal");
    store.check().await.unwrap();
    for inserted in while_held_up(&store, work).await {
        assert_eq!(inserted.unwrap(), Inserted::Done);
    }
    // One by one, each would add the pages of five indexes and the table to the log.
    let pages = std::fs::metadata(log).unwrap().len() / 4096;
    assert!(pages < 250, "{pages} pages were logged");
}

#[tokio::test]
async fn a_panic_costs_the_operation_alone() {
    let folder = Folder::new();
    let store = folder.store();
    let died = store.write::<()>(|_| panic!("for the test")).await;
    assert_eq!(died, Err(SqliteError::Thread));
    let died = store.read::<()>(|_| panic!("for the test")).await;
    assert_eq!(died, Err(SqliteError::Thread));
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    for _ in 0..8 {
        assert_eq!(store.fetch(&session(1).id, NOW).await.unwrap(), Some(session(1)));
    }
}

#[tokio::test]
async fn an_exclusive_store_that_lost_its_connection_does_not_trust_the_file_again() {
    let folder = Folder::new();
    let store = folder.store().exclusive();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let died = store.write::<()>(|_| panic!("for the test")).await;
    assert_eq!(died, Err(SqliteError::Thread));
    assert_eq!(store.check().await, Err(SqliteError::Lost));
}

#[tokio::test]
async fn whoever_hangs_up_takes_nothing_with_him() {
    let folder = Folder::new();
    let store = folder.store();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let abandoned = async {
        let id = session(1).id;
        let mut delete = std::pin::pin!(store.delete(&id));
        assert!(futures_util::poll!(delete.as_mut()).is_pending());
    };
    abandoned.await;
    // Writes are done in order.
    store.check().await.unwrap();
    assert_eq!(store.fetch(&session(1).id, NOW).await.unwrap(), None);
}
