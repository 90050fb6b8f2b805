//! Changes that the application asks for: another id, an earlier end.

use std::sync::Arc;

use super::application::{ApplicationPart, Changes};
use super::changes::MERGE_ATTEMPTS;
use super::contract::{Saved, StoreError};
use super::creation::CreateError;
use super::entry::{Entry, Versioned};
use super::index::Handle;
use super::lease::Lease;
use super::live_session::LiveSession;
use super::sealed::SealedSessions;
use super::sessions::{Backend, Sessions};
use super::state::SessionState;
use crate::clock::UnixTime;
use crate::policy::{EndReason, Limits};

/// What became of a move to a new id.
pub(crate) enum Rotation {
    Moved {
        live: LiveSession,
        /// The store failed: the old id still opens the session, and is to be left.
        unfinished: Option<(Leaving, StoreError)>,
    },
    /// A revocation came first, and this call ended the session.
    Revoked,
    /// It had ended already.
    Ended,
}

/// The old id of a session that has a new one, and what was copied to it.
pub(crate) struct Leaving {
    old: Arc<Entry>,
    new: Arc<Entry>,
    state: Arc<Versioned>,
    application: Arc<ApplicationPart>,
}

impl Leaving {
    /// Until then the old id may open the session.
    pub(crate) fn until(&self, limits: &Limits) -> UnixTime {
        self.old.deadline(limits).at.max(self.new.deadline(limits).at)
    }

    pub(crate) fn handle(&self) -> Handle {
        self.state.state.handle
    }
}

impl Sessions {
    /// Moves a session to a new id, with what a request changed in the application's data. Nothing is found under the old
    /// id any more but a trace. No refresh may be under way, which the `lease` sees to: where a slow store has cost it, the old
    /// id is left under another one.
    ///
    /// The new id is there before the old one goes: whatever happens in between, the session is not lost. What is saved to
    /// the old id meanwhile is saved to the new one, too.
    pub(crate) async fn rotate(
        &self,
        entry: &Arc<Entry>,
        changes: &Changes,
        lease: &Lease,
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
            // The login that took its place has told of its end.
            Err(CreateError::Replaced) => return Ok(Rotation::Ended),
            Err(error) => return Err(error),
        };
        live.entry().touched(entry.last_used_at());
        let (old, new) = (Arc::clone(entry), Arc::clone(live.entry()));
        let leaving = Leaving { old, new, state, application: before };
        let left = if lease.is_held() { self.leave(&leaving, lease).await } else { Ok(false) };
        if matches!(left, Ok(false)) {
            // Another node may be refreshing under the old id, which is as it was; nobody has the new one's cookie.
            if let Err(error) = self.delete(live.entry(), EndReason::NotDelivered).await {
                let error: &dyn std::error::Error = &error;
                tracing::error!(
                    code = "session_not_deleted",
                    error,
                    "a session that nobody has was not deleted"
                );
            }
            return Err(
                StoreError::new("the store was too slow: the session's lease is over").into()
            );
        }
        entry.succeeded_by(live.entry());
        let unfinished = left.err().map(|error| (leaving, error));
        self.delete(entry, EndReason::Replaced).await?;
        Ok(Rotation::Moved { live, unfinished })
    }

    /// Leaves the old id. What was saved to it after it was copied is saved to the new one. May be done again where it failed
    /// half-way. `false`: the lease is over, and the old id is as it was.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub(crate) async fn leave(&self, leaving: &Leaving, lease: &Lease) -> Result<bool, StoreError> {
        let Backend::Sealed(sealed) = &self.backend else { return Ok(true) };
        if !self.give_way(sealed, &leaving.old, Some(lease)).await? {
            return Ok(false);
        }
        // What is open follows at once: whoever looks up the old id finds that it has given way.
        leaving.old.succeeded_by(&leaving.new);
        let last = leaving.old.state();
        if last.version != leaving.state.version {
            self.bring_along(&leaving.new, &last.state).await?;
        }
        self.follow(sealed, leaving).await?;
        Ok(true)
    }

    /// Saves to the new id what was saved last to the old one. The newer tokens count, and the earlier end.
    async fn bring_along(&self, new: &Entry, last: &SessionState) -> Result<(), StoreError> {
        for _ in 0..MERGE_ATTEMPTS {
            let current = new.state();
            let is_newer = last.tokens.obtained_at >= current.state.tokens.obtained_at;
            let mut state = if is_newer { last.clone() } else { current.state.clone() };
            let ends = [last.shortened_to, current.state.shortened_to];
            state.shortened_to = ends.into_iter().flatten().min();
            match self.save(new, current.version, state).await? {
                Saved::Done | Saved::Gone => return Ok(()),
                Saved::Stale if !self.reset(new).await? => return Ok(()),
                Saved::Stale => {}
            }
        }
        Err(StoreError::new("the session changes all the time"))
    }

    /// Makes the old session of a rotation ours alone; `false`: it has ended.
    async fn claim(&self, entry: &Arc<Entry>) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(entry.end(EndReason::Replaced)),
            Backend::Sealed(_) => self.reload(entry).await,
        }
    }

    /// Saves to the new id what was saved to the old one after it was copied, and closes the old one to further saves.
    async fn follow(&self, sealed: &SealedSessions, leaving: &Leaving) -> Result<(), StoreError> {
        let (old, mut seen) = (&leaving.old, Arc::clone(&leaving.application));
        for _ in 0..MERGE_ATTEMPTS {
            match sealed.close_application(old, &seen).await? {
                Saved::Done | Saved::Gone => break,
                Saved::Stale => {}
            }
            let Some(newer) = sealed.application_of(old.cookie()).await? else { break };
            let changes = Changes::between(&seen.data, &newer.data);
            let _ = self.save_application(&leaving.new, &changes).await?;
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
