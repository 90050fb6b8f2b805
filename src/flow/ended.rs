//! The end of a session under whatever id it has: what was opened with it ends then (ceiling rule 13).

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select;

use super::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::ended::Standing;
use crate::session::entry::Entry;

/// Returns when the session has ended. One that moves to a new id in this process goes on; of one that moves on another node
/// no more than that it gave way is known here, and it counts as ended.
pub(crate) async fn ended(rp: Arc<RelyingParty>, entry: Arc<Entry>) -> EndReason {
    ended_as(&rp, entry).await.1
}

/// As [`ended`], with the session under the id that it had then.
pub(crate) async fn ended_as(rp: &RelyingParty, mut entry: Arc<Entry>) -> (Arc<Entry>, EndReason) {
    loop {
        let reason = rp.sessions.ended(&entry).await;
        if reason != EndReason::Replaced {
            return (entry, reason);
        }
        // A move claims the old id before the new one is there.
        let settled = rp.refreshes.settled(entry.cookie().finder());
        select(pin!(settled), rp.config.clock.sleep(MOVES_WITHIN)).await;
        match entry.successor() {
            Some(next) => entry = next,
            None => return (entry, reason),
        }
    }
}

/// Why the session is over, as far as is known without waiting; `None` while it goes on or is in doubt.
#[cfg(feature = "ws")]
pub(crate) fn over(rp: &RelyingParty, entry: &mut Arc<Entry>) -> Option<EndReason> {
    (standing(rp, entry) == Standing::Over).then(|| rp.sessions.reason(entry)).flatten()
}

/// Whether the session goes on, as far as is known without waiting; its entry follows a move. One that has given way, to
/// nothing that is known here, is in doubt: a move claims the old id first, and [`ended`] waits for what comes of it.
pub(crate) fn standing(rp: &RelyingParty, entry: &mut Arc<Entry>) -> Standing {
    loop {
        let standing = rp.sessions.standing(entry);
        if standing != Standing::Over || !entry.is_moving() {
            return standing;
        }
        match entry.successor() {
            Some(next) => *entry = next,
            None => return Standing::InDoubt,
        }
    }
}

const MOVES_WITHIN: Duration = Duration::from_secs(2);
