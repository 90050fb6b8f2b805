//! A session moves to a new id.
//!
//! No refresh runs meanwhile: the new tokens would be saved to the old session, and be lost with it. A client that hangs
//! up does not stop it half-way.

use std::sync::{Arc, Mutex, PoisonError};

use super::relying_party::RelyingParty;
use crate::session::application::Changes;
use crate::session::entry::{Entry, LiveSession};
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
                let outcome = rp.sessions.rotate(&entry, &changes).await;
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
