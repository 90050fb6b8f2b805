//! A cluster of three masters, each a server of its own.

use std::collections::HashSet;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore, Inserted, RedisSettings, RedisStore, Saved, StoreEvent, StoredSession, store_laws,
};

use super::sample::{NOW, at, change, marker, prefix, session};
use crate::logs::Log;
use crate::support::{RedisServer, until};

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_of_an_application_keep_the_laws() {
    let (cluster, prefix) = (Cluster::shared(), prefix());
    let nodes = [(); 2].map(|()| Arc::new(cluster.store(&prefix)) as Arc<dyn AuthStore>);
    store_laws::check(&nodes).await.assert();
}

/// Whichever master runs a script, its event is there, and once.
#[tokio::test(flavor = "multi_thread")]
async fn catching_up_is_a_barrier_over_all_masters() {
    let (cluster, prefix) = (Cluster::shared(), prefix());
    let (here, there) = (cluster.store(&prefix), cluster.store(&prefix));
    let mut listener = here.listen().await.unwrap().unwrap();
    for session in stored(&there).await {
        let id = session.id;
        for version in 1..5 {
            let saved = there.save_if(&id, change(version, b"new"), at(NOW)).await.unwrap();
            assert_eq!(saved, Saved::Done);
            let heard = listener.catch_up().await.unwrap();
            assert_eq!(heard, [StoreEvent::Changed(id)], "each once");
        }
        there.delete(&id).await.unwrap();
        assert_eq!(listener.catch_up().await.unwrap(), [StoreEvent::Deleted(id)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_keys_are_asked_at_once() {
    let store = Cluster::shared().store(&prefix());
    let sessions: Vec<_> = (0..30).map(|_| session()).collect();
    for session in &sessions {
        assert_eq!(store.insert(session, at(NOW)).await.unwrap(), Inserted::Done);
    }
    let keys: Vec<_> = sessions.iter().map(|session| session.listing.index.sub).collect();
    let found = store.find(&keys, at(NOW)).await.unwrap();
    let found: HashSet<Id> = found.into_iter().map(|found| found.id).collect();
    assert_eq!(found, sessions.iter().map(|session| session.id).collect());
    let markers: Vec<_> = (0..30).map(|_| marker()).collect();
    store.mark(&markers, at(NOW)).await.unwrap();
    let keys: Vec<_> = markers.iter().map(|marker| marker.key).collect();
    assert_eq!(store.markers(&keys, at(NOW)).await.unwrap().len(), 30);
}

/// While slots move from one master to another every answer is right.
#[tokio::test(flavor = "multi_thread")]
async fn moving_slots_disturb_nobody() {
    let cluster = Cluster::start();
    let store = cluster.store("oidc:");
    let mut sessions: Vec<_> = (0..200).map(|_| session()).collect();
    for session in &sessions {
        assert_eq!(store.insert(session, at(NOW)).await.unwrap(), Inserted::Done);
    }
    let moving = cluster.move_slots(400);
    let moving = tokio::task::spawn_blocking(moving);
    let mut rounds = 0;
    while !moving.is_finished() || rounds < 2 {
        rounds += 1;
        for session in &mut sessions {
            let version = session.auth.version;
            let saved = store.save_if(&session.id, change(version, b"new"), at(NOW)).await;
            assert_eq!(saved.unwrap(), Saved::Done);
            session.auth.version += 1;
            let kept = store.fetch(&session.id, at(NOW)).await.unwrap().unwrap();
            assert_eq!(kept.auth.version, session.auth.version);
        }
    }
    moving.await.unwrap();
}

/// Also if it is the only one that was named.
#[tokio::test(flavor = "multi_thread")]
async fn node_that_comes_back_is_used_again() {
    let cluster = Cluster::start();
    let store = cluster.store_by(0, "oidc:", Duration::from_millis(500));
    let mut listener = store.listen().await.unwrap().unwrap();
    let sessions = stored(&store).await;
    cluster.nodes[0].kill();
    assert!(listener.next().await.is_err(), "events of that node may be lost");
    for session in &sessions {
        if let Ok(kept) = store.fetch(&session.id, at(NOW)).await {
            assert_eq!(kept.as_ref(), Some(session), "an outage is not an absence");
        }
    }
    cluster.nodes[0].up();
    are_there(&store, &sessions).await;
}

/// As when a machine is cut off: no connection ends, and a replica takes over.
#[tokio::test(flavor = "multi_thread")]
async fn replica_of_a_master_that_hangs_is_found() {
    let cluster = Cluster::start();
    let replica = cluster.add_replica().await;
    let store = cluster.store_by(0, "oidc:", Duration::from_millis(500));
    let sessions = stored(&store).await;
    until(async || cluster.nodes[0].size().await == replica.size().await).await;
    cluster.nodes[0].pause();
    until(async || replica.role().await == "master").await;
    are_there(&store, &sessions).await;
    let patient = cluster.store_by(1, "oidc:", Duration::from_secs(10));
    let mut listener = patient.listen().await.unwrap().unwrap();
    for session in &sessions {
        patient.delete(&session.id).await.unwrap();
    }
    assert_eq!(listener.catch_up().await.unwrap().len(), sessions.len());
}

/// As patient as it takes: what is tested comes later.
async fn stored(store: &RedisStore) -> Vec<StoredSession> {
    let sessions: Vec<_> = (0..20).map(|_| session()).collect();
    for session in &sessions {
        until(async || store.insert(session, at(NOW)).await.is_ok()).await;
    }
    sessions
}

async fn are_there(store: &RedisStore, sessions: &[StoredSession]) {
    for session in sessions {
        // Until the nodes agree again there may be errors, but no other answer.
        until(async || {
            let kept = store.fetch(&session.id, at(NOW)).await;
            kept.is_ok_and(|kept| {
                assert_eq!(kept.as_ref(), Some(session));
                true
            })
        })
        .await;
    }
}

struct Cluster {
    nodes: Vec<RedisServer>,
}

/// The URL leads to this machine, and the cluster says that its nodes are elsewhere: nothing is
/// sent there in clear text.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_a_cluster_names_elsewhere_need_tls() {
    let log = Log::capture();
    for (endpoint, elsewhere) in [
        (vec!["--cluster-announce-ip", "192.0.2.1"], true),
        (vec!["--cluster-announce-ip", "127.0.0.1"], false),
        (hostname("redis.example"), true),
        (hostname("localhost"), false),
    ] {
        let node = RedisServer::cluster_node(&endpoint);
        let mut slots = cli();
        slots.args(["-p", &node.port().to_string(), "cluster", "addslotsrange", "0", "16383"]);
        succeed(&mut slots);
        until(async || node.is_whole().await).await;
        let settings = RedisSettings::default().connect_timeout(Duration::from_millis(500));
        let store = RedisStore::cluster_with_settings([node.url()], settings).unwrap();
        let found = store.fetch(&Id(1), at(NOW)).await;
        assert_eq!(found.is_err(), elsewhere, "{endpoint:?}: {found:?}");
        assert_eq!(store.listen().await.is_err(), elsewhere, "{endpoint:?}");
        if let Err(error) = found {
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains("insecure_allow_clear_text"), "{endpoint:?}: {cause}");
        }
    }
    assert!(log.text().matches("code=\"redis_cluster_clear_text\"").count() <= 2, "{}", log.text());
}

fn hostname(name: &str) -> Vec<&str> {
    let preferred = ["--cluster-preferred-endpoint-type", "hostname"];
    [&["--cluster-announce-hostname", name], preferred.as_slice()].concat()
}

impl Cluster {
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start_with(&["--appendfsync", "everysec"]))
    }

    /// One whose nodes may be killed: with `everysec` they would lose what they have answered while a sync is under way.
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(options: &[&str]) -> Self {
        let nodes: Vec<RedisServer> = (0..3).map(|_| RedisServer::cluster_node(options)).collect();
        let mut create = cli();
        create.args(["--cluster", "create"]);
        create.args(nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())));
        succeed(create.args(["--cluster-replicas", "0", "--cluster-yes"]));
        Self { nodes }
    }

    /// Knows one node, and learns of the others. Patient: the machine may be busy.
    fn store(&self, prefix: &str) -> RedisStore {
        self.store_by(0, prefix, Duration::from_secs(10))
    }

    fn store_by(&self, node: usize, prefix: &str, limit: Duration) -> RedisStore {
        let settings = RedisSettings::default().key_prefix(prefix).response_timeout(limit);
        RedisStore::cluster_with_settings([self.nodes[node].url()], settings).unwrap()
    }

    /// Of the first node.
    async fn add_replica(&self) -> RedisServer {
        let replica = RedisServer::cluster_node(&[]);
        let address = |node: &RedisServer| format!("127.0.0.1:{}", node.port());
        // The others must have heard of each other.
        until(async || self.nodes[0].known_nodes().await == 3).await;
        let mut command = cli();
        command.args(["--cluster", "add-node", &address(&replica), &address(&self.nodes[0])]);
        succeed(command.args(["--cluster-slave", "--cluster-master-id", &name(&self.nodes[0])]));
        until(async || self.nodes[1].known_nodes().await == 4).await;
        replica
    }

    fn move_slots(&self, slots: u32) -> impl FnOnce() + Send + 'static {
        let (from, to) = (name(&self.nodes[0]), name(&self.nodes[1]));
        let address = format!("127.0.0.1:{}", self.nodes[0].port());
        move || {
            let mut command = cli();
            command.args(["--cluster", "reshard", &address, "--cluster-from", &from]);
            command.args(["--cluster-to", &to, "--cluster-slots", &slots.to_string()]);
            succeed(command.arg("--cluster-yes"));
        }
    }
}

