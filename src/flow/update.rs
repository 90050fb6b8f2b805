//! Changes of a session's state, saved against whatever else happens to the session.

use std::sync::Arc;
use std::time::Duration;

use super::access_token::AccessTokenError;
use super::event_session;
use super::refresh::still_live;
use super::relying_party::RelyingParty;
use crate::events::EventKind;
use crate::session::contract::Saved;
use crate::session::entry::Entry;
use crate::session::lease::Lease;
use crate::session::state::SessionState;

/// How long a save is tried while the store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Not again: nothing is lost.
    Short,
    /// As long as the session could be used: what is saved exists nowhere else.
    UntilDeadline,
}

/// Changes the state and saves it, from the current one if another request was faster.
pub(super) async fn update(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    patience: Patience,
    mut change: impl FnMut(&mut SessionState) -> Result<(), AccessTokenError>,
) -> Result<(), AccessTokenError> {
    let (mut pause, mut stale) = (FIRST_PAUSE, 0);
    loop {
        // Nothing is saved to a session that is over: a later ceiling would revive it.
        match still_live(rp, entry).await {
            Ok(()) => {}
            // The session seems to be idle, and only the store knows. The limits that need no store bound the wait.
            Err(AccessTokenError::StoreUnavailable) if patience == Patience::UntilDeadline => {
                rp.config.clock.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                continue;
            }
            Err(error) => return Err(error),
        }
        let current = entry.state();
        let mut state = current.state.clone();
        change(&mut state)?;
        match rp.sessions.save(entry, current.version, state).await {
            Ok(Saved::Done) => return Ok(()),
            Ok(Saved::Gone) => {
                let reason = rp.sessions.reason_of_absence(entry);
                return Err(AccessTokenError::SessionExpired(reason));
            }
            Ok(Saved::Stale) => {
                let session = event_session::of_state(&current.state);
                rp.config.tell(EventKind::StoreConflict { session });
                reset(rp, entry).await?;
                stale += 1;
                // Others change it, too; whoever comes second twice waits a little.
                if stale < 2 {
                    continue;
                }
                if stale < MOST_STALE || patience == Patience::UntilDeadline {
                    rp.config.clock.sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    continue;
                }
            }
            Err(error) => {
                rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
            }
        }
        if patience == Patience::Short {
            return Err(AccessTokenError::StoreUnavailable);
        }
        rp.config.clock.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What the store has counts, even if it is older than what is known here.
async fn reset(rp: &RelyingParty, entry: &Arc<Entry>) -> Result<(), AccessTokenError> {
    match rp.sessions.reset(entry).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(AccessTokenError::SessionExpired(rp.sessions.reason_of_absence(entry))),
        Err(error) => {
            rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
            // The next save is stale again, and asks again.
            Ok(())
        }
    }
}

/// The lease of a session's tokens and id; `None`: another node has it.
pub(super) async fn lease(
    rp: &RelyingParty,
    entry: &Entry,
) -> Result<Option<Lease>, AccessTokenError> {
    rp.sessions.lease(entry.state().state.handle).await.map_err(|error| {
        rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
        AccessTokenError::StoreUnavailable
    })
}

const MOST_STALE: u32 = 8;
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
