//! A pooler that gives the statements of one client to another: the store is unusable, and no user is signed out.

use std::error::Error as _;
use std::time::Duration;

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Change, Inserted, Marker, Part, PostgresStore, StoreError,
};
use futures_util::future::join_all;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Executor as _, Row as _};

use super::{LATER, NOW, change, session, store, touch};
use crate::support::pgbouncer::PgBouncer;
use crate::support::postgres_server::PostgresServer;

/// And the log names the cause and the cure.
fn is_mixed(error: &StoreError) -> bool {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    ["mixes up the prepared statements", "max_prepared_statements", "pool_mode = session"]
        .iter()
        .all(|part| text.contains(part))
}

const OPERATIONS: usize = 13;

async fn operation(store: &PostgresStore, number: usize) -> Result<(), StoreError> {
    let keys = session(1).listing.index.keys();
    let marker = Marker { key: keys[2], begun_after: NOW, authenticated_after: NOW, until: LATER };
    let lease = Duration::from_secs(60);
    match number {
        0 => store.insert(&session(2), NOW).await.map(drop),
        1 => store.fetch(&Id(1), NOW).await.map(drop),
        2 => store.save_if(&Id(1), change(1, b"new"), NOW).await.map(drop),
        3 => {
            let application = Change::new(Part::Application, 0, b"new");
            store.save_if(&Id(1), application, NOW).await.map(drop)
        }
        4 => store.touch(&Id(1), touch(1), NOW).await.map(drop),
        5 => Ok(store.delete(&Id(3)).await?),
        6 => store.find(&keys, NOW).await.map(drop),
        7 => store.mark(&[marker], NOW).await,
        8 => store.markers(&keys, NOW).await.map(drop),
        9 => store.remember(&Id(1), LATER, NOW).await.map(drop),
        10 => store.lock(&Id(1), &Id(2), lease).await.map(drop),
        11 => store.unlock(&Id(1), &Id(2)).await,
        _ => store.delete_expired(NOW).await.map(drop),
    }
}

/// Puts `body` in the place of every statement that the one connection of `pool` has prepared.
async fn replace_statements(pool: &PgPool, body: &str) {
    let mut connection = pool.acquire().await.unwrap();
    let rows = connection
        .fetch_all(
            "SELECT name, array_to_string(parameter_types, ', ') FROM pg_prepared_statements",
        )
        .await
        .unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let (name, types): (String, String) = (row.get(0), row.get(1));
        let types = if types.is_empty() { types } else { format!("({types})") };
        let replace = format!("DEALLOCATE \"{name}\"; PREPARE \"{name}\" {types} AS {body}");
        connection.execute(replace.as_str()).await.unwrap();
    }
}