impl RedisServer {
    async fn size(&self) -> u64 {
        redis::cmd("DBSIZE").query_async(&mut self.connection().await).await.unwrap()
    }

    async fn role(&self) -> String {
        let role = redis::cmd("ROLE").query_async(&mut self.connection().await).await;
        let role: Vec<redis::Value> = role.unwrap();
        redis::from_redis_value_ref(&role[0]).unwrap()
    }

    async fn is_whole(&self) -> bool {
        let mut info = redis::cmd("CLUSTER");
        let info = info.arg("INFO").query_async(&mut self.connection().await).await;
        let info: String = info.unwrap();
        info.contains("cluster_state:ok")
    }

    async fn known_nodes(&self) -> usize {
        let mut nodes = redis::cmd("CLUSTER");
        let nodes = nodes.arg("NODES").query_async(&mut self.connection().await).await;
        let nodes: String = nodes.unwrap();
        nodes.lines().count()
    }
}

fn name(node: &RedisServer) -> String {
    let mut command = cli();
    command.args(["-p", &node.port().to_string(), "cluster", "myid"]);
    succeed(&mut command).trim().to_owned()
}

fn cli() -> Command {
    Command::new("redis-cli")
}

fn succeed(command: &mut Command) -> String {
    let output = command.output();
    let output = output.expect("there is no redis-cli: install the Debian package redis-tools");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}
