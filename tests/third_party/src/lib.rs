//! Stores of tower-sessions that others have written, through `TowerSessionsStore`, put to the laws of `AuthStore`.
//!
//! `cargo test --manifest-path tests/third_party/Cargo.toml`

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use axum_oidc_session::{AuthStore, TowerSessionsStore, store_laws};
    use tower_sessions::MemoryStore;
    use tower_sessions_rusqlite_store::RusqliteStore;
    use tower_sessions_rusqlite_store::tokio_rusqlite::Connection;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_memory_store_keeps_every_law() {
        let inner = MemoryStore::default();
        let node = || Arc::new(TowerSessionsStore::new(inner.clone())) as Arc<dyn AuthStore>;
        store_laws::check(&[node(), node()]).await.assert();
        let store = TowerSessionsStore::new(inner.clone()).exclusive();
        store_laws::check(&[Arc::new(store)]).await.assert();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_sqlite_store_keeps_every_law_in_one_process() {
        let file = File::new("one");
        let store = TowerSessionsStore::new(file.open().await).exclusive();
        let report = store_laws::check(&[Arc::new(store)]).await;
        report.assert();
        assert_eq!(report.not_offered().len(), 5, "it tells of no events");
    }

    /// As two processes would have them: a connection each, and nothing in common but the file.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_sqlite_store_keeps_every_law_among_processes() {
        let file = File::new("two");
        let one: Arc<dyn AuthStore> = Arc::new(TowerSessionsStore::new(file.open().await));
        let other: Arc<dyn AuthStore> = Arc::new(TowerSessionsStore::new(file.open().await));
        let report = store_laws::check(&[one, other]).await;
        report.assert();
        assert_eq!(report.not_offered().len(), 5, "it tells of no events");
    }

    /// A database file that is removed in the end.
    struct File(PathBuf);

    impl File {
        fn new(name: &str) -> Self {
            let name = format!("third-party-{name}-{}.sqlite", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        async fn open(&self) -> RusqliteStore {
            let connection = Connection::open(&self.0).await.unwrap();
            // Nothing here tests a crash.
            let settings = "pragma journal_mode = wal; pragma synchronous = off;";
            connection.call(move |connection| connection.execute_batch(settings)).await.unwrap();
            let store = RusqliteStore::new(connection);
            store.migrate().await.unwrap();
            store
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            for suffix in ["", "-wal", "-shm"] {
                let mut path = self.0.clone().into_os_string();
                path.push(suffix);
                let _removed = std::fs::remove_file(path);
            }
        }
    }
}
