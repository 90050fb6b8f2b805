//! The port that stores implement.
//!
//! Its laws are numbered in the documentation of [`AuthStore`].

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use tower_sessions::session::Id;

use super::events::StoreListener;
use super::marker::Marker;
use super::stored::{FoundSession, IndexKey, Listing, StoredSession};
use crate::clock::UnixTime;

/// A store for sessions that must not come back.
///
/// It has what [`tower_sessions::SessionStore`] lacks: saves by version, an index, markers, locks. A store of that trait
/// is used through [`TowerSessionsStore`](crate::TowerSessionsStore).
///
/// # Laws
///
/// 1. **No overwriting.** [`insert`](Self::insert) never replaces what is there.
/// 2. **No resurrection.** A conditional save or touch of a session that is gone reports [`Saved::Gone`] and stores
///    nothing. Only `insert` makes sessions.
/// 3. **No lost update.** A conditional save against another version reports [`Saved::Stale`] and stores nothing. The two
///    parts of a session have versions of their own. A touch changes neither, and is [`Saved::Stale`] if the auth part has
///    another version than the one it names: it writes over nothing that a save has left.
/// 4. **Expiry.** What is past its `expires_at` is gone, and what is past its `until` is forgotten, by the `now` that each
///    call brings. `expires_at` itself is the first second of being gone.
/// 5. **Once.** [`remember`](Self::remember) answers `true` to exactly one of any number of callers.
/// 6. **Failure.** A store that can't do its work says so; it never answers "absent" instead.
/// 7. **Order.** What has been answered is seen by every call that begins later, on any node. What `delete` and `mark` have
///    answered survives a crash of the store.
/// 8. **Index.** [`find`](Self::find) gives every session that lives under one of the keys, each once, and none that is gone. A
///    save that brings another [`Listing`] moves the session to its keys.
/// 9. **Markers.** A marker does not depend on any session. Of several under one key what [`Marker::merge`] says is kept.
/// 10. **Locks.** A lock has one holder at most. It ends when it is released or, by the store's own clock, when its lease
///     is over, unless the holder takes it again before. Nobody but its holder releases it.
/// 11. **Events.** If there are [listeners](Self::listen), each hears of every save and every deletion, also of its own node's.
///     Touches and expiry make no event.
///
/// What is handed to a store is sealed: it sees neither claims nor tokens nor the value of a cookie. How to write one is
/// told in the manual, [`writing_a_store`](crate::manual::writing_a_store).
#[async_trait]
pub trait AuthStore: fmt::Debug + Send + Sync + 'static {
    /// Stores a new session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError>;

    /// The session under `id`, if there is one that has not expired.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError>;

    /// Replaces one part of a session if its version is the expected one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError>;

    /// Notes that a session was used: replaces its summary and its expiry if the version of its auth part is the expected one.
    /// The new expiry counts even if it is earlier: then a clock was wrong that has been corrected.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError>;

    /// Deletes a session as a whole, its index entries with it. It is no error if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn delete(&self, id: &Id) -> Result<(), StoreError>;

    /// Remembers `key` until `until`; `true` if it was not remembered already.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError>;

    /// The sessions under any of `keys`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn find(&self, keys: &[IndexKey], now: UnixTime)
    -> Result<Vec<FoundSession>, StoreError>;

    /// Keeps markers, all or none of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError>;

    /// The markers under any of `keys`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError>;

    /// Takes the lock `key` for `holder`, for as long as `lease`; or, if `holder` has it, takes it anew. `false`: another has it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError>;

    /// Releases the lock `key` if `holder` has it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError>;

    /// Frees the space of what has expired; how many sessions that were. Called about once a minute by each node.
    ///
    /// A store that does this by itself need not implement it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        let _ = now;
        Ok(0)
    }

    /// A listener, if the store tells its nodes of changes.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store could not be asked.
    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        Ok(None)
    }

    /// Whether nobody but this value and its clones can change what is stored: then sessions may be kept in memory, too.
    fn is_exclusive(&self) -> bool {
        false
    }

    /// Takes an exclusive store for one `OidcAuth`: `true` to the first that asks, since what another changed would not be seen.
    ///
    /// Asked only if [`is_exclusive`](Self::is_exclusive) says so.
    fn claim(&self) -> bool {
        true
    }

    /// Gives back what [`claim`](Self::claim) took: the `OidcAuth` and all its clones are gone.
    fn release(&self) {}
}

/// A conditional save.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// Which part.
    pub part: Part,
    /// The version that the part must have (0: it must be absent). The saved part has the next one.
    pub expected: u64,
    /// The sealed content.
    pub content: Vec<u8>,
    /// The new expiry; `None`: that stays as it is.
    pub expires_at: Option<UnixTime>,
    /// The new listing; `None`: that stays as it is.
    pub listing: Option<Listing>,
}

impl Change {
    /// A save of one part; expiry and listing stay as they are.
    pub fn new(part: Part, expected: u64, content: impl Into<Vec<u8>>) -> Self {
        Self { part, expected, content: content.into(), expires_at: None, listing: None }
    }

    /// The same with another expiry.
    #[must_use]
    pub fn expires_at(self, at: UnixTime) -> Self {
        Self { expires_at: Some(at), ..self }
    }

    /// The same with another listing.
    #[must_use]
    pub fn listing(self, listing: Listing) -> Self {
        Self { listing: Some(listing), ..self }
    }
}

/// A use of a session, to be noted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Touch {
    /// The version that the auth part must have. It stays.
    pub expected: u64,
    /// The new [`Listing::summary`]. The keys of the index stay.
    pub summary: Vec<u8>,
    /// The new expiry.
    pub expires_at: UnixTime,
}

impl Touch {
    /// A touch of a session whose auth part has this version.
    pub fn new(expected: u64, summary: impl Into<Vec<u8>>, expires_at: UnixTime) -> Self {
        Self { expected, summary: summary.into(), expires_at }
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

/// What became of a conditional save or a touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Saved {
    /// The new content is stored, after a save under the next version.
    Done,
    /// The version is another; nothing was changed. Load again and decide anew.
    Stale,
    /// There is no such session any more; nothing was changed.
    Gone,
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
