//! What a store is handed. All of it is sealed, random, or a keyed hash: it names nobody and opens nothing.

use std::fmt;

use tower_sessions::session::Id;

use crate::clock::UnixTime;

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
    /// How the session is found without its cookie.
    pub listing: Listing,
    /// From this second on the session is gone.
    pub expires_at: UnixTime,
}

impl StoredSession {
    /// A session without application data that expires at this time.
    pub fn new(id: Id, auth: SealedPart, listing: Listing, expires_at: UnixTime) -> Self {
        Self { id, auth, application: None, listing, expires_at }
    }
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredSession")
            .field("auth", &self.auth)
            .field("application", &self.application)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A sealed part of a session and its version, which counts from 1.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPart {
    /// The version of this part, at most `i64::MAX`.
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

/// How a session is found without its cookie, to be listed or revoked.
#[derive(Clone, PartialEq, Eq)]
pub struct Listing {
    /// The keys under which [`find`](super::AuthStore::find) gives the session.
    pub index: SessionIndex,
    /// When it began and was last used, on what kind of device: sealed under the key ring, for whoever lists a user's
    /// sessions. A touch replaces it.
    pub summary: Vec<u8>,
}

impl fmt::Debug for Listing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Listing").field("index", &self.index).finish_non_exhaustive()
    }
}

/// The keys under which a session is found. A store indexes all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionIndex {
    /// Names the key of the ring that made `sid` and `sub`.
    pub key_id: [u8; 4],
    /// The session itself, whatever id it has at the time. Random.
    pub session: IndexKey,
    /// Keyed hash of issuer, client id and `sid`.
    pub sid: IndexKey,
    /// Keyed hash of issuer, client id and `sub`.
    pub sub: IndexKey,
}

impl SessionIndex {
    /// All three.
    pub fn keys(&self) -> [IndexKey; 3] {
        [self.session, self.sid, self.sub]
    }
}

/// Finds sessions and markers: 128 bits, random or a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexKey(pub [u8; 16]);

impl fmt::Debug for IndexKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("IndexKey")
    }
}

/// A session that was found by a key of its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSession {
    /// As in [`StoredSession`].
    pub id: Id,
    /// As it was stored last.
    pub listing: Listing,
    /// As in [`StoredSession`].
    pub expires_at: UnixTime,
}
