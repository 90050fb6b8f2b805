//! Everything expires by itself, and no index entry before its session.

use std::time::Duration;

use axum_oidc_session::{AuthStore as _, Inserted, Marker, Saved, StoredSession};
use redis::aio::MultiplexedConnection;

use super::sample::{NOW, at, change, id, listing, marker, prefix, session, session_until, touch};
use crate::support::RedisServer;

const DAY: i64 = 86_400;

#[tokio::test]
async fn no_key_is_without_an_expiry() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    for expires_at in [NOW + 1, NOW + DAY, i64::MAX] {
        let session = session_until(expires_at);
        assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
        let touched = store.touch(&session.id, touch(NOW + 40 * DAY), at(NOW)).await;
        assert_eq!(touched.unwrap(), Saved::Done);
        let listing = listing();
        let moved = change(1, b"moved").listing(listing.clone());
        assert_eq!(store.save_if(&session.id, moved, at(NOW)).await.unwrap(), Saved::Done);
    }
    let over = session();
    assert_eq!(store.insert(&over, at(NOW)).await.unwrap(), Inserted::Done);
    store.delete(&over.id).await.unwrap();
    for until in [at(NOW + 5), Marker::NEVER] {
        store.mark(&[Marker { until, ..marker() }, marker()], at(NOW)).await.unwrap();
        assert!(store.remember(&id(), until, at(NOW)).await.unwrap());
    }
    assert!(store.lock(&id(), &id(), Duration::from_secs(30)).await.unwrap());
    let mut connection = server.connection().await;
    let keys = keys(&mut connection, &format!("{prefix}*")).await;
    for kind in ["s:", "i:", "m:", "r:", "l:"] {
        let of_kind = format!("{prefix}{kind}");
        assert!(keys.iter().any(|key| key.starts_with(&of_kind)), "{kind} of {keys:?}");
    }
    for key in keys {
        assert!(seconds_left(&mut connection, &key).await > 0, "{key}");
    }
}

/// By what a touch or a save adds, be it a minute or a month.
#[tokio::test]
async fn index_outlives_the_session() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    let mut connection = server.connection().await;
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    check(&mut connection, &prefix, &session).await;
    for later in [60, 3_600, 3_700, 10_000, DAY, 40 * DAY, 400 * DAY] {
        let touched = store.touch(&session.id, touch(NOW + later), at(NOW)).await.unwrap();
        assert_eq!(touched, Saved::Done, "{later}");
        check(&mut connection, &prefix, &session).await;
    }
    let longer = change(1, b"longer").expires_at(at(NOW + 2_000 * DAY));
    assert_eq!(store.save_if(&session.id, longer, at(NOW)).await.unwrap(), Saved::Done);
    check(&mut connection, &prefix, &session).await;
    // The expiry stays, and the new entries must last as long.
    let mut moved = session.clone();
    moved.listing = listing();
    let change = change(2, b"moved").listing(moved.listing.clone());
    assert_eq!(store.save_if(&session.id, change, at(NOW)).await.unwrap(), Saved::Done);
    check(&mut connection, &prefix, &moved).await;
    assert_eq!(store.find(&[session.listing.index.sub], at(NOW)).await.unwrap(), []);
    assert_eq!(store.find(&[moved.listing.index.sub], at(NOW)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn dead_entries_are_passed_over_and_freed() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    let mut connection = server.connection().await;
    let session = session();
    let key = format!("{prefix}i:{{{}}}", hex(&session.listing.index.sub.0));
    let (ended, dangling) = ("0".repeat(32), "1".repeat(32));
    let mut add = redis::cmd("ZADD");
    add.arg(&key).arg(1).arg(&ended).arg("+inf").arg(&dangling);
    add.exec_async(&mut connection).await.unwrap();
    assert_eq!(store.find(&[session.listing.index.sub], at(NOW)).await.unwrap(), []);
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    let found = store.find(&[session.listing.index.sub], at(NOW)).await.unwrap();
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [session.id]);
    let mut members = redis::cmd("ZRANGE");
    members.arg(&key).arg(0).arg(-1);
    let members: Vec<String> = members.query_async(&mut connection).await.unwrap();
    assert!(!members.contains(&ended), "what has ended is freed");
    assert!(members.contains(&dangling), "an insert may be about to make the session");
}

/// Each entry, and the key that holds it.
async fn check(connection: &mut MultiplexedConnection, prefix: &str, session: &StoredSession) {
    let id = hex(&session.id.0.to_be_bytes());
    let left = seconds_left(connection, &format!("{prefix}s:{{{id}}}")).await;
    let (now, _): (i64, i64) = redis::cmd("TIME").query_async(connection).await.unwrap();
    for key in session.listing.index.keys() {
        let key = format!("{prefix}i:{{{}}}", hex(&key.0));
        let mut score = redis::cmd("ZSCORE");
        let end: f64 = score.arg(&key).arg(&id).query_async(connection).await.unwrap();
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact")]
        let session_end = (now + left) as f64;
        assert!(end > session_end, "the entry ends {end}, the session {session_end}");
        assert!(seconds_left(connection, &key).await > left, "the key ends before the session");
    }
}

async fn seconds_left(connection: &mut MultiplexedConnection, key: &str) -> i64 {
    redis::cmd("TTL").arg(key).query_async(connection).await.unwrap()
}

async fn keys(connection: &mut MultiplexedConnection, pattern: &str) -> Vec<String> {
    redis::cmd("KEYS").arg(pattern).query_async(connection).await.unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
