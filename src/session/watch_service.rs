//! What other nodes do to the sessions that are waited for here.
//!
//! 1. While the store's events are heard, a session is looked at when something was heard of it.
//! 2. While they are not, because the store has none or the connection is lost, all of them are looked at, often enough for
//!    the bound.
//! 3. A store that fails is asked again at the next turn: nobody is taken for signed out, and the deadline counts all the same.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::select;
use futures_util::stream;

use super::contract::StoreError;
use super::sealed::SealedSessions;
use crate::clock::Clock;

/// How soon an end on another node is known here, whatever else is kept in memory.
pub(crate) const BOUND: Duration = Duration::from_secs(2);

/// Looks, as long as there are sessions to look for.
pub(super) async fn look_after(
    sealed: Weak<SealedSessions>,
    clock: Arc<dyn Clock>,
    bound: Duration,
) {
    let mut all_looked_at = Duration::ZERO;
    loop {
        let Some(sealed) = sealed.upgrade() else { return };
        let watched = Arc::clone(sealed.watched());
        {
            let mut begun = pin!(watched.begun());
            begun.as_mut().enable();
            if watched.is_empty() {
                // The sessions may be given up while nothing is waited for.
                drop(sealed);
                select(begun, clock.sleep(IDLE)).await;
                continue;
            }
        }
        let now = clock.monotonic();
        let is_due = now.saturating_sub(all_looked_at) >= look_interval(bound);
        let all = is_due && !watched.is_heard(&*clock);
        if all {
            all_looked_at = now;
        }
        look(&sealed, all).await;
        drop(sealed);
        clock.sleep(bound / 8).await;
    }
}

/// How often the store is asked where no events are heard.
pub(super) fn look_interval(bound: Duration) -> Duration {
    bound * 3 / 4
}

async fn look(sealed: &SealedSessions, all: bool) {
    let due = sealed.watched().to_look_at(all);
    let looks = due.into_iter().map(|(id, entry)| async move {
        // What it says is noted in the entry, and whoever waits is woken.
        if let Err(error) = sealed.fetch(entry.cookie()).await {
            sealed.watched().look_at(&id);
            warn_not_looked_at(&error);
        }
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).collect::<()>().await;
}

fn warn_not_looked_at(error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(code = "open_responses_not_checked", error, "a session was not looked at");
}

const IDLE: Duration = Duration::from_secs(60);
/// As many connections as a pool usually has to spare.
const AT_ONCE: usize = 8;
