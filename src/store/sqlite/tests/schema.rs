//! Which files are taken for ours.

use rusqlite::Connection;

use super::super::{SqliteError, schema};
use super::Folder;

#[test]
fn tables_are_made_in_an_empty_file_only() {
    let folder = Folder::new();
    let connection = Connection::open(folder.file()).unwrap();
    assert_eq!(schema::prepare(&connection, false), Err(SqliteError::Lost));
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert_eq!(schema::prepare(&connection, true), Err(SqliteError::Foreign));
    connection.execute_batch("DROP TABLE theirs; PRAGMA user_version = 7").unwrap();
    assert_eq!(schema::prepare(&connection, true), Err(SqliteError::Foreign));
    let mode = |on: &Connection| on.pragma_query_value(None, "journal_mode", |row| row.get(0));
    assert_eq!(mode(&connection), Ok("delete".to_owned()), "a foreign file is left as it is");
    connection.execute_batch("PRAGMA user_version = 0").unwrap();
    assert_eq!(schema::prepare(&connection, true), Ok(()));
    assert_eq!(schema::prepare(&connection, false), Ok(()));
    assert_eq!(mode(&connection), Ok("wal".to_owned()));
}

#[test]
fn versions_beyond_the_known_are_newer() {
    let folder = Folder::new();
    let connection = Connection::open(folder.file()).unwrap();
    schema::prepare(&connection, true).unwrap();
    for found in [schema::VERSION + 1, i32::MAX, 0, -1] {
        connection.pragma_update(None, "user_version", found).unwrap();
        let newer = SqliteError::Newer { found, known: schema::VERSION };
        assert_eq!(schema::prepare(&connection, true), Err(newer));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_come_first_at_once_all_find_the_tables() {
    for _ in 0..20 {
        let folder = Folder::new();
        let stores: Vec<_> = (0..6).map(|_| folder.store()).collect();
        let checks = stores.iter().map(|store| store.check());
        for check in futures_util::future::join_all(checks).await {
            assert_eq!(check, Ok(()));
        }
    }
}

#[tokio::test]
async fn what_is_answered_is_on_the_disk() {
    let folder = Folder::new();
    let settings = folder
        .store()
        .write(|connection| {
            let number = |name| connection.pragma_query_value(None, name, |row| row.get(0));
            let synchronous: i64 = number("synchronous")?;
            let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            Ok((synchronous, mode))
        })
        .await;
    const FULL: i64 = 2;
    assert_eq!(settings, Ok((FULL, "wal".to_owned())));
}
