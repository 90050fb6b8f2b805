//! What those that read at the same time do to each other: nothing.

use std::future::poll_fn;
use std::task::Poll;

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, Inserted, PostgresStore};
use futures_util::future::join_all;

use super::{NOW, database, narrow, session, store, with_connections};
use crate::support::postgres_server::PostgresServer;
use crate::support::soon;

/// Clients that begin to read and then wait for something else keep neither a turn nor a connection.
#[tokio::test]
async fn a_client_that_does_not_look_at_its_reading_holds_nobody_up() {
    let (_, url) = store().await;
    assert_eq!(narrow(&url).insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    for most in [1, 3] {
        let store = with_connections(&url, most);
        assert!(store.fetch(&Id(2), NOW).await.unwrap().is_none());
        let mut unread = Vec::new();
        for _ in 0..3 {
            let mut reading = Box::pin(store.fetch(&Id(1), NOW));
            let polled = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context)));
            assert!(polled.await.is_pending());
            unread.push(reading);
        }
        let read = soon(store.fetch(&Id(1), NOW)).await;
        assert_eq!(read.unwrap(), Some(session(1)), "{most}");
        for reading in join_all(unread).await {
            assert_eq!(reading.unwrap(), Some(session(1)));
        }
    }
}

/// Whoever shares its statement does not share its fate: of a value that cannot be read, …
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_fails_who_asked_for_it_alone() {
    let (_, url) = store().await;
    let store = narrow(&url);
    for number in 1..=20 {
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
    }
    let damage =
        format!("UPDATE oidc_session_data SET sub_key = 'short' WHERE id = '\\x{:032x}'", 7);
    PostgresServer::shared().execute(database(&url), &damage).await;
    fails_alone(&store, 7).await;
}

/// … and of one that the server cannot read.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_server_refuses_fails_who_asked_for_it_alone() {
    let (_, url) = store().await;
    let store = narrow(&url);
    for number in 1..=20 {
        let mut session = session(number);
        if number == 7 {
            // It has no room beside the others of its row.
            session.auth.content =
                (0..40_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        }
        assert_eq!(store.insert(&session, NOW).await.unwrap(), Inserted::Done);
    }
    // Tables of what has no room are not written to, so it is called another.
    let damage = "SET allow_system_table_mods = on; \
        DO $$ DECLARE aside oid; BEGIN \
        SELECT reltoastrelid INTO aside FROM pg_class WHERE oid = 'oidc_session_data'::regclass; \
        UPDATE pg_class SET relkind = 'r' WHERE oid = aside; \
        EXECUTE 'DELETE FROM ' || aside::regclass; \
        UPDATE pg_class SET relkind = 't' WHERE oid = aside; END $$";
    PostgresServer::shared().execute(database(&url), damage).await;
    fails_alone(&store, 7).await;
}

async fn fails_alone(store: &PostgresStore, broken: i128) {
    // The second time all is prepared.
    for _ in 0..2 {
        let crowd =
            (1..=20).map(|number| async move { (number, store.fetch(&Id(number), NOW).await) });
        for (number, found) in join_all(crowd).await {
            match found {
                Err(error) => assert_eq!(number, broken, "{error:?}"),
                Ok(found) => assert!(found.is_some() && number != broken, "{number}"),
            }
        }
    }
}
