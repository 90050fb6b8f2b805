//! The port that stores implement.
//!
//! [`AuthStore`] adds to [`tower_sessions::SessionStore`] what sessions that must stay dead need. Its laws are numbered
//! in its documentation.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tower_sessions::SessionStore;
use tower_sessions::session::Id;

use crate::clock::UnixTime;
use crate::store::memory::MemoryStore;

/// A session as a store holds it: two sealed parts and what the store itself must know.
///
/// A store makes one from what it holds with [`new`](Self::new), and sets the rest.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSession {
    /// The key: derived from the cookie, never the cookie's value.
    pub id: Id,
    /// Claims, tokens and limits, sealed.
    pub auth: SealedPart,
    /// The application's data, sealed; absent while there are none.
    pub application: Option<SealedPart>,
    /// When the session was last used.
    pub last_used_at: UnixTime,
    /// From this second on the session is gone.
    pub expires_at: UnixTime,
}

impl StoredSession {
    /// A session without application data, last used and expiring at these times.
    pub fn new(id: Id, auth: SealedPart, last_used_at: UnixTime, expires_at: UnixTime) -> Self {
        Self { id, auth, application: None, last_used_at, expires_at }
    }
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredSession")
            .field("auth", &self.auth)
            .field("application", &self.application)
            .field("last_used_at", &self.last_used_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A sealed part of a session and its version, which counts from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// The version of this part.
    pub version: u64,
    /// The sealed content.
    pub content: Vec<u8>,
}

impl fmt::Debug for SealedPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SealedPart")
            .field("version", &self.version)
            .field("bytes", &self.content.len())
            .finish()
    }
}

/// Which part of a session a save concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// [`StoredSession::auth`].
    Auth,
    /// [`StoredSession::application`].
    Application,
}

/// What became of an insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// The session is stored.
    Done,
    /// There is a session under this id already; nothing was changed.
    Exists,
    /// The store has no room; nothing was changed and nothing live was given up for it.
    Full,
}

/// What became of a conditional save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Saved {
    /// The new content is stored, its version one higher.
    Done,
    /// The version is another; nothing was changed. Load again and decide anew.
    Stale,
    /// There is no such session any more; nothing was changed.
    Gone,
}

/// A store for sessions that must not come back: [`tower_sessions::SessionStore`] and what it lacks.
///
/// # Laws
///
/// 1. **No overwriting.** [`insert`](Self::insert) never replaces what is there.
/// 2. **No resurrection.** A conditional save or touch of a session that is gone reports [`Saved::Gone`] and stores
///    nothing. Only `insert` makes sessions.
/// 3. **No lost update.** A conditional save against another version reports [`Saved::Stale`] and stores nothing. The two
///    parts of a session have versions of their own; a touch changes neither.
/// 4. **Expiry.** What is past its `expires_at` is gone.
/// 5. **Once.** [`remember`](Self::remember) answers `true` to exactly one of any number of callers.
/// 6. **Failure.** A store that can't do its work says so; it never answers "absent" instead.
///
/// [`SessionStore::delete`] ends a session as a whole. Of the supertrait nothing else is called; implement `load`, `save`
/// and `create` all the same, or return an error from them.
///
/// What is handed to a store is sealed: it sees neither claims nor tokens nor the value of a cookie. How to write one is
/// told in the manual, [`writing_a_store`](crate::manual::writing_a_store).
#[async_trait]
pub trait AuthStore: SessionStore {
    /// Stores a new session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn insert(&self, session: &StoredSession) -> Result<Inserted, StoreError>;

    /// The session under `id`, if there is one that has not expired.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn fetch(&self, id: &Id) -> Result<Option<StoredSession>, StoreError>;

    /// Replaces one part of a session whose version is `expected` (0: the part is absent), and its expiry (`None`: that stays
    /// as it is).
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn save_if(
        &self,
        id: &Id,
        part: Part,
        expected: u64,
        content: &[u8],
        expires_at: Option<UnixTime>,
    ) -> Result<Saved, StoreError>;

    /// Notes that a session was used, and its new expiry. Replaces `last_used_at` even if that is later: then a clock was
    /// wrong that has been corrected.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn touch(
        &self,
        id: &Id,
        last_used_at: UnixTime,
        expires_at: UnixTime,
    ) -> Result<Saved, StoreError>;

    /// Remembers `key` until `until`; `true` if it was not remembered already.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn remember(&self, key: &Id, until: UnixTime) -> Result<bool, StoreError>;
}

/// The store could not be asked, or gave no sensible answer. Requests that need it get 503.
#[derive(Debug, thiserror::Error)]
#[error("the session store is unavailable")]
pub struct StoreError {
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// An error caused by `source`.
    ///
    /// # Security
    ///
    /// The text of `source` is logged: it must not contain session data.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}

impl From<tower_sessions::session_store::Error> for StoreError {
    fn from(error: tower_sessions::session_store::Error) -> Self {
        Self::new(error)
    }
}

/// Where sessions are kept: what [`store`](crate::OidcAuthBuilder::store) takes.
#[derive(Clone, Debug)]
pub struct Store(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Unsealed, in this process: the entry is the store.
    Embedded(MemoryStore),
    /// Sealed, wherever the store keeps it.
    Sealed(Arc<dyn AuthStore>),
}

impl Store {
    /// A store of your own, or one of another crate.
    pub fn new(store: impl AuthStore) -> Self {
        Self(Kind::Sealed(Arc::new(store)))
    }
}

impl From<MemoryStore> for Store {
    fn from(store: MemoryStore) -> Self {
        Self(Kind::Embedded(store))
    }
}
