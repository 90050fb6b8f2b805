//! Leases, by the clock of the database.

use std::time::Duration;

use axum_oidc_session::AuthStore as _;
use axum_oidc_session::tower_sessions::session::Id;

use super::store;
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_with_its_lease() {
    let (store, _) = store().await;
    let (key, holder, other) = (Id(1), Id(2), Id(3));
    assert!(store.lock(&key, &holder, Duration::from_millis(400)).await.unwrap());
    assert!(!store.lock(&key, &other, Duration::from_secs(60)).await.unwrap());
    until(async || store.lock(&key, &other, Duration::from_secs(60)).await.unwrap()).await;
    assert!(!store.lock(&key, &holder, Duration::from_secs(60)).await.unwrap());
    store.unlock(&key, &holder).await.unwrap();
    assert!(!store.lock(&key, &holder, Duration::from_secs(60)).await.unwrap());
    store.unlock(&key, &other).await.unwrap();
    assert!(store.lock(&key, &holder, Duration::MAX).await.unwrap());
}
