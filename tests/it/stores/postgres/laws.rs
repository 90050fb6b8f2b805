//! The laws of the contract, over two nodes on one database.

use std::sync::Arc;

use axum_oidc_session::{AuthStore, PostgresStore, store_laws};
use sqlx::postgres::PgPoolOptions;

use crate::support::postgres_server::PostgresServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_one_database_keep_every_law() {
    let url = PostgresServer::shared().database().await;
    let node = || Arc::new(PostgresStore::new(&url).unwrap()) as Arc<dyn AuthStore>;
    let report = store_laws::check(&[node(), node()]).await;
    report.assert();
    assert!(report.not_offered().is_empty(), "{:?}", report.not_offered());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn so_does_a_node_over_a_pool_of_the_applications() {
    let url = PostgresServer::shared().database().await;
    let pool = PgPoolOptions::new().max_connections(5).test_before_acquire(false);
    let pool = pool.connect_lazy(&url).unwrap();
    let one = Arc::new(PostgresStore::from_pool(pool).unwrap()) as Arc<dyn AuthStore>;
    let other = Arc::new(PostgresStore::new(&url).unwrap()) as Arc<dyn AuthStore>;
    store_laws::check(&[one, other]).await.assert();
}
