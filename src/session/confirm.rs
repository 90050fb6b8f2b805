//! Whether a session that was admitted may still be used: asked by whatever hands something out while a handler runs.
//!
//! | store | how an end is known here |
//! |---|---|
//! | the memory store, or one that this process has alone | at once: requests share the session |
//! | shared, and its events are heard | when the event comes |
//! | shared, and nothing is heard of it | the store is asked, if that was 1.5 s ago |
//!
//! So an end on another node is known within 2 s, as for open responses.

use std::sync::Arc;

use super::contract::StoreError;
use super::entry::Entry;
use super::live_session::LiveSession;
use super::sealed::SealedSessions;
use super::sessions::{Backend, Sessions};
use crate::policy::{EndReason, admit};

/// Why a session cannot be relied upon any longer.
pub(crate) enum Unconfirmed {
    Over(EndReason),
    Store(StoreError),
}

impl From<StoreError> for Unconfirmed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Sessions {
    /// The check of whatever hands something out while a handler runs: what other processes do to the session is known here
    /// within the bound of open responses, also where no events arrive.
    ///
    /// # Errors
    ///
    /// Why the session is over, or that the store cannot be asked: then nothing is handed out, and nobody is signed out.
    pub(crate) async fn confirm(&self, entry: &Arc<Entry>) -> Result<LiveSession, Unconfirmed> {
        if !self.is_confirmed(entry) && !self.reload(entry).await? && entry.ended().is_none() {
            // The store has it no longer, and nobody here knows why.
            return Err(Unconfirmed::Over(self.reason_of_absence(entry)));
        }
        self.admit_again(entry).await
    }

    /// As [`admit`](Self::admit), for a session that another process may have used in the meantime: it may have postponed the
    /// idle limit, so only the store can say that this limit is reached. The other limits need no store.
    ///
    /// # Errors
    ///
    /// Why the session is over, or that the store cannot be asked.
    pub(crate) async fn admit_again(&self, entry: &Arc<Entry>) -> Result<LiveSession, Unconfirmed> {
        let known = self.admit(Arc::clone(entry)).map_err(|(_, reason)| reason);
        if known.as_ref().err() != Some(&EndReason::IdleLimit) || !self.is_in_doubt(entry) {
            return known.map_err(Unconfirmed::Over);
        }
        let now = entry.now(&*self.clock);
        let if_used_now = entry.state().state.deadline(now.time(), self.limits());
        admit(if_used_now, now).map_err(|refusal| Unconfirmed::Over(refusal.into()))?;
        self.reload(entry).await?;
        self.admit(Arc::clone(entry)).map_err(|(_, reason)| Unconfirmed::Over(reason))
    }

    /// Whether an idle limit that is reached by what is known here may have been postponed elsewhere.
    pub(super) fn is_in_doubt(&self, entry: &Entry) -> bool {
        entry.ended().is_none() && self.is_shared()
    }

    /// Whether what is known of the session here is recent enough: the store need not be asked.
    #[inline]
    pub(crate) fn is_confirmed(&self, entry: &Entry) -> bool {
        match &self.backend {
            Backend::Embedded(_) => true,
            Backend::Sealed(sealed) => self.is_confirmed_by(sealed, entry),
        }
    }

    fn is_confirmed_by(&self, sealed: &SealedSessions, entry: &Entry) -> bool {
        if !self.is_shared() || entry.ended().is_some() {
            return true;
        }
        let clock = &*self.clock;
        // An event that tells of a change takes the confirmation away.
        entry.is_confirmed(clock)
            || !entry.is_in_doubt()
                && (sealed.watched().is_heard(clock) || self.cache.is_confirmed(clock))
    }
}
