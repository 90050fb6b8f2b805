//! The further `sid`s of a session: a refreshed ID Token may name the provider's session otherwise than the login's did, and a
//! logout may come by either name.
//!
//! A store indexes a session under one `sid`. Each further one has an alias: a record of its own that shows nothing, opens
//! nothing and is found by that `sid`; it leads to the session by its handle, whatever id that has at the time. So it works
//! over every store. The embedded store has further keys in its index instead.
//!
//! 1. The alias is stored before the state that names the `sid`, and after that the markers of that `sid` are looked for:
//!    whatever the order of a logout and a refresh, one of them sees the other.
//! 2. It lives as long as the session could at most, and is deleted with it, best effort: without the session it leads nowhere.

use std::collections::BTreeSet;

use tower_sessions::session::Id;

use super::contract::{
    FoundSession, IndexKey, Inserted, Listing, SealedPart, SessionIndex, StoreError, StoredSession,
};
use super::index::Indexer;
use super::sealed::SealedSessions;
use super::state::SessionState;

/// A session that was found, and every key that leads to it.
pub(super) struct Match {
    pub(super) found: FoundSession,
    pub(super) keys: Vec<IndexKey>,
}

impl SealedSessions {
    /// Rule 1: before the state is saved.
    pub(super) async fn insert_aliases(&self, state: &SessionState) -> Result<(), StoreError> {
        let expires_at = state.logged_in_at.saturating_add(self.limits().absolute);
        for index in aliases(self.indexer(), state) {
            let part = SealedPart { version: 1, content: ALIAS.to_vec() };
            let listing = Listing { index, summary: Vec::new() };
            let alias = StoredSession::new(id_of(&index), part, listing, expires_at);
            if self.store().insert(&alias, self.now()).await? == Inserted::Full {
                return Err(StoreError::new("there is no room for another name of a session"));
            }
        }
        Ok(())
    }

    /// Rule 2.
    pub(super) async fn delete_aliases(&self, state: &SessionState) {
        for index in aliases(self.indexer(), state) {
            // It runs out by itself.
            drop(self.store().delete(&id_of(&index)).await);
        }
    }

    /// The sessions under any of `keys`, also by an alias. Traces of sessions that gave way are none.
    pub(super) async fn find_sessions(&self, keys: &[IndexKey]) -> Result<Vec<Match>, StoreError> {
        let now = self.now();
        let found = self.store().find(keys, now).await?;
        let (leads, mut sessions): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|found| found.listing.summary.is_empty());
        let handle = |found: &FoundSession| found.listing.index.session;
        let handles: BTreeSet<IndexKey> = leads.iter().map(handle).collect();
        if !handles.is_empty() {
            let ids: Vec<Id> = sessions.iter().map(|found| found.id).collect();
            let handles: Vec<IndexKey> = handles.into_iter().collect();
            let more = self.store().find(&handles, now).await?.into_iter();
            sessions.extend(
                more.filter(|found| !found.listing.summary.is_empty() && !ids.contains(&found.id)),
            );
        }
        let with_keys = |found: FoundSession| {
            let same = leads.iter().filter(|lead| handle(lead) == handle(&found));
            let keys = same.chain([&found]).flat_map(|found| found.listing.index.keys()).collect();
            Match { keys, found }
        };
        Ok(sessions.into_iter().map(with_keys).collect())
    }
}

fn aliases(indexer: &Indexer, state: &SessionState) -> impl Iterator<Item = SessionIndex> {
    state.further_sids.iter().map(|sid| indexer.alias(state.handle, sid))
}

/// The same each time: an alias that is there already is not made again.
fn id_of(index: &SessionIndex) -> Id {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"axum-oidc-session alias");
    context.update(&index.sub.0);
    let mut id = [0; 16];
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    Id(i128::from_be_bytes(id))
}

/// It opens as nothing.
const ALIAS: &[u8] = b"alias";
