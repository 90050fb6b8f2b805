//! What others wrote under our keys is an error, never an absent session.

use std::time::Duration;

use axum_oidc_session::{AuthStore as _, Inserted, RedisStore, StoreError, StoredSession};
use redis::aio::MultiplexedConnection;

use super::sample::{NOW, at, change, id, index_key, marker, prefix, session, touch};
use crate::support::RedisServer;

#[tokio::test]
async fn damaged_session_is_an_error() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    let mut connection = server.connection().await;
    let (expiry, one, none) = ("1".repeat(20), "0000000000000000001", "0".repeat(19));
    let record = |format: &str, expiry: &str, versions: [&str; 2], lengths: [&str; 2]| {
        let index = "i".repeat(52);
        format!("{format}{expiry}{index}{}{}sa", versions.concat(), lengths.concat())
    };
    let (fine, versions) = (["00000001", "00000001"], [one, &none]);
    let full = |format, expiry: &str, versions, lengths| {
        ("HSET", vec!["r".to_owned(), record(format, expiry, versions, lengths)])
    };
    // What only the content tells is found by whoever reads it; what the form tells, by scripts as well.
    let of_content = [
        full("2", &"x".repeat(20), versions, fine),
        full("2", &expiry, [&none, &none], fine),
        full("2", &expiry, ["000000000000000000x", &none], fine),
        full("2", &expiry, versions, ["00000001", "00000000"]),
    ];
    let of_form = [
        ("HDEL", vec!["r".to_owned()]),
        ("HSET", vec!["r".to_owned(), String::new()]),
        ("HSET", vec!["r".to_owned(), record("2", &expiry, versions, fine)[..126].to_owned()]),
        full("1", &expiry, versions, fine),
        full("2", &expiry, versions, ["00000001", "00000002"]),
        full("2", &expiry, versions, ["00000003", "00000000"]),
        full("2", &expiry, versions, ["0000000x", "00000001"]),
        full("2", &expiry, versions, ["00000001", "0000000x"]),
        ("SET", vec!["text".to_owned()]),
    ];
    let form = of_form.map(|damage| (damage, true));
    for (damage, is_form) in of_content.map(|damage| (damage, false)).into_iter().chain(form) {
        let session = stored(&store).await;
        let mut command = redis::cmd(damage.0);
        command.arg(session_key(&prefix, &session)).arg(&damage.1);
        command.exec_async(&mut connection).await.unwrap();
        is_foreign(store.fetch(&session.id, at(NOW)).await.map(drop), &damage);
        if is_form {
            refuses(&store, &session, &damage).await;
        }
        store.delete(&session.id).await.unwrap();
        assert_eq!(store.fetch(&session.id, at(NOW)).await.unwrap(), None, "{damage:?}");
    }
}

/// Listing, changing, and making another in its place.
async fn refuses(store: &RedisStore, session: &StoredSession, damage: &(&str, Vec<String>)) {
    let (id, now) = (&session.id, at(NOW));
    is_foreign(store.find(&[session.listing.index.sub], now).await.map(drop), damage);
    is_foreign(store.save_if(id, change(1, b"new"), now).await.map(drop), damage);
    is_foreign(store.touch(id, touch(NOW + 9), now).await.map(drop), damage);
    is_foreign(store.insert(session, now).await.map(drop), damage);
}

#[tokio::test]
async fn other_foreign_values_are_errors() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    let mut connection = server.connection().await;
    let (key, holder) = (id(), id());
    let named = |kind: &str| format!("{prefix}{kind}:{{{:032x}}}", key.0);
    write(&mut connection, &["SET", &named("r"), "text"]).await;
    is_foreign(store.remember(&key, at(NOW + 9), at(NOW)).await.map(drop), &"remember");
    write(&mut connection, &["RPUSH", &named("l"), "text"]).await;
    let lock = store.lock(&key, &holder, Duration::from_secs(9)).await;
    is_foreign(lock.map(drop), &"lock");
    is_foreign(store.unlock(&key, &holder).await, &"unlock");
    let index = index_key();
    let digits: String = index.0.iter().map(|byte| format!("{byte:02x}")).collect();
    write(&mut connection, &["ZADD", &format!("{prefix}i:{{{digits}}}"), "9", "no id"]).await;
    is_foreign(store.find(&[index], at(NOW)).await.map(drop), &"find");
}

/// And none of the others in the call is kept.
#[tokio::test]
async fn foreign_marker_leaves_nothing_half_done() {
    let (server, prefix) = (RedisServer::shared(), prefix());
    let store = server.store(&prefix);
    let mut connection = server.connection().await;
    for damage in ["SET", "HSET"] {
        let markers = [marker(), marker(), marker()];
        let digits: String = markers[1].key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{prefix}m:{{m}}:{digits}");
        let foreign = if damage == "SET" { vec!["text"] } else { vec!["b", "1"] };
        write(&mut connection, &[&[damage, name.as_str()], foreign.as_slice()].concat()).await;
        is_foreign(store.mark(&markers, at(NOW)).await, &damage);
        is_foreign(store.markers(&[markers[1].key], at(NOW)).await.map(drop), &damage);
        for marker in [markers[0], markers[2]] {
            assert_eq!(store.markers(&[marker.key], at(NOW)).await.unwrap(), [], "{damage}");
        }
    }
}

async fn stored(store: &RedisStore) -> StoredSession {
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    session
}

async fn write(connection: &mut MultiplexedConnection, command: &[&str]) {
    redis::cmd(command[0]).arg(&command[1..]).exec_async(connection).await.unwrap();
}

fn session_key(prefix: &str, session: &StoredSession) -> String {
    format!("{prefix}s:{{{:032x}}}", session.id.0)
}

fn is_foreign(outcome: Result<(), StoreError>, of: &impl std::fmt::Debug) {
    let error = outcome.expect_err(&format!("{of:?}"));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("not written by this version"), "{of:?}: {cause}");
}
