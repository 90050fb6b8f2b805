//! The best that a driver can do: nothing but the value.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

use redis::AsyncCommands as _;
use rusqlite::Connection;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::oneshot;

use crate::sides::{Side, WHOLE, side};

pub(crate) async fn redis(url: &str) -> Side {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    connection.set::<_, _, ()>("key", vec![7_u8; WHOLE]).await.unwrap();
    side(move || {
        let mut connection = connection.clone();
        async move {
            let value: Vec<u8> = connection.get("key").await.unwrap();
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
    let insert = sqlx::query("INSERT INTO best VALUES ($1, $2)");
    insert.bind(vec![1_u8; 16]).bind(vec![7_u8; WHOLE]).execute(&pool).await.unwrap();
    side(move || {
        let pool = pool.clone();
        async move {
            let select = sqlx::query_scalar("SELECT value FROM best WHERE id = $1");
            let value: Vec<u8> = select.bind(vec![1_u8; 16]).fetch_one(&pool).await.unwrap();
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
    let row = (vec![1_u8; 16], vec![7_u8; WHOLE]);
    connection.execute("INSERT INTO best VALUES (?1, ?2)", row).unwrap();
    let queue: Arc<(Mutex<Vec<oneshot::Sender<Vec<u8>>>>, Condvar)> = Arc::default();
    for _ in 0..4 {
        let (queue, connection) = (Arc::clone(&queue), Connection::open(path).unwrap());
        std::thread::spawn(move || {
            loop {
                let (waiting, more) = &*queue;
                let waiting = waiting.lock().unwrap();
                let mut waiting = more.wait_while(waiting, |waiting| waiting.is_empty()).unwrap();
                let asked = waiting.pop();
                drop(waiting);
                let mut select =
                    connection.prepare_cached("SELECT value FROM best WHERE id = ?1").unwrap();
                let value = select.query_row([vec![1_u8; 16]], |row| row.get(0)).unwrap();
                asked.map(|asked| asked.send(value));
            }
        });
    }
    side(move || {
        let (ask, answer) = oneshot::channel();
        queue.0.lock().unwrap().push(ask);
        queue.1.notify_one();
        async move { assert_eq!(answer.await.unwrap().len(), WHOLE) }
    })
}
