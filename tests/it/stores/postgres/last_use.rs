//! The tables show no time of last use.

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};

use super::store;
use crate::support::{expect_sealed, used_over};

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_show_no_time_of_last_use() {
    let (store, url) = store().await;
    let (_app, _browser) = used_over(store).await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let mut dump = String::new();
    for table in ["data", "markers", "remembered"] {
        let sql = format!("SELECT line::text FROM oidc_session_{table} line");
        for row in sqlx::query(&sql).fetch_all(&mut connection).await.unwrap() {
            dump.push_str(&row.get::<String, _>(0));
        }
    }
    expect_sealed(dump.as_bytes());
}
