//! Who waits for the end of a session: a stream, a socket, a task of the application.
//!
//! 1. Whoever waits is woken by every change of the session that this process learns of, and looks again.
//! 2. Over a shared store the sessions that are waited for are registered here, so that what other nodes do to them is looked for
//!    (in `watch_service`). In the embedded store, and in one that this process has alone, nobody else does anything.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tower_sessions::session::Id;

use super::entry::Entry;
use super::moment::{Freshness, Moment};
use crate::clock::Clock;

/// The sessions that are waited for, by the id under which the store holds them.
#[derive(Default)]
pub(crate) struct Watched {
    entries: Mutex<HashMap<Id, Waiting>>,
    /// Something is waited for, after nothing was.
    begun: Notify,
    /// Whether what other nodes do is known to be heard.
    heard: Freshness,
}

struct Waiting {
    entry: Arc<Entry>,
    count: usize,
    must_look: bool,
}

impl Watched {
    /// Registers a session until the answer is dropped.
    pub(crate) fn add(self: &Arc<Self>, id: Id, entry: &Arc<Entry>) -> Watching {
        let mut entries = self.lock();
        let is_first = entries.is_empty();
        let fresh = || Waiting { entry: Arc::clone(entry), count: 0, must_look: false };
        let waiting = entries.entry(id).or_insert_with(fresh);
        waiting.count += 1;
        // Between the load and this call nobody was listening for it.
        waiting.must_look = true;
        drop(entries);
        if is_first {
            self.begun.notify_waiters();
        }
        Watching { watched: Arc::clone(self), id }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Returns when something is waited for again, after nothing was. To be enabled before [`is_empty`](Self::is_empty) is asked.
    pub(crate) fn begun(&self) -> Notified<'_> {
        self.begun.notified()
    }

    /// Something was heard of this session.
    pub(crate) fn look_at(&self, id: &Id) {
        if let Some(waiting) = self.lock().get_mut(id) {
            waiting.must_look = true;
        }
    }

    /// Everything up to this moment has been heard, and is soon enough for `bound`.
    pub(crate) fn heard(&self, at: Moment, bound: Duration) {
        self.heard.confirm(at, bound * 3 / 4);
    }

    /// Something may have been missed.
    pub(crate) fn missed(&self) {
        self.heard.lose();
        self.lock().values_mut().for_each(|waiting| waiting.must_look = true);
    }

    pub(crate) fn is_heard(&self, clock: &dyn Clock) -> bool {
        self.heard.holds(clock)
    }

    /// The sessions to be looked at now: those of which something was heard, or `all`.
    pub(crate) fn to_look_at(&self, all: bool) -> Vec<(Id, Arc<Entry>)> {
        let mut entries = self.lock();
        let due = entries.iter_mut().filter(|(_, waiting)| all || waiting.must_look);
        let mut due: Vec<_> = due
            .map(|(id, waiting)| {
                waiting.must_look = false;
                (*id, Arc::clone(&waiting.entry))
            })
            .collect();
        // The same in each process that simulates this one.
        due.sort_unstable_by_key(|(id, _)| id.0);
        due
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Waiting>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watched")
    }
}

/// Somebody waits for the end of a session.
pub(crate) struct Watching {
    watched: Arc<Watched>,
    id: Id,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut entries = self.watched.lock();
        if let Some(waiting) = entries.get_mut(&self.id) {
            waiting.count -= 1;
            if waiting.count == 0 {
                entries.remove(&self.id);
            }
        }
    }
}
