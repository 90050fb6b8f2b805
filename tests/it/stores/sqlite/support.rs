//! A folder for database files, and sessions to put into them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    Change, IndexKey, Listing, Part, SealedPart, SessionIndex, SqliteStore, StoredSession, Touch,
};

use crate::support::until;

/// A new folder, deleted with this value.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("axum-oidc-session-sqlite-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("sessions.db")
    }

    pub(super) fn store(&self) -> SqliteStore {
        SqliteStore::new(self.file()).unwrap()
    }

    /// Drops `store` and waits until its threads have closed the file, with everything in it.
    pub(super) async fn close(&self, store: SqliteStore) {
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
    pub(super) async fn closed(&self) {
        until(async || !self.is_open()).await;
    }

    pub(super) fn is_open(&self) -> bool {
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
        descriptors
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .any(|path| path.starts_with(&self.0))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(super) const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
pub(super) const LATER: UnixTime = UnixTime::from_seconds(1_800_086_400);

pub(super) fn id(number: u64) -> Id {
    Id(i128::from(number))
}

/// The session `number` of 100 users.
pub(super) fn session(number: u64) -> StoredSession {
    let key = |kind: u8, number: u64| {
        let mut key = [kind; 16];
        key[8..].copy_from_slice(&number.to_be_bytes());
        IndexKey(key)
    };
    let index = SessionIndex {
        key_id: *b"key1",
        session: key(1, number),
        sid: key(2, number),
        sub: key(3, number % 100),
    };
    let auth = SealedPart { version: 1, content: vec![7; 1500] };
    StoredSession::new(id(number), auth, Listing { index, summary: vec![9; 80] }, LATER)
}

pub(super) fn touch() -> Touch<'static> {
    Touch::new(1, b"touched", LATER)
}

pub(super) fn save_auth(expected: u64, content: &[u8]) -> Change<'_> {
    Change::new(Part::Auth, expected, content)
}
