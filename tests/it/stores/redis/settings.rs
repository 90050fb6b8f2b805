//! What is refused before anything is connected, and what is never shown.

use std::error::Error;
use std::time::Duration;

use axum_oidc_session::error::RedisConfigError;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, RedisSettings, RedisStore};

use super::sample::{NOW, at};
use crate::support::RedisServer;

#[test]
fn unusable_settings_are_named() {
    let default = RedisSettings::default;
    let url = "redis://:hunter2@localhost";
    let second = Duration::from_secs(1);
    for (url, settings, expected) in [
        ("", default(), RedisConfigError::Url),
        ("hunter2", default(), RedisConfigError::Url),
        ("http://:hunter2@localhost", default(), RedisConfigError::Url),
        ("redis://:hunter2@localhost/x", default(), RedisConfigError::Url),
        ("redis://:hunter2@localhost:99999", default(), RedisConfigError::Url),
        ("rediss://:hunter2@localhost/#insecure", default(), RedisConfigError::InsecureTls),
        ("redis://:hunter2@redis.internal", default(), RedisConfigError::ClearText),
        ("redis://:hunter2@10.0.0.1:6379", default(), RedisConfigError::ClearText),
        ("redis://:hunter2@localhost.example", default(), RedisConfigError::ClearText),
        (url, default().key_prefix("{oidc}"), RedisConfigError::KeyPrefix),
        (url, default().connect_timeout(Duration::ZERO), RedisConfigError::Timeout),
        (url, default().response_timeout(61 * second), RedisConfigError::Timeout),
        (url, default().root_certificates("x"), RedisConfigError::RootCertificates),
    ] {
        let error = RedisStore::with_settings(url, settings).unwrap_err();
        assert_eq!(error, expected, "{url}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    let nodes: [&str; 0] = [];
    assert_eq!(RedisStore::cluster(nodes).unwrap_err(), RedisConfigError::Cluster);
    let nodes = ["redis://:hunter2@localhost", "redis://:hunter3@localhost"];
    assert_eq!(RedisStore::cluster(nodes).unwrap_err(), RedisConfigError::Cluster);
    let nodes = ["redis://:hunter2@127.0.0.1", "redis://:hunter2@10.0.0.1"];
    assert_eq!(RedisStore::cluster(nodes).unwrap_err(), RedisConfigError::ClearText);
    for url in ["redis://:hunter2@redis.internal", "redis://:hunter2@10.0.0.1:6379"] {
        assert!(RedisStore::with_settings(url, default().insecure_allow_clear_text()).is_ok());
    }
    let pem = default().root_certificates("no PEM");
    let error = RedisStore::with_settings("rediss://localhost", pem).unwrap_err();
    assert_eq!(error, RedisConfigError::RootCertificates);
}

/// Nothing runs there, and there is no runtime either.
#[test]
fn making_a_store_connects_nothing() {
    for url in
        ["redis://127.0.0.1:1", "rediss://user:hunter2@redis.invalid:6379/3", "redis://[::1]"]
    {
        let store = RedisStore::new(url).unwrap();
        let shown = format!("{store:?} {:?}", axum_oidc_session::Store::from(store.clone()));
        assert!(!shown.contains("hunter2") && !shown.contains("user"), "{shown}");
    }
}

#[tokio::test]
async fn password_is_used_and_never_shown() {
    let server = RedisServer::start(&["--requirepass", "hunter2"]);
    let with = |password: &str| {
        RedisStore::new(format!("redis://:{password}@127.0.0.1:{}", server.port())).unwrap()
    };
    assert_eq!(with("hunter2").fetch(&Id(1), at(NOW)).await.unwrap(), None);
    for store in [with("hunter3"), RedisStore::new(server.url()).unwrap()] {
        for _ in 0..2 {
            let error = store.fetch(&Id(1), at(NOW)).await.unwrap_err();
            let shown = format!("{error} {error:?} {}", error.source().unwrap());
            assert!(!shown.contains("hunter") && !shown.contains("oidc:"), "{shown}");
        }
    }
}
