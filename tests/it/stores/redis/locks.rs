//! Locks end by the server's clock.

use std::time::Duration;

use axum_oidc_session::AuthStore as _;

use super::sample::{id, prefix};
use crate::support::{RedisServer, until};

#[tokio::test]
async fn lease_is_kept_by_the_server() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let (one, other) = (server.store(&prefix), server.store(&prefix));
    let (key, holder, rival) = (id(), id(), id());
    let name = format!("{prefix}l:{{{:032x}}}", key.0);
    let left = async || -> i64 {
        let mut left = redis::cmd("PTTL");
        left.arg(&name).query_async(&mut server.connection().await).await.unwrap()
    };
    assert!(one.lock(&key, &holder, Duration::from_secs(60)).await.unwrap());
    assert!((1..=60_000).contains(&left().await));
    assert!(!other.lock(&key, &rival, Duration::from_secs(60)).await.unwrap());
    // Nobody but the holder releases it, or makes it longer.
    other.unlock(&key, &rival).await.unwrap();
    assert!((1..=60_000).contains(&left().await));
    assert!(one.lock(&key, &holder, Duration::from_millis(200)).await.unwrap());
    assert!((1..=200).contains(&left().await));
    until(async || other.lock(&key, &rival, Duration::from_secs(60)).await.unwrap()).await;
    // Who was late has lost it.
    assert!(!one.lock(&key, &holder, Duration::from_secs(60)).await.unwrap());
    one.unlock(&key, &holder).await.unwrap();
    assert!((200..=60_000).contains(&left().await));
    other.unlock(&key, &rival).await.unwrap();
    assert!(one.lock(&key, &holder, Duration::ZERO).await.unwrap(), "it is free");
}
