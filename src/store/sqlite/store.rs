//! [`SqliteStore`]: each operation of the contract as work for a thread.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tower_sessions::session::Id;

use super::connection::{Role, Target};
use super::error::SqliteError;
use super::job::job;
use super::workers::Workers;
use super::{beside, schema, sessions};
use crate::clock::UnixTime;
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoredSession,
    Touch,
};

/// Sessions in a file of this machine.
///
/// They survive restarts. Several processes may use one file, as they do during a rolling restart: each sees at once what the
/// others have written. The file belongs on a local disk; network file systems do not lock reliably.
///
/// Clones share their threads and connections. These end when the last clone is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use axum_oidc_session::SqliteStore;
///
/// # let folder = std::env::temp_dir().join(format!("axum-oidc-session-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let store = SqliteStore::new(folder.join("sessions.db"))?; // touches nothing yet
/// store.check().await?; // optional: refuse to start with a file that cannot be used
/// # drop(store);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    target: Arc<Target>,
    /// Whether an `OidcAuth` has it for itself.
    claimed: Arc<AtomicBool>,
    writer: Arc<Workers>,
    readers: Arc<Workers>,
}

impl SqliteStore {
    /// A store in the file at `path`, which is made when it is first needed. Its directory must exist.
    ///
    /// Nothing is opened yet: an application can start, and answer 503, while the file cannot be used.
    ///
    /// # Errors
    ///
    /// [`SqliteError::NotAFile`] for `:memory:`, an empty path, or a `file:` URI;
    /// [`SqliteError::NoCurrentDirectory`] if `path` is relative to a directory that is gone.
    pub fn new(path: impl AsRef<Path>) -> Result<Self, SqliteError> {
        let path = path.as_ref();
        let text = path.to_string_lossy();
        if text.is_empty() || text.starts_with(":memory:") || text.starts_with("file:") {
            return Err(SqliteError::NotAFile);
        }
        // Opened again after a change of directory it must be the same file.
        let path = std::path::absolute(path);
        let path = path.map_err(|error| SqliteError::NoCurrentDirectory(error.kind()))?;
        Ok(Self::at(path, false))
    }

    /// Keeps every other process out of the file, as long as this one uses it.
    ///
    /// Then nobody else changes what is stored, and sessions may be kept in memory, too. As long as another process has
    /// the file, every operation fails with [`SqliteError::InUse`]. Once the file was opened it must stay: if it is
    /// replaced or deleted every operation fails with [`SqliteError::Lost`] until this process is started again.
    ///
    /// Call it before the store is used; it makes a store of its own, which shares nothing with `self`.
    #[must_use]
    pub fn exclusive(self) -> Self {
        Self::at(self.target.path().to_owned(), true)
    }

    /// Opens the file if it is not open, makes its tables if they are missing, and writes to it, to tell whether it can be used.
    ///
    /// # Errors
    ///
    /// [`SqliteError`] says what is wrong.
    pub async fn check(&self) -> Result<(), SqliteError> {
        let write = |connection: &Connection| {
            Ok(connection.pragma_update(None, "user_version", schema::VERSION)?)
        };
        self.write(write).await
    }

    fn at(path: PathBuf, exclusive: bool) -> Self {
        let target = Arc::new(Target::new(path, exclusive));
        let workers = |role| Arc::new(Workers::new(role, Arc::clone(&target)));
        let (writer, readers) = (workers(Role::Writer), workers(Role::Reader));
        Self { writer, readers, target, claimed: Arc::default() }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, SqliteError> {
        let (job, answer) = job(true, work);
        self.writer.submit(job)?;
        answer.await.unwrap_or(Err(SqliteError::Thread))
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, SqliteError> {
        let (job, answer) = job(false, work);
        let workers = if self.target.is_exclusive() { &self.writer } else { &self.readers };
        workers.submit(job)?;
        answer.await.unwrap_or(Err(SqliteError::Thread))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqliteStore")
            .field("path", &self.target.path())
            .field("exclusive", &self.target.is_exclusive())
            .finish_non_exhaustive()
    }
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        Self::new(error)
    }
}

#[async_trait]
impl AuthStore for SqliteStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        let session = session.clone();
        match self.write(move |connection| sessions::insert(connection, &session, now)).await {
            Err(SqliteError::Full) => Ok(Inserted::Full),
            inserted => Ok(inserted?),
        }
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        let id = *id;
        Ok(self.read(move |connection| sessions::fetch(connection, &id, now)).await?)
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        let id = *id;
        Ok(self.write(move |connection| sessions::save_if(connection, &id, &change, now)).await?)
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        let id = *id;
        Ok(self.write(move |connection| sessions::touch(connection, &id, &touch, now)).await?)
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        let key = *key;
        Ok(self.write(move |connection| beside::remember(connection, &key, until, now)).await?)
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let keys = keys.to_vec();
        Ok(self.read(move |connection| sessions::find(connection, &keys, now)).await?)
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        let markers = markers.to_vec();
        Ok(self.write(move |connection| beside::mark(connection, &markers, now)).await?)
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        let keys: BTreeSet<IndexKey> = keys.iter().copied().collect();
        Ok(self.read(move |connection| beside::markers(connection, &keys, now)).await?)
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let (key, holder) = (*key, *holder);
        Ok(self.write(move |connection| beside::lock(connection, &key, &holder, lease)).await?)
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        let (key, holder) = (*key, *holder);
        Ok(self.write(move |connection| beside::unlock(connection, &key, &holder)).await?)
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let sessions = move |on: &Connection| beside::delete_expired_sessions(on, now, BATCH);
            let deleted = self.write(sessions).await?;
            total += deleted;
            if deleted < u64::from(BATCH) {
                break;
            }
        }
        while self.write(move |on| beside::delete_past(on, now, BATCH)).await? == u64::from(BATCH) {
        }
        Ok(total)
    }

    fn is_exclusive(&self) -> bool {
        self.target.is_exclusive()
    }

    fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::AcqRel)
    }

    fn release(&self) {
        self.claimed.store(false, Ordering::Release);
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        let id = *id;
        Ok(self.write(move |connection| sessions::delete(connection, &id)).await?)
    }
}

/// How many rows of a kind are deleted in one transaction: other writers wait for that long.
const BATCH: u32 = 500;
