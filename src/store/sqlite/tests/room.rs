//! A full file: new sessions are refused, the rest goes on, nothing is corrupted.

use super::super::{SqliteError, SqliteStore};
use super::{Folder, LATER, NOW, session};
use crate::clock::UnixTime;
use crate::session::contract::{AuthStore as _, Change, Inserted, Part, Saved, Touch};

/// Lets the file grow to so many pages.
async fn limit(store: &SqliteStore, pages: i64) {
    let set = move |connection: &rusqlite::Connection| {
        let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        Ok(connection.pragma_update_and_check(None, "max_page_count", pages, read)?)
    };
    assert_eq!(store.write(set).await, Ok(pages));
}

/// Inserts until there is no room; how many went in.
async fn fill(store: &SqliteStore) -> u8 {
    for number in 0..u8::MAX {
        if store.insert(&session(number), NOW).await.unwrap() == Inserted::Full {
            return number;
        }
    }
    panic!("there is no end of room");
}

async fn assert_sound(store: &SqliteStore) {
    let check = |connection: &rusqlite::Connection| {
        Ok(connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))?)
    };
    assert_eq!(store.read(check).await, Ok("ok".to_owned()));
}

#[tokio::test]
async fn a_full_file_takes_no_new_session_and_keeps_the_rest() {
    for exclusive in [false, true] {
        let folder = Folder::new();
        let store = folder.store();
        let store = if exclusive { store.exclusive() } else { store };
        store.check().await.unwrap();
        limit(&store, 40).await;
        let count = fill(&store).await;
        assert!(count > 10, "{count}");
        let change = Change::new(Part::Auth, 1, vec![1; 100_000]);
        assert!(store.save_if(&session(0).id, change, NOW).await.is_err());
        for number in 0..count {
            let found = store.fetch(&session(number).id, NOW).await.unwrap();
            assert_eq!(found, Some(session(number)));
        }
        let touch = Touch::new(1, vec![8; 80], LATER);
        assert_eq!(store.touch(&session(0).id, touch, NOW).await.unwrap(), Saved::Done);
        assert_sound(&store).await;

        for number in 0..6 {
            store.delete(&session(number).id).await.unwrap();
        }
        assert_eq!(store.insert(&session(100), NOW).await.unwrap(), Inserted::Done);
        limit(&store, 10_000).await;
        assert_eq!(store.insert(&session(101), NOW).await.unwrap(), Inserted::Done);
        assert_sound(&store).await;
    }
}

#[tokio::test]
async fn what_expired_makes_room() {
    let folder = Folder::new();
    let store = folder.store();
    store.check().await.unwrap();
    limit(&store, 40).await;
    let count = fill(&store).await;
    assert_eq!(store.delete_expired(LATER).await.unwrap(), u64::from(count));
    assert_eq!(fill(&store).await, count);
}

#[tokio::test]
async fn more_than_a_batch_expires_and_what_is_beside_sessions_goes_too() {
    let folder = Folder::new();
    let store = folder.store();
    let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201)";
    let fill = format!(
        "{rows} INSERT INTO session SELECT CAST(i AS BLOB), 5, x'', x'', x'', x'', 1, 0, x'', x'', NULL FROM n;
         {rows} INSERT INTO remembered SELECT CAST(i AS BLOB), 5 FROM n;
         {rows} INSERT INTO marker SELECT CAST(i AS BLOB), 0, 0, 5 FROM n;
         {rows} INSERT INTO lock SELECT CAST(i AS BLOB), x'', 0, 5 FROM n;"
    );
    store.write(move |connection| Ok(connection.execute_batch(&fill)?)).await.unwrap();
    assert_eq!(store.delete_expired(UnixTime::from_seconds(4)).await.unwrap(), 0);
    assert_eq!(count(&store).await, Ok((1201, 1201, 1201, 0)), "locks end by another clock");
    assert_eq!(store.delete_expired(UnixTime::from_seconds(5)).await.unwrap(), 1201);
    assert_eq!(count(&store).await, Ok((0, 0, 0, 0)));
}

async fn count(store: &SqliteStore) -> Result<(i64, i64, i64, i64), SqliteError> {
    let sql = "SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM remembered),
        (SELECT count(*) FROM marker), (SELECT count(*) FROM lock)";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    store.read(move |connection| Ok(connection.query_row(sql, [], read)?)).await
}
