//! The best that a driver can do: nothing but the value.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use redis::AsyncCommands as _;
use rusqlite::Connection;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::oneshot;

use crate::sides::{ROWS, Side, Turns, WHOLE, side};

/// A key, and who is to get its value.
type Asked = (Vec<u8>, oneshot::Sender<Vec<u8>>);

pub(crate) async fn redis(url: &str) -> Side {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for number in 0..ROWS {
        connection.set::<_, _, ()>(&key(number), value(number)).await.unwrap();
    }
    let turns = Turns::default();
    side(move || {
        let (mut connection, key) = (connection.clone(), key(turns.next()));
        async move {
            let value: Vec<u8> = connection.get(&key).await.unwrap();
            assert_eq!(value.len(), WHOLE);
        }
    })
}

/// A pool without its default of a second round trip for each use.
pub(crate) async fn postgres(url: &str) -> Side {
    let pool = PgPoolOptions::new().max_connections(10).test_before_acquire(false);
    let pool = pool.connect(url).await.unwrap();
    sqlx::query("CREATE TABLE best (id bytea PRIMARY KEY, value bytea)")
        .execute(&pool)
        .await
        .unwrap();
    for number in 0..ROWS {
        let insert = sqlx::query("INSERT INTO best VALUES ($1, $2)");
        insert.bind(key(number)).bind(value(number)).execute(&pool).await.unwrap();
    }
    let turns = Turns::default();
    side(move || {
        let (pool, key) = (pool.clone(), key(turns.next()));
        async move {
            let select = sqlx::query_scalar("SELECT value FROM best WHERE id = $1");
            let value: Vec<u8> = select.bind(key).fetch_one(&pool).await.unwrap();
            assert_eq!(value.len(), WHOLE);
        }
    })
}

/// Four threads with a connection each, and a queue: SQLite blocks, a task must not.
pub(crate) fn sqlite(path: &Path) -> Side {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = wal;
             CREATE TABLE best (id BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID;",
        )
        .unwrap();
    for number in 0..ROWS {
        let row = (key(number), value(number));
        connection.execute("INSERT INTO best VALUES (?1, ?2)", row).unwrap();
    }
    let queue: Arc<(Mutex<Vec<Asked>>, Condvar)> = Arc::default();
    for _ in 0..4 {
        let (queue, connection) = (Arc::clone(&queue), Connection::open(path).unwrap());
        std::thread::spawn(move || {
            loop {
                let (waiting, more) = &*queue;
                let waiting = waiting.lock().unwrap();
                let mut waiting = more.wait_while(waiting, |waiting| waiting.is_empty()).unwrap();
                let Some((key, asked)) = waiting.pop() else { continue };
                drop(waiting);
                let mut select =
                    connection.prepare_cached("SELECT value FROM best WHERE id = ?1").unwrap();
                let value = select.query_row([key], |row| row.get(0)).unwrap();
                let _ = asked.send(value);
            }
        });
    }
    let turns = Turns::default();
    side(move || {
        let (ask, answer) = oneshot::channel();
        queue.0.lock().unwrap().push((key(turns.next()), ask));
        queue.1.notify_one();
        async move { assert_eq!(answer.await.unwrap().len(), WHOLE) }
    })
}

/// As sealed content it does not compress.
fn value(number: usize) -> Vec<u8> {
    let mut state = number as u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..WHOLE).map(|_| next()).collect()
}

fn key(number: usize) -> Vec<u8> {
    (number as u128).to_be_bytes().to_vec()
}
