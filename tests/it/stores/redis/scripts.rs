//! A server that has forgotten the scripts is told them again.

use std::time::Duration;

use axum_oidc_session::{AuthStore as _, Inserted, Saved, Touch};

use super::sample::{NOW, at, change, id, marker, prefix, session};
use crate::support::RedisServer;

#[tokio::test]
async fn flushed_scripts_are_sent_again() {
    let server = RedisServer::start(&[]);
    let store = server.store(&prefix());
    let mut connection = server.connection().await;
    let mut flush = async || {
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut connection).await.unwrap();
    };
    let (session, now, marker, key, holder) = (session(), at(NOW), marker(), id(), id());
    for lease in [1_000, 2_000].map(Duration::from_millis) {
        flush().await;
        assert!(store.lock(&key, &holder, lease).await.unwrap());
    }
    flush().await;
    assert_eq!(store.insert(&session, now).await.unwrap(), Inserted::Done);
    flush().await;
    let saved = store.save_if(&session.id, change(1, b"new"), now).await.unwrap();
    assert_eq!(saved, Saved::Done);
    flush().await;
    let touched = store
        .touch(&session.id, Touch::new(2, b"touched", at(NOW + 40 * 86_400)), now)
        .await
        .unwrap();
    assert_eq!(touched, Saved::Done);
    flush().await;
    store.mark(&[marker], now).await.unwrap();
    flush().await;
    assert!(store.remember(&key, at(NOW + 9), now).await.unwrap());
    flush().await;
    store.unlock(&key, &holder).await.unwrap();
    assert!(store.lock(&key, &id(), Duration::from_secs(1)).await.unwrap());
    let kept = store.fetch(&session.id, now).await.unwrap().unwrap();
    assert_eq!((kept.auth.version, kept.auth.content.as_slice()), (2, b"new".as_slice()));
    flush().await;
    store.delete(&session.id).await.unwrap();
    assert_eq!(store.fetch(&session.id, now).await.unwrap(), None);
    assert_eq!(store.markers(&[marker.key], now).await.unwrap(), [marker]);
}
