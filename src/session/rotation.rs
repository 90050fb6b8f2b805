//! Changes that the application asks for: another id, an earlier end.

use std::sync::Arc;

use super::application::{ApplicationPart, Changes};
use super::changes::MERGE_ATTEMPTS;
use super::contract::{Saved, StoreError};
use super::entry::{Entry, LiveSession, Versioned};
use super::sealed::SealedSessions;
use super::sessions::{Backend, CreateError, Sessions};
use crate::clock::UnixTime;
use crate::policy::EndReason;

/// What became of a move to a new id.
pub(crate) enum Rotation {
    Moved {
        live: LiveSession,
        /// An error: the old id still opens the session, and is to be closed.
        closed: Result<(), StoreError>,
    },
    /// A revocation came first, and this call ended the session.
    Revoked,
    /// It had ended already.
    Ended,
}

impl Sessions {
    /// Moves a session to a new id, with what a request changed in the application's data. Nothing is found under the old
    /// id any more but a trace. No refresh may be under way.
    ///
    /// The new id is there before the old one goes: whatever happens in between, the session is not lost. What is saved to
    /// the old id meanwhile is saved to the new one, too.
    pub(crate) async fn rotate(
        &self,
        entry: &Arc<Entry>,
        changes: &Changes,
    ) -> Result<Rotation, CreateError> {
        if !self.claim(entry).await? {
            return Ok(Rotation::Ended);
        }
        let (state, before) = (entry.state(), entry.application());
        let application = changes.apply(&before);
        let created = self.create_for(Some(entry.as_ref()), state.state.clone(), application);
        let live = match created.await {
            Ok(live) => live,
            Err(CreateError::Revoked) => {
                // Whoever revoked it may have found it claimed.
                let claimed = entry.ended() == Some(EndReason::Replaced);
                let first = self.delete(entry, EndReason::Revoked).await?;
                return Ok(if first || claimed { Rotation::Revoked } else { Rotation::Ended });
            }
            Err(error) => return Err(error),
        };
        live.entry().touched(entry.last_used_at());
        entry.succeeded_by(live.entry());
        let closed = match &self.backend {
            Backend::Embedded(_) => Ok(()),
            Backend::Sealed(sealed) => self.leave(sealed, entry, (&state, &before), &live).await,
        };
        self.delete(entry, EndReason::Replaced).await?;
        Ok(Rotation::Moved { live, closed })
    }

    /// Leaves the old id. What was saved to it after it was copied is saved to the new one.
    async fn leave(
        &self,
        sealed: &SealedSessions,
        old: &Arc<Entry>,
        (copied, before): (&Arc<Versioned>, &Arc<ApplicationPart>),
        live: &LiveSession,
    ) -> Result<(), StoreError> {
        self.give_way(sealed, old).await?;
        let last = old.state();
        if last.version != copied.version {
            let _ = self.save(live.entry(), 1, last.state.clone()).await?;
        }
        self.follow(sealed, old, before, live).await
    }

    /// Closes the old id of a session that moved, where the store failed when it did.
    ///
    /// # Errors
    ///
    /// The store fails still.
    pub(crate) async fn close_moved(&self, entry: &Arc<Entry>) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(()),
            Backend::Sealed(sealed) => self.give_way(sealed, entry).await,
        }
    }

    /// Makes the old session of a rotation ours alone; `false`: it has ended.
    async fn claim(&self, entry: &Arc<Entry>) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(entry.end(EndReason::Replaced)),
            Backend::Sealed(_) => self.reload(entry).await,
        }
    }

    /// Saves to the new id what was saved to the old one after it was copied, and closes the old one to further saves.
    async fn follow(
        &self,
        sealed: &SealedSessions,
        old: &Arc<Entry>,
        before: &Arc<ApplicationPart>,
        live: &LiveSession,
    ) -> Result<(), StoreError> {
        let mut seen = Arc::clone(before);
        for _ in 0..MERGE_ATTEMPTS {
            match sealed.close_application(old, &seen).await? {
                Saved::Done | Saved::Gone => break,
                Saved::Stale => {}
            }
            let Some(newer) = sealed.application_of(old.cookie()).await? else { break };
            let changes = Changes::between(&seen.data, &newer.data);
            let _ = self.save_application(live.entry(), &changes).await?;
            seen = Arc::new(newer);
        }
        Ok(())
    }

    /// Ends the session at `at` if it would end later. `false`: it is gone.
    pub(crate) async fn shorten(&self, entry: &Entry, at: UnixTime) -> Result<bool, StoreError> {
        loop {
            let current = entry.state();
            if current.state.shortened_to.is_some_and(|earlier| earlier <= at) {
                return Ok(true);
            }
            let mut state = current.state.clone();
            state.shortened_to = Some(at);
            match self.save(entry, current.version, state).await? {
                Saved::Done => return Ok(true),
                Saved::Gone => return Ok(false),
                Saved::Stale => {
                    if !self.reset(entry).await? {
                        return Ok(false);
                    }
                }
            }
        }
    }
}
