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
pub(crate) async fn ended(rp: Arc<RelyingParty>, mut entry: Arc<Entry>) -> EndReason {
    loop {
        let reason = rp.sessions.ended(&entry).await;
        if reason != EndReason::Replaced {
            return reason;
        }
        // A move claims the old id before the new one is there.
        let settled = rp.refreshes.settled(entry.cookie().finder());
        select(pin!(settled), rp.config.clock.sleep(MOVES_WITHIN)).await;
        match entry.successor() {
            Some(next) => entry = next,
            None => return reason,
        }
    }
}

/// Whether the session goes on, as far as is known without waiting; its entry follows a move.
pub(crate) fn standing(rp: &RelyingParty, entry: &mut Arc<Entry>) -> Standing {
    loop {
        let standing = rp.sessions.standing(entry);
        match entry.successor().filter(|_| standing == Standing::Over && entry.is_moving()) {
            Some(next) => *entry = next,
            None => return standing,
        }
    }
}

const MOVES_WITHIN: Duration = Duration::from_secs(2);
