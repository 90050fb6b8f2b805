//! No operation reads a whole table.
//!
//! The server itself logs the plans of what the store sends (auto_explain). The store runs over a pool of the
//! application's, so that nothing keeps the planner from a sequential scan, and with plans that fit any argument, as they
//! are kept in the long run.

use std::time::Duration;

use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore as _, Change, IndexKey, Inserted, Marker, Part, PostgresStore, Saved,
};
use futures_util::future::join_all;
use sqlx::postgres::PgPoolOptions;

use super::{LATER, NOW, change, database, session, store, touch};
use crate::support::postgres_server::PostgresServer;

#[tokio::test(flavor = "multi_thread")]
async fn every_path_has_its_index() {
    let (first, url) = store().await;
    first.migrate().await.unwrap();
    let server = PostgresServer::shared();
    server.execute(database(&url), &fill(database(&url))).await;
    let begin = server.log().len();
    let pool = PgPoolOptions::new().max_connections(1).test_before_acquire(false);
    let store = PostgresStore::from_pool(pool.connect_lazy(&url).unwrap()).unwrap();
    use_everything(&store).await;

    let plans = server.log()[begin..].to_owned();
    // The version is read once, from a table of one row.
    let is_scan =
        |line: &&str| line.contains("Seq Scan on") && !line.contains("oidc_session_version");
    let scans: Vec<&str> = plans.lines().filter(is_scan).collect();
    assert!(scans.is_empty(), "{scans:#?}");
    for index in [
        "Index Scan using oidc_session_data_pkey",
        "Bitmap Index Scan on oidc_session_data_session",
        "Bitmap Index Scan on oidc_session_data_sid",
        "Bitmap Index Scan on oidc_session_data_sub",
        "Index Scan using oidc_session_data_expires_at",
        "using oidc_session_markers_until",
        "using oidc_session_remembered_until",
        "using oidc_session_locks_until",
        "oidc_session_locks_pkey",
        "oidc_session_markers_pkey",
    ] {
        assert!(plans.contains(index), "{index}\n{plans}");
    }
    // The rule itself can fail.
    let all = "SELECT count(*) FROM oidc_session_data WHERE auth_version = 5";
    server.execute(database(&url), all).await;
    assert!(server.log()[begin..].contains("Seq Scan on oidc_session_data"));
}

async fn use_everything(store: &PostgresStore) {
    // Two of them share a statement.
    let together =
        join_all((1..=3).map(|number| async move { store.fetch(&Id(number), NOW).await }));
    assert!(together.await.into_iter().all(|found| found.unwrap().is_none()));
    for number in 1..=8 {
        assert_eq!(store.insert(&session(number), NOW).await.unwrap(), Inserted::Done);
        assert!(store.fetch(&Id(number), NOW).await.unwrap().is_some());
        assert_eq!(store.touch(&Id(number), touch(1), NOW).await.unwrap(), Saved::Done);
        let saved = store.save_if(&Id(number), change(1, b"new"), NOW).await.unwrap();
        assert_eq!(saved, Saved::Done);
        let application = Change::new(Part::Application, 0, b"new");
        assert_eq!(store.save_if(&Id(number), application, NOW).await.unwrap(), Saved::Done);
        let keys = session(number).listing.index.keys();
        assert_eq!(store.find(&keys, NOW).await.unwrap().len(), 1);
        let marker =
            Marker { key: keys[2], begun_after: NOW, authenticated_after: NOW, until: LATER };
        store.mark(&[marker], NOW).await.unwrap();
        assert_eq!(store.markers(&keys, NOW).await.unwrap(), [marker]);
        assert!(store.markers(&[IndexKey([9; 16])], NOW).await.unwrap().is_empty());
        assert!(store.remember(&Id(number), LATER, NOW).await.unwrap());
        let lease = Duration::from_secs(60);
        assert!(store.lock(&Id(number), &Id(1), lease).await.unwrap());
        store.unlock(&Id(number), &Id(1)).await.unwrap();
        assert_eq!(store.delete_expired(NOW).await.unwrap(), 0);
        store.delete(&Id(number)).await.unwrap();
    }
}

/// Twenty thousand rows in each table, and a server that logs its plans.
fn fill(database: &str) -> String {
    let until = LATER.seconds() * 2;
    let key = "decode(md5(n::text), 'hex')";
    format!(
        "INSERT INTO oidc_session_data SELECT {key}, 1, 'a', 0, NULL, 'k', {key}, {key}, {key}, \
         's', {until} + n FROM generate_series(1, 20000) n; \
         INSERT INTO oidc_session_markers SELECT {key}, 0, 0, {until} + n FROM generate_series(1, 20000) n; \
         INSERT INTO oidc_session_remembered SELECT {key}, {until} + n FROM generate_series(1, 20000) n; \
         INSERT INTO oidc_session_locks SELECT {key}, 'h', now() + n * interval '1 h' FROM generate_series(1, 20000) n; \
         ANALYZE; \
         ALTER DATABASE {database} SET session_preload_libraries = 'auto_explain'; \
         ALTER DATABASE {database} SET auto_explain.log_min_duration = 0; \
         ALTER DATABASE {database} SET plan_cache_mode = force_generic_plan"
    )
}
