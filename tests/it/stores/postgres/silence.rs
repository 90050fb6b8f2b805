//! Connections that are lost, and nobody says so.

use std::error::Error as _;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use axum_oidc_session::error::PostgresStoreError;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, Inserted, PostgresSettings, PostgresStore, Saved};
use futures_util::future::join_all;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};

use super::proxy::Proxy;
use super::{LATER, NOW, session, store, touch};
use crate::support::{soon, until};

/// A store with some idle connections, a row for each, and what they go through.
async fn idle(settings: PostgresSettings) -> (PostgresStore, Proxy, String) {
    let (_, url) = store().await;
    let (proxy, through) = Proxy::before(&url).await;
    let store = PostgresStore::with_settings(&through, settings.max_connections(6)).unwrap();
    for number in 1..=6 {
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
    }
    until(async || {
        join_all((1..=6).map(|number| touched(&store, number))).await;
        // One has looked at the tables.
        proxy.connections() >= 5
    })
    .await;
    (store, proxy, url)
}

async fn touched(store: &PostgresStore, number: i128) {
    assert_eq!(store.touch(&Id(number), touch(1), NOW).await.unwrap(), Saved::Done);
}

/// Begins a touch and hangs up.
async fn cut_short(store: &PostgresStore, number: i128) {
    let change = touch(1);
    let id = Id(number);
    let mut touching = store.touch(&id, change, NOW);
    assert!(poll_fn(|context| Poll::Ready(touching.as_mut().poll(context))).await.is_pending());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_fell_silent_cost_one_short_wait() {
    let (store, proxy, _) = idle(PostgresSettings::default()).await;
    proxy.fall_silent();
    let remembered = soon(store.remember(&Id(1), LATER, NOW)).await;
    assert!(remembered.unwrap());
    let fetched = soon(store.fetch(&Id(1), NOW)).await;
    assert!(fetched.unwrap().is_some());
    let all = join_all((1..=6).map(|number| touched(&store, number)));
    soon(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_one_whose_use_was_cut_short() {
    let (store, proxy, _) = idle(PostgresSettings::default()).await;
    cut_short(&store, 1).await;
    proxy.fall_silent();
    let fetched = soon(store.fetch(&Id(1), NOW)).await;
    assert!(fetched.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_come_gives_the_idle_ones_up() {
    let limit = Duration::from_millis(200);
    let (store, proxy, _) = idle(PostgresSettings::default().statement_timeout(limit)).await;
    proxy.fall_silent();
    let error = store.fetch(&Id(1), NOW).await.unwrap_err();
    let error = error.source().unwrap().downcast_ref::<PostgresStoreError>().unwrap();
    assert_eq!(*error, PostgresStoreError::NoAnswerInTime);
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
}

/// The silence of one that is still busy says nothing of the others.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_busy_takes_no_other_along() {
    let (store, proxy, url) = idle(PostgresSettings::default()).await;
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute("BEGIN; SELECT FROM oidc_session_data FOR UPDATE").await.unwrap();
    cut_short(&store, 1).await;
    let before = proxy.connections();
    assert!(store.remember(&Id(1), LATER, NOW).await.unwrap());
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
    assert_eq!(proxy.connections(), before);
    other.execute("ROLLBACK").await.unwrap();
}
