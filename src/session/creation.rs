//! New sessions: of a login, or of a session that moves to a new id.

use std::sync::Arc;

use super::application::ApplicationPart;
use super::contract::{Inserted, StoreError};
use super::entry::{Entry, Versioned};
use super::id::SessionCookie;
use super::index::Handle;
use super::live_session::LiveSession;
use super::revocation::Verdict;
use super::sessions::{Backend, Sessions};
use super::state::SessionState;
use crate::policy::EndReason;
use crate::random::RandomUnavailable;

/// Why a session could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateError {
    #[error("the session store has no room for another session")]
    Full,
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    #[error("the session would be over before it begins")]
    Over(EndReason),
    #[error("the session was revoked before it began")]
    Revoked,
    #[error("another login has taken the session's place")]
    Replaced,
}

impl Sessions {
    /// Stores a new session under a new id.
    ///
    /// # Errors
    ///
    /// [`CreateError::Revoked`]: a logout has come while the login was under way. [`CreateError::Replaced`]: not of a login.
    pub(crate) async fn create(
        &self,
        state: SessionState,
        application: ApplicationPart,
    ) -> Result<LiveSession, CreateError> {
        self.create_for(None, state, application).await
    }

    /// Whether there is a session with this handle.
    pub(crate) async fn has_begun(&self, handle: Handle) -> Result<bool, StoreError> {
        let keys = [handle.key()];
        match &self.backend {
            Backend::Embedded(store) => Ok(!store.find_by(&keys).is_empty()),
            Backend::Sealed(sealed) => {
                Ok(!sealed.store().find(&keys, self.clock.now()).await?.is_empty())
            }
        }
    }

    /// As [`has_begun`](Self::has_begun), and whether there was one that was signed out or replaced.
    pub(crate) async fn has_ever_begun(&self, handle: Handle) -> Result<bool, StoreError> {
        if self.has_begun(handle).await? {
            return Ok(true);
        }
        match &self.backend {
            // The process remembers all that it had.
            Backend::Embedded(_) => Ok(false),
            Backend::Sealed(sealed) => {
                let keys = [handle.key(), handle.replaced_key()];
                Ok(!sealed.store().markers(&keys, self.clock.now()).await?.is_empty())
            }
        }
    }

    /// Stores a session under a new id, in the place of another that has ended.
    ///
    /// A revocation writes its marker before it looks for sessions; here the session is there before its markers are looked
    /// for. Whatever the order in which the two run, one of them sees the other.
    pub(super) async fn create_for(
        &self,
        replaced: Option<&Entry>,
        state: SessionState,
        application: ApplicationPart,
    ) -> Result<LiveSession, CreateError> {
        self.start_services();
        let cookie = SessionCookie::generate(&*self.random)?;
        let now = self.clock.now();
        let index = self.index(&state);
        let state = Versioned { version: 1, state };
        let entry = Entry::new((cookie, index), state, now, application, &*self.clock);
        let live = LiveSession::admit(Arc::new(entry), self.limits(), &*self.clock)
            .map_err(|(_, reason)| CreateError::Over(reason))?;
        let inserted = match &self.backend {
            Backend::Embedded(store) => {
                let entry = live.entry();
                store.index_further(entry, self.further_keys(&entry.state().state));
                match replaced {
                    Some(old) => store.replace(old, Arc::clone(entry), now),
                    None => store.insert(Arc::clone(entry), self.limits(), &*self.clock),
                }
            }
            Backend::Sealed(sealed) => {
                let inserted = sealed.insert(live.entry(), live.deadline().at).await;
                if inserted.is_err() {
                    // The answer may have been lost, not the work: nobody has its cookie, and it is not to be listed.
                    drop(self.delete(live.entry(), EndReason::NotDelivered).await);
                }
                inserted?
            }
        };
        match inserted {
            Inserted::Done => {}
            Inserted::Full => return Err(CreateError::Full),
            Inserted::Exists => return Err(CreateError::Random(RandomUnavailable)),
        }
        let verdict = self.verdict(live.entry()).await;
        if matches!(verdict, Ok(Verdict::Passes)) {
            return Ok(live);
        }
        // Nobody has its cookie; all the same it is not to be listed.
        let deleted = self.delete(live.entry(), EndReason::Revoked).await;
        let is_replaced = verdict? == Verdict::Replaced;
        deleted?;
        Err(if is_replaced { CreateError::Replaced } else { CreateError::Revoked })
    }
}
