//! The races over real servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum_oidc_session::clock::ManualClock;
use axum_oidc_session::{AuthStore, PostgresStore};

use super::{Arena, logouts, moves, refreshes};
use crate::support::postgres_server::PostgresServer;
use crate::support::{NOW, RedisServer};

async fn all(make: impl AsyncFn() -> Arc<dyn AuthStore>) {
    let arena = async || Arena::over(make().await, ManualClock::at(NOW)).await;
    let mut orders = 0;
    orders += arena()
        .await
        .in_all_orders(async |round| logouts::login_and_token(&round, false).await)
        .await;
    orders += arena().await.in_all_orders(async |round| moves::move_and_logout(&round).await).await;
    orders += arena().await.in_all_orders(async |round| moves::move_and_login(&round).await).await;
    orders +=
        arena().await.in_all_orders(async |round| refreshes::refresh_and_token(&round).await).await;
    orders += arena()
        .await
        .in_all_orders(async |round| refreshes::refresh_and_logout(&round).await)
        .await;
    orders +=
        arena().await.in_all_orders(async |round| refreshes::two_refreshes(&round).await).await;
    assert!(orders >= 120, "{orders}");
}

#[tokio::test]
async fn over_redis() {
    let fresh = async || Arc::new(RedisServer::shared().store(&prefix())) as Arc<dyn AuthStore>;
    all(fresh).await;
}

#[tokio::test]
async fn over_postgresql() {
    let fresh = async || {
        let url = PostgresServer::shared().database().await;
        Arc::new(PostgresStore::new(&url).unwrap()) as Arc<dyn AuthStore>
    };
    all(fresh).await;
}

fn prefix() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("race-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
