//! Changes of a session's state, saved against whatever else happens to the session.

use std::sync::Arc;
use std::time::Duration;

use super::access_token::AccessTokenError;
use super::refresh::{reload, still_live};
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::entry::Entry;
use crate::session::state::SessionState;
use crate::session::store::Saved;

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
    let mut pause = FIRST_PAUSE;
    loop {
        // Nothing is saved to a session that is over: a later ceiling would revive it.
        still_live(rp, entry)?;
        let current = entry.state();
        let mut state = current.state.clone();
        change(&mut state)?;
        match rp.sessions.save(entry, current.version, state).await {
            Ok(Saved::Done) => return Ok(()),
            Ok(Saved::Gone) => {
                let reason = entry.ended().unwrap_or(EndReason::Revoked);
                return Err(AccessTokenError::SessionExpired(reason));
            }
            Ok(Saved::Stale) => match reload(rp, entry).await {
                Ok(_) => continue,
                Err(AccessTokenError::StoreUnavailable) => {}
                Err(error) => return Err(error),
            },
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(code = "store_unavailable", error, "the tokens were not saved");
            }
        }
        if patience == Patience::Short {
            return Err(AccessTokenError::StoreUnavailable);
        }
        rp.config.clock.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
