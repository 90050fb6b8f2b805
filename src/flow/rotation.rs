//! A session moves to a new id.
//!
//! 1. No refresh runs meanwhile, on any node: the new tokens would be saved to the old session, and be lost with it. One that
//!    is under way is waited for, but not longer than requests wait for it.
//! 2. A client that hangs up does not stop it half-way.
//! 3. Where the store fails after the new id is there, the old one is left in the background, when the store is back.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};

use super::end::{self, Ending};
use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::application::Changes;
use crate::session::contract::StoreError;
use crate::session::creation::CreateError;
use crate::session::entry::Entry;
use crate::session::lease::Lease;
use crate::session::live_session::LiveSession;
use crate::session::rotation::{Leaving, Rotation};

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
    let mut patience = rp.config.clock.sleep(rp.config.tokens.refresh_patience);
    loop {
        let begun = AtomicBool::new(false);
        let task = || {
            begun.store(true, Ordering::Relaxed);
            let (rp, entry) = (Arc::clone(rp), Arc::clone(entry));
            let (changes, moved) = (Arc::clone(&changes), Arc::clone(&moved));
            async move {
                let outcome = leased(&rp, &entry, &changes).await;
                *moved.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                Ok(())
            }
        };
        let finder = entry.cookie().finder();
        let mut ran = pin!(rp.refreshes.join(finder, &*rp.config.spawn, task));
        let ran = match select(ran.as_mut(), &mut patience).await {
            Either::Left((ran, _)) => ran,
            // The browser must get the new cookie.
            Either::Right(_) if begun.load(Ordering::Relaxed) => ran.await,
            Either::Right(_) => return Err(CreateError::Unavailable(StoreError::new(STUCK))),
        };
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
        if let Some(lease) = rp.sessions.lease(handle).await? {
            return match rp.sessions.rotate(entry, changes, &lease).await? {
                Rotation::Moved { live, unfinished } => {
                    if let Some((leaving, error)) = unfinished {
                        leave_in_background(rp, leaving, lease, &error);
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
fn leave_in_background(rp: &Arc<RelyingParty>, leaving: Leaving, lease: Lease, error: &StoreError) {
    end::tell_store_error(rp, error);
    tracing::warn!(code = "old_id_not_closed", "a session's old id still opens it");
    let rp = Arc::clone(rp);
    let spawn = Arc::clone(&rp.config.spawn);
    spawn.spawn(Box::pin(async move {
        let (mut pause, mut lease) = (PAUSE, Some(lease));
        while rp.config.clock.now() < leaving.until(rp.sessions.limits()) {
            rp.config.clock.sleep(pause).await;
            if !lease.as_ref().is_some_and(Lease::is_held) {
                // A refresh with the old cookie may be under way on another node.
                lease = rp.sessions.lease(leaving.handle()).await.ok().flatten();
            }
            if let Some(lease) = &lease
                && matches!(rp.sessions.leave(&leaving, lease).await, Ok(true))
            {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }));
}

/// It holds tokens that the store does not take.
const STUCK: &str = "a refresh of the session's tokens goes on";
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(100);
/// As long as a lease lasts, and a little more.
const MOST_LOOKS: u32 = 120;
