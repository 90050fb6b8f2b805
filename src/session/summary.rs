//! What is known of a session without its cookie: sealed under the key ring, for the list of a user's sessions and for
//! revocations.
//!
//! 1. It is bound to the relying party and to the id under which the store holds the session: moved elsewhere it does not open.
//! 2. The last use is in it, and nowhere else. A session whose summary does not open is none: it is not taken for one that
//!    was not used yet.

use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;

use super::contract::{Listing, StoreError};
use super::index::{Handle, Indexer};
use super::state::SessionState;
use crate::clock::UnixTime;
use crate::random::{Random, RandomUnavailable};
use crate::secret::seal::Purpose;

/// What a list shows of a session, and what a revocation asks for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) handle: Handle,
    pub(crate) sub: String,
    pub(crate) sid: Option<String>,
    pub(crate) logged_in_at: UnixTime,
    /// As in [`SessionState`].
    pub(crate) ordinal: u64,
    pub(crate) last_used_at: UnixTime,
    pub(crate) attempt_begun_at: UnixTime,
    pub(crate) auth_time: Option<UnixTime>,
    /// What the user signed in with, coarsely.
    pub(crate) device: Option<String>,
}

impl Summary {
    pub(crate) fn of(state: &SessionState, last_used_at: UnixTime) -> Self {
        Self {
            handle: state.handle,
            sub: state.claims.sub().to_owned(),
            sid: state.sid.clone(),
            logged_in_at: state.logged_in_at,
            ordinal: state.ordinal,
            last_used_at,
            attempt_begun_at: state.attempt_begun_at,
            auth_time: state.auth_time,
            device: state.device.clone(),
        }
    }

    /// How the session under `id` is found.
    pub(crate) fn listing(
        &self,
        indexer: &Indexer,
        id: &Id,
        random: &dyn Random,
    ) -> Result<Listing, StoreError> {
        let index = indexer.index(self.handle, &self.sub, self.sid.as_deref());
        Ok(Listing { index, summary: self.seal(indexer, id, random)? })
    }

    /// Under the first key of the ring, whichever made the index that it is kept beside.
    pub(crate) fn seal(
        &self,
        indexer: &Indexer,
        id: &Id,
        random: &dyn Random,
    ) -> Result<Vec<u8>, StoreError> {
        let plaintext = serde_json::to_vec(self).map_err(StoreError::new)?;
        indexer
            .ring()
            .seal_bytes(Purpose::SessionSummary, &associated(indexer, id), &plaintext, random)
            .map_err(|error: RandomUnavailable| StoreError::new(error))
    }

    /// `None`: not one of ours, or the session under this id is only a trace of one that moved.
    pub(crate) fn open(indexer: &Indexer, id: &Id, listing: &Listing) -> Option<Self> {
        let associated = associated(indexer, id);
        let opened =
            indexer.ring().open_bytes(Purpose::SessionSummary, &associated, &listing.summary);
        serde_json::from_slice(&opened.ok()?).ok()
    }
}

fn associated(indexer: &Indexer, id: &Id) -> [u8; 48] {
    indexer.owner().associated(id)
}
