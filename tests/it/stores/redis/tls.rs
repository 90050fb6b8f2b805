//! `rediss://`: certificates are verified, and no process-wide provider need be installed before.

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, RedisSettings, RedisStore};

use super::sample::{NOW, at};
use crate::support::RedisServer;

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/provider/http_client");

#[tokio::test]
async fn trusted_root_is_needed() {
    let (certificate, key, root) = (
        format!("{CERTIFICATES}/test_server.pem"),
        format!("{CERTIFICATES}/test_server.key"),
        format!("{CERTIFICATES}/test_ca.pem"),
    );
    let server = RedisServer::tls(&[
        ("--tls-cert-file", &certificate),
        ("--tls-key-file", &key),
        ("--tls-ca-cert-file", &root),
        ("--tls-auth-clients", "no"),
    ]);
    let settings = RedisSettings::default().root_certificates(std::fs::read(root).unwrap());
    let url = format!("rediss://localhost:{}", server.port());
    let store = RedisStore::with_settings(&url, settings.clone()).unwrap();
    assert_eq!(store.fetch(&Id(1), at(NOW)).await.unwrap(), None);
    assert_eq!(store.listen().await.unwrap().unwrap().catch_up().await.unwrap(), []);

    let of_the_system = RedisStore::new(&url).unwrap();
    assert!(of_the_system.fetch(&Id(1), at(NOW)).await.is_err());
    let other_name = format!("rediss://127.0.0.2:{}", server.port());
    let other_name = RedisStore::with_settings(other_name, settings).unwrap();
    assert!(other_name.fetch(&Id(1), at(NOW)).await.is_err());
    let plain = RedisStore::new(server.url()).unwrap();
    assert!(plain.fetch(&Id(1), at(NOW)).await.is_err());
}
