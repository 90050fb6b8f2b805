//! A server that is down, restarted, hanging, or not the right one.

use std::error::Error as _;
use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::error::PostgresStoreError;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Change, Inserted, Part, PostgresSettings, PostgresStore, Saved, StoreError,
};
use futures_util::future::join_all;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _, Row as _};

use super::proxy::Proxy;
use super::{LATER, NOW, change, database, narrow, session, store, touch};
use crate::support::postgres_server::PostgresServer;
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_may_be_down_at_the_start_and_is_used_once_it_is_up() {
    let server = PostgresServer::start();
    let url = server.database().await;
    server.stop();
    let store = PostgresStore::new(&url).unwrap();
    for _ in 0..3 {
        let down = reason(&store.fetch(&Id(1), NOW).await.unwrap_err());
        assert_eq!(down, PostgresStoreError::Connection(std::io::ErrorKind::ConnectionRefused));
        assert!(store.insert(&session(1), NOW).await.is_err());
        assert!(store.delete(&Id(1)).await.is_err());
        assert!(store.listen().await.is_err());
        assert!(store.migrate().await.is_err());
    }
    server.start_again();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.fetch(&Id(1), NOW).await.unwrap(), Some(session(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_no_error_to_what_comes_after_it() {
    let server = PostgresServer::start();
    let store = PostgresStore::new(&server.database().await).unwrap();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let ten = || join_all((0..10).map(|_| store.fetch(&Id(1), NOW)));
    let restart = |kill: bool| {
        if kill {
            server.kill()
        } else {
            server.stop()
        }
        server.start_again();
    };
    for kill in [false, true] {
        assert!(ten().await.into_iter().all(|fetched| fetched.unwrap().is_some()));
        restart(kill);
        assert!(ten().await.into_iter().all(|fetched| fetched.unwrap().is_some()));
        restart(kill);
        assert_eq!(store.insert(&session(2), NOW).await.unwrap(), Inserted::Done);
        restart(kill);
        assert_eq!(store.save_if(&Id(2), change(1, b"new"), NOW).await.unwrap(), Saved::Done);
        restart(kill);
        assert_eq!(store.touch(&Id(2), touch(2), NOW).await.unwrap(), Saved::Done);
        restart(kill);
        assert!(store.remember(&Id(i128::from(kill)), LATER, NOW).await.unwrap());
        restart(kill);
        store.delete(&Id(2)).await.unwrap();
    }
}

/// The answer is cut off: whether the statement was done is not known.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_said_twice_is_not() {
    let (direct, url) = store().await;
    let (proxy, through) = Proxy::before(&url).await;
    let store = narrow(&through);
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.save_if(&Id(1), change(1, b"two"), NOW).await.unwrap(), Saved::Done);
    assert!(store.remember(&Id(1), LATER, NOW).await.unwrap());
    assert_eq!(store.touch(&Id(1), touch(2), NOW).await.unwrap(), Saved::Done);

    // The connection answers the test, and is cut with the next answer.
    assert!(store.remember(&Id(3), LATER, NOW).await.unwrap());
    proxy.cut_after(1);
    assert!(store.remember(&Id(2), LATER, NOW).await.is_err());
    proxy.mend();
    assert!(!direct.remember(&Id(2), LATER, NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_whose_answer_is_lost_is_recognised() {
    let (direct, url) = store().await;
    let (proxy, through) = Proxy::before(&url).await;
    let store = narrow(&through);
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    for part in [Part::Auth, Part::Application] {
        let expected = if part == Part::Auth { 1 } else { 0 };
        let change = |expected| Change::new(part, expected, b"two");
        // It is prepared: its answer is the next.
        assert_eq!(store.save_if(&Id(1), change(9), NOW).await.unwrap(), Saved::Stale);
        proxy.cut_once();
        assert_eq!(store.save_if(&Id(1), change(expected), NOW).await.unwrap(), Saved::Done);
        // What was not lost is judged by the version alone.
        assert_eq!(store.save_if(&Id(1), change(expected), NOW).await.unwrap(), Saved::Stale);
    }
    let saved = direct.fetch(&Id(1), NOW).await.unwrap().unwrap();
    assert_eq!((saved.auth.version, saved.auth.content), (2, b"two".to_vec()));
    assert_eq!(saved.application.unwrap().version, 1);

    // Somebody else's was first.
    proxy.cut_once();
    assert_eq!(store.save_if(&Id(1), change(1, b"other"), NOW).await.unwrap(), Saved::Stale);
    direct.delete(&Id(1)).await.unwrap();
    proxy.cut_once();
    assert_eq!(store.save_if(&Id(1), change(2, b"three"), NOW).await.unwrap(), Saved::Gone);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_costs_a_bounded_time() {
    let server = PostgresServer::start();
    let limit = Duration::from_millis(300);
    let settings = PostgresSettings::default()
        .max_connections(2)
        .acquire_timeout(limit)
        .statement_timeout(limit);
    let url = server.database().await;
    let store = PostgresStore::with_settings(&url, settings).unwrap();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let begin = SystemClock.monotonic();
    server.pause();
    let hanging = join_all((0..6).map(|_| store.fetch(&Id(1), NOW))).await;
    server.resume();
    assert!(SystemClock.monotonic() - begin < Duration::from_secs(8));
    let reasons: Vec<_> =
        hanging.iter().map(|fetched| reason(fetched.as_ref().unwrap_err())).collect();
    assert!(reasons.contains(&PostgresStoreError::NoAnswerInTime), "{reasons:?}");
    assert!(reasons.contains(&PostgresStoreError::NoConnectionInTime), "{reasons:?}");
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_statement_is_given_up_by_the_server() {
    let (_, url) = store().await;
    let settings = PostgresSettings::default().statement_timeout(Duration::from_millis(200));
    let store = PostgresStore::with_settings(&url, settings).unwrap();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.execute("BEGIN; SELECT FROM oidc_session_data FOR UPDATE").await.unwrap();
    let error = store.touch(&Id(1), touch(1), NOW).await.unwrap_err();
    let PostgresStoreError::Refused { sqlstate, .. } = reason(&error) else { panic!("{error:?}") };
    assert_eq!(sqlstate, "57014");
    let running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                   AND state = 'active' AND pid <> pg_backend_pid()";
    // The server says so before it counts itself idle. Within a transaction the count would stay what it was.
    let mut looking = PgConnection::connect(&url).await.unwrap();
    until(async || looking.fetch_one(running).await.unwrap().get::<i64, _>(0) == 0).await;
    // Reading waits for nobody.
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(store.touch(&Id(1), touch(1), NOW).await.unwrap(), Saved::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_connection_left_is_an_error() {
    let (_, url) = store().await;
    let server = PostgresServer::shared();
    let role = format!("none_{}", database(&url));
    let sql = format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 0");
    server.execute(database(&url), &sql).await;
    let store = PostgresStore::new(&server.url(&role, database(&url))).unwrap();
    let error = store.fetch(&Id(1), NOW).await.unwrap_err();
    let PostgresStoreError::Refused { sqlstate, .. } = reason(&error) else { panic!("{error:?}") };
    assert_eq!(sqlstate, "53300");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_not_asked() {
    let server = PostgresServer::start();
    let store = PostgresStore::new(&server.database().await).unwrap();
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    server.stop();
    server.become_standby();
    server.start_again();
    let error = reason(&store.fetch(&Id(1), NOW).await.unwrap_err());
    assert_eq!(error, PostgresStoreError::Standby);
    assert!(store.delete(&Id(1)).await.is_err());
    assert!(store.listen().await.is_err());
}

fn reason(error: &StoreError) -> PostgresStoreError {
    error.source().unwrap().downcast_ref::<PostgresStoreError>().unwrap().clone()
}
