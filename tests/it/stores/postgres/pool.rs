//! A store over the application's own pool.

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, IndexKey, Inserted, Marker, PostgresStore, Saved};
use futures_util::future::join_all;
use sqlx::Row as _;
use sqlx::postgres::PgPoolOptions;

use super::{LATER, NOW, change, session};
use crate::support::postgres_server::PostgresServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_no_error_over_the_applications_pool_either() {
    let server = PostgresServer::start();
    let options = PgPoolOptions::new().max_connections(4).test_before_acquire(false);
    let pool = options.connect_lazy(&server.database().await).unwrap();
    let store = PostgresStore::from_pool(pool.clone()).unwrap();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    for round in 1..=2 {
        let four = join_all((0..4).map(|_| store.fetch(&Id(1), NOW))).await;
        assert!(four.into_iter().all(|fetched| fetched.unwrap().is_some()));
        server.stop();
        server.start_again();
        let saved = store.save_if(&Id(1), change(round, b"new"), NOW).await.unwrap();
        assert_eq!(saved, Saved::Done);
        server.kill();
        server.start_again();
        let ten = join_all((0..10).map(|_| store.fetch(&Id(1), NOW))).await;
        assert!(ten.into_iter().all(|fetched| fetched.unwrap().is_some()));
    }
    pool.close().await;
    assert!(store.fetch(&Id(1), NOW).await.is_err());
}

/// What ends a session is on disk even if the application's pool is careless, and the pool stays so.
#[tokio::test(flavor = "multi_thread")]
async fn deletions_and_markers_are_durable_over_careless_connections() {
    let server = PostgresServer::start();
    // Nothing is written by itself within this test.
    server.execute("postgres", "ALTER SYSTEM SET wal_writer_delay = '10s'").await;
    server.stop();
    server.start_again();
    let url = server.database().await;
    let careful = PostgresStore::new(&url).unwrap();
    assert_eq!(careful.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let options = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    let pool = options.connect_lazy(&(url + "?options[synchronous_commit]=off")).unwrap();
    let careless = PostgresStore::from_pool(pool.clone()).unwrap();
    assert!(careless.remember(&Id(1), LATER, NOW).await.unwrap());
    let marker =
        Marker { key: IndexKey([1; 16]), begun_after: NOW, authenticated_after: NOW, until: LATER };
    careless.mark(&[marker], NOW).await.unwrap();
    careless.delete(&Id(1)).await.unwrap();
    // The rule itself can fail: this is not flushed.
    for number in 2..6 {
        assert!(careless.remember(&Id(number), LATER, NOW).await.unwrap());
    }
    let row = sqlx::query("SHOW synchronous_commit").fetch_one(&pool).await.unwrap();
    assert_eq!(row.get::<String, _>(0), "off");
    server.kill();
    server.start_again();
    assert!(careful.remember(&Id(5), LATER, NOW).await.unwrap(), "the server lost nothing");
    assert!(careful.fetch(&Id(1), NOW).await.unwrap().is_none());
    assert_eq!(careful.markers(&[marker.key], NOW).await.unwrap(), [marker]);
}
