//! A server that is not set up to keep sessions is warned of, once.

use axum_oidc_session::AuthStore as _;
use axum_oidc_session::tower_sessions::session::Id;

use super::sample::{NOW, at};
use crate::logs::Log;
use crate::support::RedisServer;

#[tokio::test]
async fn unsuitable_server_is_named_in_the_log() {
    const CODES: [&str; 3] = ["redis_evicts", "redis_not_persistent", "redis_snapshots_only"];
    for (options, expected) in [
        (vec![], [0, 0, 0]),
        (vec!["--maxmemory-policy", "allkeys-lru"], [1, 0, 0]),
        (vec!["--appendonly", "no"], [0, 1, 0]),
        (vec!["--appendonly", "no", "--save", "3600", "1"], [0, 0, 1]),
        // Then nobody knows whether there are snapshots.
        (vec!["--appendonly", "no", "--rename-command", "CONFIG", ""], [0, 0, 0]),
    ] {
        let server = RedisServer::start(&options);
        let store = server.store("oidc:");
        let log = Log::capture();
        for _ in 0..2 {
            store.fetch(&Id(1), at(NOW)).await.unwrap();
        }
        let text = log.text();
        let seen = CODES.map(|code| text.matches(&format!("code={code} ")).count());
        assert_eq!(seen, expected, "{options:?}: {text}");
    }
}