fn one_connection(url: &str) -> PgPool {
    let options = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    options.connect_lazy(url).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_another_statement_is_an_error() {
    let (first, url) = store().await;
    assert_eq!(first.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    for body in [
        "SELECT 1::bigint WHERE false",
        "SELECT NULL::bigint",
        "SELECT 1::bigint",
        "SELECT 'text'::text",
        "DELETE FROM oidc_session_locks WHERE key IS NULL",
        "SELECT id, auth_version FROM oidc_session_data",
    ] {
        for number in 0..OPERATIONS {
            let pool = one_connection(&url);
            let store = PostgresStore::from_pool(pool.clone()).unwrap();
            operation(&store, number).await.unwrap();
            replace_statements(&pool, body).await;
            let error = operation(&store, number).await.unwrap_err();
            assert!(is_mixed(&error), "{number} {body}: {error:?}");
            pool.close().await;
        }
    }
    assert!(first.fetch(&Id(1), NOW).await.unwrap().is_some());
}

/// Of several reads that share a statement each gets the error.
#[tokio::test(flavor = "multi_thread")]
async fn reads_that_share_a_statement_are_all_errors() {
    let (first, url) = store().await;
    assert_eq!(first.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let pool = one_connection(&url);
    let store = PostgresStore::from_pool(pool.clone()).unwrap();
    let crowd = || join_all((0..9).map(|_| store.fetch(&Id(1), NOW)));
    assert!(crowd().await.into_iter().all(|found| found.unwrap().is_some()));
    replace_statements(&pool, "SELECT 1::bigint WHERE false").await;
    assert!(crowd().await.into_iter().all(|found| is_mixed(&found.unwrap_err())));
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_are_gone_are_an_error() {
    let (first, url) = store().await;
    assert_eq!(first.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let pool = one_connection(&url);
    let store = PostgresStore::from_pool(pool.clone()).unwrap();
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
    pool.execute("DEALLOCATE ALL").await.unwrap();
    let error = store.fetch(&Id(1), NOW).await.unwrap_err();
    assert!(is_mixed(&error), "{error:?}");
    assert!(error.source().unwrap().to_string().contains("26000"));
    // For a moment nothing is sent at all; then the store looks again.
    assert!(is_mixed(&store.fetch(&Id(1), NOW).await.unwrap_err()));
    crate::support::until(async || {
        store.fetch(&Id(1), NOW).await.is_ok_and(|found| found.is_some())
    })
    .await;
}

/// Two nodes behind PgBouncer in transaction mode: no answer is wrong, and both say what is the matter.
#[tokio::test(flavor = "multi_thread")]
async fn pgbouncer_in_transaction_mode_signs_nobody_out() {
    for settings in ["", "server_round_robin = 1", "default_pool_size = 1"] {
        let server = PostgresServer::shared();
        let (direct, url) = store().await;
        for number in 1..=4 {
            assert_eq!(direct.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
        }
        let bouncer = PgBouncer::start(server, "transaction", settings);
        let nodes = [(); 2].map(|()| PostgresStore::new(&bouncer.url(&url)).unwrap());
        let mut mixed = 0;
        for round in 0..40 {
            let asked = (1..=4).flat_map(|number| nodes.iter().map(move |node| (node, number)));
            let answers = asked.map(|(node, number)| async move {
                let found = node.fetch(&Id(number), NOW).await;
                let listed = node.find(&session(number).listing.index.keys(), NOW).await;
                let told = operation(node, 7 + round % 5).await;
                (found, listed, told)
            });
            for (found, listed, told) in join_all(answers).await {
                assert!(!matches!(found, Ok(None)), "{settings}: signed out");
                assert!(!matches!(&listed, Ok(found) if found.len() != 1), "{settings}: not found");
                let errors = [found.err(), listed.err(), told.err()];
                mixed += errors.iter().flatten().filter(|error| is_mixed(error)).count();
            }
        }
        assert!(mixed > 0, "{settings}");
    }
}

/// A node that is alone meets nobody else's statements: two connections of its own show it what is to come.
#[tokio::test(flavor = "multi_thread")]
async fn pgbouncer_in_transaction_mode_is_noticed_at_the_start() {
    let (direct, url) = store().await;
    // On a machine that is very slow the look may take too long to say anything.
    for _ in 0..3 {
        let bouncer = PgBouncer::start(PostgresServer::shared(), "transaction", "");
        let node = PostgresStore::new(&bouncer.url(&url)).unwrap();
        if let Err(error) = node.insert(&session(1), NOW).await {
            assert!(is_mixed(&error), "{error:?}");
            assert_eq!(direct.fetch(&Id(1), NOW).await.unwrap(), None, "nothing was sent");
            return;
        }
        direct.delete(&Id(1)).await.unwrap();
    }
    panic!("the node took PgBouncer for a database");
}

#[tokio::test(flavor = "multi_thread")]
async fn pgbouncer_in_session_mode_is_as_good_as_none() {
    let (direct, url) = store().await;
    assert_eq!(direct.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let bouncer = PgBouncer::start(PostgresServer::shared(), "session", "");
    let nodes = [(); 2].map(|()| PostgresStore::new(&bouncer.url(&url)).unwrap());
    for node in &nodes {
        for number in (0..OPERATIONS).filter(|number| *number != 0) {
            operation(node, number).await.unwrap();
        }
        assert!(node.fetch(&Id(1), NOW).await.unwrap().is_some());
    }
}
