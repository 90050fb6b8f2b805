//! A session moves to a new id.
//!
//! No refresh runs meanwhile, on any node: the new tokens would be saved to the old session, and be lost with it. A client
//! that hangs up does not stop it half-way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::application::Changes;
use crate::session::contract::StoreError;
use crate::session::entry::{Entry, LiveSession};
use crate::session::rotation::Rotation;
use crate::session::sessions::CreateError;

/// The session under its new id, its application data changed by `changes`; `None`: it has ended.
///
/// # Errors
///
/// The store failed or is full.
pub(crate) async fn rotate(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    changes: Changes,
) -> Result<Option<LiveSession>, CreateError> {
    let (changes, moved) = (Arc::new(changes), Arc::new(Mutex::new(None)));
    loop {
        let task = || {
            let (rp, entry) = (Arc::clone(rp), Arc::clone(entry));
            let (changes, moved) = (Arc::clone(&changes), Arc::clone(&moved));
            async move {
                let outcome = leased(&rp, &entry, &changes).await;
                *moved.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                Ok(())
            }
        };
        let finder = entry.cookie().finder();
        let ran = rp.refreshes.join(finder, &*rp.config.spawn, task).await;
        // Otherwise it was a refresh that ran; it has ended now.
        let outcome = moved.lock().unwrap_or_else(PoisonError::into_inner).take();
        match outcome {
            Some(outcome) => return outcome,
            None if ran.is_none() => return Ok(None),
            None => {}
        }
    }
}

/// Waits for a refresh on another node.
async fn leased(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    changes: &Changes,
) -> Result<Option<LiveSession>, CreateError> {
    let handle = entry.state().state.handle;
    for _ in 0..MOST_LOOKS {
        if let Some(_lease) = rp.sessions.lease(handle).await? {
            return match rp.sessions.rotate(entry, changes).await? {
                Rotation::Moved { live, closed } => {
                    if let Err(error) = closed {
                        close_in_background(rp, entry, &error);
                    }
                    Ok(Some(live))
                }
                Rotation::Revoked => {
                    end::noticed(rp, entry, EndReason::Revoked, Ending::RevokeTokens);
                    Ok(None)
                }
                Rotation::Ended => Ok(None),
            };
        }
        rp.config.clock.sleep(PAUSE).await;
    }
    Err(CreateError::Unavailable(StoreError::new("another node is at work on the session")))
}

/// The session lives on under its new id. That the old one still opens it is mended when the store is back.
fn close_in_background(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(code = "old_id_not_closed", error, "a session's old id still opens it");
    let (rp, entry) = (Arc::clone(rp), Arc::clone(entry));
    let spawn = Arc::clone(&rp.config.spawn);
    spawn.spawn(Box::pin(async move {
        let mut pause = PAUSE;
        while rp.config.clock.now() < entry.deadline(rp.sessions.limits()).at {
            rp.config.clock.sleep(pause).await;
            if rp.sessions.close_moved(&entry).await.is_ok() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }));
}

const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);
/// As long as a lease lasts, and a little more.
const MOST_LOOKS: u32 = 120;
