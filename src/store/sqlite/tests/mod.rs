//! What cannot be seen from outside: plans, full files, groups of writes, threads that die.

mod group;
mod locks;
mod plans;
mod room;
mod schema;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use tower_sessions::session::Id;

use super::SqliteStore;
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, Listing, SealedPart, SessionIndex, StoredSession};

/// A new folder, deleted with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("axum-oidc-session-unit-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("sessions.db")
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::new(self.file()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
const LATER: UnixTime = UnixTime::from_seconds(1_800_086_400);

fn session(number: u8) -> StoredSession {
    let key = |kind: u8| IndexKey([kind, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let index = SessionIndex { key_id: *b"key1", session: key(1), sid: key(2), sub: key(3) };
    let auth = SealedPart { version: 1, content: vec![7; 1500] };
    let listing = Listing { index, summary: vec![9; 80] };
    StoredSession::new(Id(i128::from(number)), auth, listing, LATER)
}
