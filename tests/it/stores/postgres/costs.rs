//! What an operation costs on the wire.

use std::future::poll_fn;
use std::task::Poll;

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, Inserted, Saved};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use super::proxy::Proxy;
use super::{LATER, NOW, change, database, narrow, session, store, touch};
use crate::support::postgres_server::PostgresServer;
use crate::support::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_is_one_round_trip_and_so_is_what_is_done_per_request() {
    let (_, url) = store().await;
    let (proxy, through) = Proxy::before(&url).await;
    let store = narrow(&through);
    // The statements are prepared once for each connection.
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
    assert_eq!(store.touch(&Id(1), touch(1), NOW).await.unwrap(), Saved::Done);
    store.delete(&Id(2)).await.unwrap();

    let before = proxy.round_trips();
    for _ in 0..20 {
        assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
        assert!(store.fetch(&Id(2), NOW).await.unwrap().is_none());
    }
    assert_eq!(proxy.round_trips() - before, 40);

    let before = proxy.round_trips();
    assert_eq!(store.touch(&Id(1), touch(1), NOW).await.unwrap(), Saved::Done);
    store.delete(&Id(1)).await.unwrap();
    assert_eq!(proxy.round_trips() - before, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_is_one_round_trip() {
    let (_, url) = store().await;
    let (proxy, through) = Proxy::before(&url).await;
    let store = narrow(&through);
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    assert_eq!(store.save_if(&Id(1), change(1, b"two"), NOW).await.unwrap(), Saved::Done);
    let before = proxy.round_trips();
    for version in 2..12 {
        assert_eq!(store.save_if(&Id(1), change(version, b"new"), NOW).await.unwrap(), Saved::Done);
    }
    assert_eq!(proxy.round_trips() - before, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_costs_a_few_round_trips_and_each_gets_its_own() {
    let (_, url) = store().await;
    let (proxy, through) = Proxy::before(&url).await;
    let store = narrow(&through);
    for number in 1..=20 {
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
    }
    // Some are missing, one is asked for often, and some are over for whoever asks.
    let crowd = |number: i128| {
        let store = &store;
        async move {
            let id = Id(number % 30);
            let now = if number % 7 == 0 { LATER } else { NOW };
            let there = (1..=20).contains(&id.0) && now < session(id.0).expires_at;
            let found = store.fetch(&id, now).await.unwrap();
            assert_eq!(found, there.then(|| session(id.0)), "{number}");
        }
    };
    // Once for what is prepared.
    join_all((0..64).map(crowd)).await;
    let before = proxy.round_trips();
    join_all((0..64).map(crowd)).await;
    // Two, if none of them is late.
    let round_trips = proxy.round_trips() - before;
    assert!(round_trips <= 6, "{round_trips}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_into_a_page_is_read_with_its_row() {
    let (_, url) = store().await;
    let store = narrow(&url);
    let mut large = session(1);
    large.auth.content = vec![7; 5_000];
    assert_eq!(store.insert(&large, NOW).await.unwrap(), Inserted::Done);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let sql = "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'oidc_session_data'::regclass";
    let aside: i64 = sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0);
    assert_eq!(aside, 0, "bytes that a fetch has to look up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_is_one_statement_of_the_servers_log() {
    let (_, url) = store().await;
    let store = narrow(&url);
    assert_eq!(store.insert(&session(1), NOW).await.unwrap(), Inserted::Done);
    let statements = || {
        let begin = format!("{}:LOG:", database(&url));
        PostgresServer::shared().log().lines().filter(|line| line.starts_with(&begin)).count()
    };
    let before = statements();
    for _ in 0..10 {
        assert!(store.fetch(&Id(1), NOW).await.unwrap().is_some());
    }
    assert_eq!(statements() - before, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_hang_up_cost_no_connection_and_confuse_no_answer() {
    let (_, url) = store().await;
    let store = narrow(&url);
    for number in 1..=2 {
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
    }
    // The one that has looked at the tables is about to be gone.
    let mut connection = String::new();
    until(async || {
        connection = connected_since(&url).await;
        connection.matches('+').count() == 1
    })
    .await;
    let touch = touch(1);
    for round in 0..200 {
        {
            // What reads goes on by itself, what writes is cut short.
            let mut abandoned = match round % 3 {
                0 => store.fetch(&Id(1), NOW).map(drop).boxed(),
                _ => store.touch(&Id(1), touch.clone(), NOW).map(drop).boxed(),
            };
            for _ in 0..round % 5 {
                let ready =
                    poll_fn(|context| Poll::Ready(abandoned.as_mut().poll(context).is_ready()));
                if ready.await {
                    break;
                }
                if round % 2 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
        let fetched = store.fetch(&Id(2), NOW).await.unwrap().unwrap();
        assert_eq!(fetched, session(2));
    }
    assert_eq!(connected_since(&url).await, connection);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_deleted_in_batches() {
    let (store, url) = store().await;
    assert!(store.fetch(&Id(1), NOW).await.unwrap().is_none());
    let sql = format!(
        "INSERT INTO oidc_session_data SELECT int8send(n) || int8send(n), 1, '', 0, NULL, \
         '', '', '', '', '', {now} + n - 1200 FROM generate_series(1, 1210) n; \
         INSERT INTO oidc_session_markers SELECT int8send(n), 0, 0, {now} + n - 1200 FROM generate_series(1, 1210) n; \
         INSERT INTO oidc_session_remembered SELECT int8send(n), {now} + n - 1200 FROM generate_series(1, 1210) n; \
         INSERT INTO oidc_session_locks SELECT int8send(n), '', now() + (n - 1200) * interval '1 h' FROM generate_series(1, 1210) n",
        now = NOW.seconds()
    );
    PostgresServer::shared().execute(database(&url), &sql).await;
    assert_eq!(store.delete_expired(NOW).await.unwrap(), 1_200);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for table in ["data", "markers", "remembered", "locks"] {
        let sql = format!("SELECT count(*) FROM oidc_session_{table}");
        let row = sqlx::query(&sql).fetch_one(&mut connection).await.unwrap();
        assert_eq!(row.get::<i64, _>(0), 10, "{table}");
    }
    assert_eq!(store.delete_expired(UnixTime::from_seconds(i64::MAX)).await.unwrap(), 10);
}

/// When the one connection of the store was made.
async fn connected_since(url: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = "SELECT string_agg(backend_start::text, ' ') FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'axum-oidc-session'";
    sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0)
}
