//! A master that its replicas have left, and a replica: neither is asked for sessions.

use axum_oidc_session::{AuthStore as _, Inserted, RedisStore};

use super::sample::{NOW, at, session};
use crate::logs::Log;
use crate::support::{RedisServer, until};

fn replica_of(master: &RedisServer) -> RedisServer {
    RedisServer::start(&["--replicaof", &format!("127.0.0.1 {}", master.port())])
}

async fn field(server: &RedisServer, name: &str) -> Option<String> {
    let mut info = redis::cmd("INFO");
    let text: String =
        info.arg("replication").query_async(&mut server.connection().await).await.unwrap();
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::to_owned)
}

async fn has_good_replica(master: &RedisServer) {
    until(async || field(master, "min_slaves_good_slaves").await.as_deref() == Some("1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_without_its_replicas_is_not_asked() {
    let master = RedisServer::start(&["--min-replicas-max-lag", "2"]);
    let replica = replica_of(&master);
    let mut set = redis::cmd("CONFIG");
    set.arg("SET").arg("min-replicas-to-write").arg("1");
    set.exec_async(&mut master.connection().await).await.unwrap();
    has_good_replica(&master).await;
    let store = master.store("oidc:");
    let mut listener = store.listen().await.unwrap().unwrap();
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    assert!(store.fetch(&session.id, at(NOW)).await.unwrap().is_some());
    replica.pause();
    // Nobody writes: whoever listens finds out.
    until(async || listener.catch_up().await.is_err()).await;
    let error = store.fetch(&session.id, at(NOW)).await.unwrap_err();
    let text = std::error::Error::source(&error).unwrap().to_string();
    assert!(text.contains("min-replicas-to-write"), "{text}");
    assert!(store.delete(&session.id).await.is_err());
    replica.resume();
    until(async || store.fetch(&session.id, at(NOW)).await.is_ok_and(|found| found.is_some()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_not_asked() {
    let master = RedisServer::start(&[]);
    let session = session();
    let inserted = master.store("oidc:").insert(&session, at(NOW)).await.unwrap();
    assert_eq!(inserted, Inserted::Done);
    let replica = replica_of(&master);
    until(async || field(&replica, "master_link_status").await.as_deref() == Some("up")).await;
    let store = replica.store("oidc:");
    assert!(store.fetch(&session.id, at(NOW)).await.is_err());
    // It takes over.
    let mut promote = redis::cmd("REPLICAOF");
    promote.arg("NO").arg("ONE").exec_async(&mut replica.connection().await).await.unwrap();
    until(async || store.fetch(&session.id, at(NOW)).await.is_ok_and(|found| found.is_some()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_nobody_counts_are_warned_of() {
    let master = RedisServer::start(&[]);
    let _replica = replica_of(&master);
    until(async || field(&master, "connected_slaves").await.as_deref() == Some("1")).await;
    let log = Log::capture();
    let store: RedisStore = master.store("oidc:");
    store.fetch(&session().id, at(NOW)).await.unwrap();
    assert!(log.text().contains("code=redis_isolation_unnoticed"), "{}", log.text());
}
