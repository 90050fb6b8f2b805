//! A folder for the files of a database.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use axum_oidc_session::SqliteStore;

use super::until;

/// A new folder, deleted with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("axum-oidc-session-sqlite-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("sessions.db")
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::new(self.file()).unwrap()
    }

    /// Drops `store` and waits until its threads have closed the file, with everything in it.
    pub(crate) async fn close(&self, store: SqliteStore) {
        drop(store);
        self.closed().await;
        // Connections that close at the same time leave the log behind; one alone tidies up.
        while self.0.join("sessions.db-wal").exists() {
            let alone = self.store();
            alone.check().await.unwrap();
            drop(alone);
            self.closed().await;
        }
    }

    /// Waits until this process has no file of the folder open.
    pub(crate) async fn closed(&self) {
        until(async || !self.is_open()).await;
    }

    pub(crate) fn is_open(&self) -> bool {
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
        descriptors
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .any(|path| path.starts_with(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A store that is still open may be writing.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
