//! The tables: made once, by whoever may, and never used when they are not understood.

use std::error::Error as _;

use axum_oidc_session::error::PostgresStoreError;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Inserted, PostgresSettings, PostgresStore, Saved, StoreError,
};
use futures_util::future::join_all;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use super::{NOW, change, database, session, store};
use crate::support::postgres_server::PostgresServer;

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_the_tables_once() {
    let (_, url) = store().await;
    let nodes: Vec<_> = (1..=8).map(|_| PostgresStore::new(&url).unwrap()).collect();
    let inserts = nodes
        .iter()
        .zip(1..)
        .map(|(node, number)| async move { node.insert(&session(number), NOW).await.unwrap() });
    assert!(join_all(inserts).await.iter().all(|inserted| *inserted == Inserted::Done));
    let log = PostgresServer::shared().log();
    let begin = format!("{}:LOG:", database(&url));
    let made = |line: &&str| line.starts_with(&begin) && line.contains("CREATE TABLE");
    assert_eq!(log.lines().filter(made).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_make_no_tables_uses_those_that_are_there() {
    let (administrator, url) = store().await;
    let server = PostgresServer::shared();
    let role = format!("app_{}", database(&url));
    server.execute(database(&url), &format!("CREATE ROLE {role} LOGIN")).await;
    let restricted = PostgresStore::new(&server.url(&role, database(&url))).unwrap();

    let error = restricted.fetch(&Id(1), NOW).await.unwrap_err();
    assert_eq!(reason(&error), PostgresStoreError::SchemaNotAllowed);

    let sql = administrator.schema_sql()
        + &format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON oidc_session_data, oidc_session_markers, \
             oidc_session_remembered, oidc_session_locks TO {role}; \
             GRANT SELECT ON oidc_session_version TO {role}"
        );
    server.execute(database(&url), &sql).await;
    assert_eq!(restricted.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let saved = restricted.save_if(&Id(1), change(1, b"new"), NOW).await.unwrap();
    assert_eq!(saved, Saved::Done);
    assert!(restricted.remember(&Id(1), NOW, NOW).await.unwrap());
    assert_eq!(restricted.delete_expired(NOW).await.unwrap(), 0);
    assert!(restricted.listen().await.unwrap().is_some());
    restricted.migrate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_a_newer_version_are_not_touched() {
    let (store, url) = store().await;
    store.migrate().await.unwrap();
    let server = PostgresServer::shared();
    server.execute(database(&url), "UPDATE oidc_session_version SET version = 99").await;
    let newer = PostgresStoreError::NewerSchema { found: 99, known: 1 };
    for _ in 0..2 {
        assert_eq!(reason(&store.fetch(&Id(1), NOW).await.unwrap_err()), newer);
    }
    assert_eq!(reason(&store.migrate().await.unwrap_err()), newer);
    // The administrator's text does not pretend that they are older.
    server.execute(database(&url), &store.schema_sql()).await;
    assert_eq!(reason(&store.fetch(&Id(1), NOW).await.unwrap_err()), newer);

    server.execute(database(&url), "UPDATE oidc_session_version SET version = 1").await;
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_none());
}

/// Of the same names: other columns, one that a row cannot do without, another type, no version that we ever wrote.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_application_are_neither_used_nor_changed() {
    let tables = PostgresStore::new("postgres://app@127.0.0.1/app").unwrap().schema_sql();
    let (data, version) = ("oidc_session_data", "oidc_session_version");
    for (sql, foreign) in [
        (format!("CREATE TABLE {data} (id bytea PRIMARY KEY, auth bytea NOT NULL)"), data),
        (format!("{tables} ALTER TABLE {data} ADD used bigint NOT NULL"), data),
        (format!("{tables} ALTER TABLE {data} ALTER summary TYPE text USING ''"), data),
        ("CREATE TABLE oidc_session_locks (key text)".to_owned(), "oidc_session_locks"),
        (
            format!("CREATE TABLE {version} (version text); INSERT INTO {version} VALUES ('1')"),
            version,
        ),
        (format!("CREATE TABLE {version} (number bigint)"), version),
        (format!("{tables} UPDATE {version} SET version = 0"), version),
    ] {
        let (store, url) = store().await;
        let server = PostgresServer::shared();
        server.execute(database(&url), &sql).await;
        let before = shape(&url).await;
        for _ in 0..2 {
            let foreign = PostgresStoreError::ForeignTable(format!("\"{foreign}\""));
            assert_eq!(reason(&store.fetch(&Id(1), NOW).await.unwrap_err()), foreign, "{sql}");
            assert_eq!(reason(&store.insert(&session(1), NOW).await.unwrap_err()), foreign);
            assert_eq!(reason(&store.migrate().await.unwrap_err()), foreign);
            assert!(store.delete(&Id(1)).await.is_err());
        }
        assert_eq!(shape(&url).await, before, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_an_administrator_added_are_in_nobodys_way() {
    let (store, url) = store().await;
    let added =
        "ALTER TABLE oidc_session_data ADD since timestamptz NOT NULL DEFAULT now(), ADD note text";
    let sql = store.schema_sql() + added;
    PostgresServer::shared().execute(database(&url), &sql).await;
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.fetch(&Id(1), NOW).await.unwrap(), Some(session(1)));
}

/// Every table, index and column there is, and how it is stored.
async fn shape(url: &str) -> String {
    let sql = "SELECT string_agg(concat_ws(' ', attrelid::regclass, attname, atttypid, attstorage), ', ' \
               ORDER BY attrelid::regclass::text, attnum) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid \
               WHERE relnamespace = 'public'::regnamespace AND attnum > 0";
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_vanish_are_an_error_and_then_made_again() {
    let (store, url) = store().await;
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let drop = "DROP TABLE oidc_session_data, oidc_session_version";
    PostgresServer::shared().execute(database(&url), drop).await;
    assert!(store.fetch(&Id(1), NOW).await.is_err());
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_with_other_names_are_apart() {
    let (_, url) = store().await;
    let with = |settings| PostgresStore::with_settings(&url, settings).unwrap();
    let one = with(PostgresSettings::default().schema("user").table_prefix("a"));
    assert!(one.fetch(&Id(1), NOW).await.is_err(), "the schema is missing");
    PostgresServer::shared().execute(database(&url), "CREATE SCHEMA \"user\"").await;
    let two = with(PostgresSettings::default().schema("user").table_prefix("b"));
    let three = with(PostgresSettings::default().table_prefix("a"));
    let mut listener = two.listen().await.unwrap().unwrap();
    for store in [&one, &two, &three] {
        assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    }
    for store in [&one, &three] {
        assert_eq!(store.save_if(&Id(1), change(1, b"new"), NOW).await.unwrap(), Saved::Done);
    }
    assert_eq!(listener.catch_up().await.unwrap(), []);
    assert_eq!(two.fetch(&Id(1), NOW).await.unwrap(), Some(session(1)));
}

fn reason(error: &StoreError) -> PostgresStoreError {
    error.source().unwrap().downcast_ref::<PostgresStoreError>().unwrap().clone()
}
