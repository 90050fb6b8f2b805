//! The keys and their values show no time of last use.

use super::sample::prefix;
use crate::support::{RedisServer, expect_sealed, used_over};

#[tokio::test]
async fn hashes_show_no_time_of_last_use() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let (_app, _browser) = used_over(server.store(&prefix)).await;
    let mut connection = server.connection().await;
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> =
        keys.arg(format!("{prefix}s:*")).query_async(&mut connection).await.unwrap();
    assert_eq!(keys.len(), 1);
    let mut session = redis::cmd("HGETALL");
    let fields: Vec<Vec<u8>> = session.arg(&keys[0]).query_async(&mut connection).await.unwrap();
    expect_sealed(&fields.concat());
}
