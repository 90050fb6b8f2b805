//! A server that is down, goes, comes back, or hangs: errors meanwhile, nothing taken for absent, and then it works by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, Inserted, RedisSettings, RedisStore};
use tokio::task::JoinSet;

use super::sample::{NOW, at, change, session};
use crate::support::{RedisServer, pause, until};

#[tokio::test(flavor = "multi_thread")]
async fn server_may_come_after_the_application() {
    let server = RedisServer::down(&[]);
    let store = server.store("oidc:");
    for _ in 0..3 {
        let error = store.fetch(&Id(1), at(NOW)).await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("cannot be reached"), "{cause}");
    }
    let session = session();
    assert!(store.insert(&session, at(NOW)).await.is_err());
    server.up();
    until(async || store.fetch(&Id(1), at(NOW)).await.is_ok()).await;
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
}

/// One attempt after the other, at most about 20 in a second at first, however many ask.
#[tokio::test(flavor = "multi_thread")]
async fn many_requests_make_few_attempts() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let store = RedisStore::new(url).unwrap();
    let mut askers = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        askers.spawn(async move {
            let began = SystemClock.monotonic();
            while SystemClock.monotonic() - began < Duration::from_millis(500) {
                assert!(store.fetch(&Id(1), at(NOW)).await.is_err());
                tokio::task::yield_now().await;
            }
        });
    }
    let mut attempts = 0;
    let asked = async { while askers.join_next().await.transpose().unwrap().is_some() {} };
    let accepting = async {
        // Each connection is closed at once.
        while listener.accept().await.is_ok() {
            attempts += 1;
        }
    };
    futures_util::future::select(std::pin::pin!(asked), std::pin::pin!(accepting)).await;
    assert!((1..=12).contains(&attempts), "{attempts} attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn restart_under_load_loses_nothing() {
    let server = RedisServer::start(&[]);
    let store = server.store("oidc:");
    let done = Arc::new(AtomicBool::new(false));
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        workers.spawn(work(store.clone(), Arc::clone(&done)));
    }
    for _ in 0..3 {
        pause().await;
        server.stop();
        until(async || store.fetch(&Id(1), at(NOW)).await.is_err()).await;
        server.up();
        until(async || store.fetch(&Id(1), at(NOW)).await.is_ok()).await;
    }
    done.store(true, Ordering::Relaxed);
    let kept: Vec<Id> = workers.join_all().await.into_iter().flatten().collect();
    assert!(kept.len() > 10);
    for id in kept {
        assert!(store.fetch(&id, at(NOW)).await.unwrap().is_some());
    }
}

/// Makes sessions and reads them, and expects each answer to be right or an error.
async fn work(store: RedisStore, done: Arc<AtomicBool>) -> Vec<Id> {
    let mut kept = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let session = session();
        if let Ok(inserted) = store.insert(&session, at(NOW)).await {
            assert_eq!(inserted, Inserted::Done);
            kept.push(session.id);
        }
        if let Some(id) = kept.last()
            && let Ok(found) = store.fetch(id, at(NOW)).await
        {
            assert!(found.is_some(), "an outage is not an absence");
        }
        tokio::task::yield_now().await;
    }
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_store_does_not_notice_a_restart() {
    let server = RedisServer::start(&[]);
    let store = server.store("oidc:");
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    server.stop();
    server.up();
    assert_eq!(store.fetch(&session.id, at(NOW)).await.unwrap().as_ref(), Some(&session));
    server.stop();
    server.up();
    // The runtime has had time to see the connection end: the first write goes to a new one.
    pause().await;
    let saved = store.save_if(&session.id, change(1, b"new"), at(NOW)).await.unwrap();
    assert_eq!(saved, axum_oidc_session::Saved::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_server_is_waited_for_as_long_as_was_said() {
    let server = RedisServer::start(&[]);
    let limit = Duration::from_millis(300);
    let settings = RedisSettings::default().connect_timeout(limit).response_timeout(limit);
    let store = RedisStore::with_settings(server.url(), settings).unwrap();
    let session = session();
    assert_eq!(store.insert(&session, at(NOW)).await.unwrap(), Inserted::Done);
    server.pause();
    for _ in 0..4 {
        let began = SystemClock.monotonic();
        assert!(store.fetch(&session.id, at(NOW)).await.is_err());
        let waited = SystemClock.monotonic() - began;
        assert!(waited < 5 * limit, "{waited:?}");
    }
    server.resume();
    until(async || store.fetch(&session.id, at(NOW)).await.is_ok()).await;
    assert_eq!(store.fetch(&session.id, at(NOW)).await.unwrap().as_ref(), Some(&session));
}
