//! No statement scans a table, however many rows there are.

use rusqlite::Connection;

use super::super::{schema, statements};

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
    let steps = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

fn database() -> (super::Folder, Connection) {
    let folder = super::Folder::new();
    let connection = Connection::open(folder.file()).unwrap();
    schema::prepare(&connection, true).unwrap();
    (folder, connection)
}

#[test]
fn every_statement_searches_by_an_index() {
    let (_folder, connection) = database();
    for sql in statements::ALL {
        for step in plan(&connection, sql) {
            let slow = step.contains("SCAN") || step.contains("TEMP B-TREE");
            assert!(!slow, "{sql}: {step}");
        }
    }
}

#[test]
fn a_fetch_is_one_search_by_the_key() {
    let (_folder, connection) = database();
    let steps = plan(&connection, statements::FETCH_SESSION);
    assert_eq!(steps, ["SEARCH session USING INDEX sqlite_autoindex_session_1 (id=?)"]);
    let found = plan(&connection, statements::FIND_SESSIONS);
    for index in ["session_by_session_key", "session_by_sid_key", "session_by_sub_key"] {
        assert_eq!(found.iter().filter(|step| step.contains(index)).count(), 1, "{found:?}");
    }
}

#[test]
fn the_test_knows_every_statement_and_a_scan() {
    let source = include_str!("../statements.rs");
    let count = source.matches("\npub(super) const ").count();
    // `ALL` itself is a constant, too.
    assert_eq!(count, statements::ALL.len() + 1);
    let (_folder, connection) = database();
    let scan = plan(&connection, "SELECT 1 FROM session WHERE auth_version = ?1");
    assert!(scan[0].contains("SCAN"), "{scan:?}");
}
