//! Changes of a session in a store: saves, the trace of a session that gave way, touches.
//!
//! The last use is in the summary and counts for the expiry, so a write that replaces one of them brings one:
//!
//! | write | its last use |
//! |---|---|
//! | a touch | the use that it notes. Of another version it is refused, so that it writes over no summary that a save has left |
//! | a save that moves the session to another key, changes what the summary says, or sets another ceiling or earlier end | what the store had just before: at worst one touch that came in between is lost, as if it had been coalesced away |
//! | any other save | none: the summary and the expiry stay |

use tower_sessions::session::Id;

use super::SealedSessions;
use crate::clock::UnixTime;
use crate::session::application::ApplicationPart;
use crate::session::contract::{Change, Listing, Part, Saved, StoreError, Touch};
use crate::session::entry::{Entry, Version};
use crate::session::id::SessionCookie;
use crate::session::state::SessionState;
use crate::session::summary::Summary;

impl SealedSessions {
    pub(crate) async fn save_state(
        &self,
        entry: &Entry,
        expected: Version,
        state: &SessionState,
    ) -> Result<Saved, StoreError> {
        let known = &entry.state().state.further_sids;
        if *known != state.further_sids || !self.indexer.is_current(&entry.index()) {
            self.insert_aliases(state).await?;
        }
        let content = self.indexer.owner().seal_state(entry.cookie(), state, &*self.random)?;
        let (listing, last_used_at) = match self.new_listing(entry, state).await? {
            Some((listing, last_used_at)) => (Some(listing), Some(last_used_at)),
            None if !entry.state().state.ends_as(state) => {
                (None, Some(self.last_use(entry, &entry.cookie().store_key()).await?))
            }
            None => (None, None),
        };
        let expires_at = last_used_at.map(|at| state.deadline(at, &self.limits).at);
        let part = Part::Auth;
        self.save(entry, Change { part, expected, content, expires_at, listing }).await
    }

    pub(crate) async fn save_application(
        &self,
        entry: &Entry,
        expected: Version,
        part: &ApplicationPart,
    ) -> Result<Saved, StoreError> {
        let listing = self.new_listing(entry, &entry.state().state).await?;
        let listing = listing.map(|(listing, _)| listing);
        self.write_application(entry, expected, part, listing).await
    }

    /// Saves what is there as a new version, so that nobody saves to a session that gave way. Its trace shows nothing in a list,
    /// whatever a save that came after it has left there.
    pub(crate) async fn close_application(
        &self,
        entry: &Entry,
        part: &ApplicationPart,
    ) -> Result<Saved, StoreError> {
        let listing = listing_of_trace(entry);
        self.write_application(entry, part.version, part, Some(listing)).await
    }

    async fn write_application(
        &self,
        entry: &Entry,
        expected: Version,
        part: &ApplicationPart,
        listing: Option<Listing>,
    ) -> Result<Saved, StoreError> {
        let cookie = entry.cookie();
        let content = self.indexer.owner().seal_application(cookie, &part.data, &*self.random)?;
        let part = Part::Application;
        let expires_at = None;
        self.save(entry, Change { part, expected, content, expires_at, listing }).await
    }

    /// The application's part under this cookie, also of a session that gave way. `None`: there is nothing any more, or nothing
    /// of ours, which is not the same as data that are empty.
    pub(crate) async fn application_of(
        &self,
        cookie: &SessionCookie,
    ) -> Result<Option<ApplicationPart>, StoreError> {
        let stored = self.ask(&cookie.store_key()).await?;
        let Some(stored) = stored else { return Ok(None) };
        Ok(self.indexer.owner().open_application(cookie, stored.application.as_ref()))
    }

    /// Replaces the session by the trace of one that gave way.
    pub(crate) async fn leave_trace(
        &self,
        entry: &Entry,
        expected: Version,
        expires_at: UnixTime,
    ) -> Result<Saved, StoreError> {
        let handle = entry.state().state.handle;
        let content = self.indexer.owner().seal_trace(entry.cookie(), handle, &*self.random)?;
        let (part, expires_at) = (Part::Auth, Some(expires_at));
        let listing = Some(listing_of_trace(entry));
        self.save(entry, Change { part, expected, content, expires_at, listing }).await
    }

    async fn save(&self, entry: &Entry, change: Change) -> Result<Saved, StoreError> {
        let id = entry.cookie().store_key();
        let mut unanswered = self.unanswered(id, Some(entry));
        let index = change.listing.as_ref().map(|listing| listing.index);
        let saved = self.store.save_if(&id, change, self.clock.now()).await;
        if matches!(saved, Ok(Saved::Done)) {
            unanswered.stays = true;
            self.opened.forget(&id);
            index.into_iter().for_each(|index| entry.indexed(index));
        }
        saved
    }

    /// A session that is saved moves to the first key of the ring; its summary follows what it says. With the last use that
    /// is in it.
    async fn new_listing(
        &self,
        entry: &Entry,
        state: &SessionState,
    ) -> Result<Option<(Listing, UnixTime)>, StoreError> {
        let unchanged = entry.state().state.auth_time == state.auth_time;
        if unchanged && self.indexer.is_current(&entry.index()) {
            return Ok(None);
        }
        let id = entry.cookie().store_key();
        let last_used_at = self.last_use(entry, &id).await?;
        let summary = Summary::of(state, last_used_at);
        Ok(Some((summary.listing(&self.indexer, &id, &*self.random)?, last_used_at)))
    }

    /// The last use, as the store has it: other processes note uses, too, and tell nobody.
    async fn last_use(&self, entry: &Entry, id: &Id) -> Result<UnixTime, StoreError> {
        let stored = self.ask(id).await?;
        let summary = stored.and_then(|stored| Summary::open(&self.indexer, id, &stored.listing));
        Ok(summary.map_or(entry.last_used_at(), |summary| summary.last_used_at))
    }

    /// Notes a use of the session in the version that is known here; stale if the store has another.
    pub(crate) async fn touch(
        &self,
        entry: &Entry,
        used_at: UnixTime,
    ) -> Result<Saved, StoreError> {
        let (id, current) = (entry.cookie().store_key(), entry.state());
        let summary = Summary::of(&current.state, used_at);
        let summary = summary.seal(&self.indexer, &id, &*self.random)?;
        let expires_at = current.state.deadline(used_at, &self.limits).at;
        let touch = Touch::new(current.version, summary, expires_at);
        let touched = self.store.touch(&id, touch, self.clock.now()).await?;
        if touched == Saved::Gone {
            self.cache.drop_entry(entry);
        }
        Ok(touched)
    }
}

/// Nothing to show in a list; a revocation may find it all the same.
fn listing_of_trace(entry: &Entry) -> Listing {
    Listing { index: entry.index(), summary: Vec::new() }
}
