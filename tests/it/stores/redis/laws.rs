//! The laws that hold for every store.

use std::sync::Arc;

use axum_oidc_session::{AuthStore, store_laws};

use super::sample::prefix;
use crate::support::RedisServer;

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_keep_the_laws() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let nodes = [(); 2].map(|()| Arc::new(server.store(&prefix)) as Arc<dyn AuthStore>);
    store_laws::check(&nodes).await.assert();
}
