//! A moment in which the provider is left alone, after it gave no answer to the refresh of a session.
//!
//! 8. Who asks meanwhile gets the same error at once. It is a pause of this session in this process: another session's refresh
//!    finds out by itself, and nothing of it is in the record.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::session::id::Finder;

/// Until when, by the monotonic clock.
#[derive(Default)]
pub(crate) struct RefreshPauses(Mutex<HashMap<Finder, Duration>>);

impl RefreshPauses {
    pub(super) fn begin(&self, session: Finder, clock: &dyn Clock) {
        let now = clock.monotonic();
        let mut pauses = self.lock();
        if pauses.len() == pauses.capacity() {
            pauses.retain(|_, until| *until > now);
        }
        pauses.insert(session, now.saturating_add(PAUSE));
    }

    pub(super) fn is_on(&self, session: Finder, clock: &dyn Clock) -> bool {
        self.lock().get(&session).is_some_and(|until| clock.monotonic() < *until)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Finder, Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RefreshPauses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RefreshPauses")
    }
}

const PAUSE: Duration = Duration::from_secs(1);
