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

/// It is made of the time of the sign-in by the server's clock, and rounded: to whoever knows how long sessions live it
/// tells the day at most.
#[tokio::test]
async fn the_end_of_an_index_entry_tells_no_second() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let (_app, _browser) = used_over(server.store(&prefix)).await;
    let mut connection = server.connection().await;
    let mut keys = redis::cmd("KEYS");
    let keys: Vec<String> =
        keys.arg(format!("{prefix}*")).query_async(&mut connection).await.unwrap();
    let mut ends: Vec<i64> = Vec::new();
    for key in keys {
        if key.starts_with(&format!("{prefix}s:")) {
            let mut end = redis::cmd("HGET");
            ends.push(end.arg(&key).arg("x").query_async(&mut connection).await.unwrap());
        } else if key.starts_with(&format!("{prefix}i:")) {
            let mut entries = redis::cmd("ZRANGE");
            entries.arg(&key).arg(0).arg(-1).arg("WITHSCORES");
            let entries: Vec<(String, i64)> = entries.query_async(&mut connection).await.unwrap();
            ends.extend(entries.into_iter().map(|(_, end)| end));
            let mut time = redis::cmd("EVAL");
            time.arg(EXPIRE_TIME).arg(1).arg(&key);
            ends.push(time.query_async(&mut connection).await.unwrap());
        }
    }
    assert_eq!(ends.len(), 7, "three entries, their keys, and what the session knows of them");
    assert!(ends.iter().all(|end| end % 86_400 == 0), "{ends:?}");
}

/// What `EXPIRETIME` tells from version 7 on.
const EXPIRE_TIME: &str = "
    local time, left = redis.call('TIME'), redis.call('PTTL', KEYS[1])
    return math.floor((time[1] * 1000 + time[2] / 1000 + left) / 1000 + 0.5)";
