//! The proof that a session was live when a request came.
//!
//! [`LiveSession`] has exactly one constructor, [`LiveSession::admit`]: whatever hands out claims or tokens takes one, so
//! a path that skips the check does not compile.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::entry::{Basis, Entry, Versioned};
use crate::clock::{Clock, UnixTime};
use crate::policy::{Deadline, EffectiveNow, EndReason, Limits, admit};

/// A session that was found live: not ended, and before its deadline, by the clock that was asked.
#[derive(Clone)]
pub(crate) struct LiveSession {
    entry: Arc<Entry>,
    deadline: Deadline,
    basis: Basis,
    admitted_at: EffectiveNow,
    request: RequestNumber,
}

/// Tells the requests of this process apart; counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestNumber(u64);

impl RequestNumber {
    pub(super) fn number(self) -> u64 {
        self.0
    }

    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl LiveSession {
    /// The check. There is no other way to a `LiveSession`.
    ///
    /// # Errors
    ///
    /// Why the session is over.
    pub(crate) fn admit(
        entry: Arc<Entry>,
        limits: &Limits,
        clock: &dyn Clock,
    ) -> Result<Self, (Arc<Entry>, EndReason)> {
        // Before the state, so that it is not newer than the deadline.
        let basis = entry.basis();
        let deadline = entry.state_now().state.deadline(basis.last_used_at(), limits);
        match check(&entry, deadline, clock) {
            Ok(admitted_at) => {
                Ok(Self { entry, deadline, basis, admitted_at, request: RequestNumber::next() })
            }
            Err(reason) => Err((entry, reason)),
        }
    }

    /// The check once more, after something that may have taken time: the state that passed it.
    ///
    /// # Errors
    ///
    /// Why the session is over.
    pub(crate) fn admit_again(
        &self,
        limits: &Limits,
        clock: &dyn Clock,
    ) -> Result<Arc<Versioned>, EndReason> {
        let state = self.entry.state();
        // After the state, so that it is not older.
        let basis = self.entry.basis();
        let deadline = if basis.is_still(self.basis) {
            self.deadline
        } else {
            state.state.deadline(basis.last_used_at(), limits)
        };
        check(&self.entry, deadline, clock)?;
        Ok(state)
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// The request that was admitted.
    pub(crate) fn request(&self) -> RequestNumber {
        self.request
    }

    /// When it was admitted, by the time that the session is judged by: that of its use. A wall clock that was set back makes no
    /// session idle.
    pub(crate) fn admitted_at(&self) -> UnixTime {
        self.admitted_at.time()
    }

    /// The deadline of the session as it is now; `None`, without a look at its state, if nothing it hangs on has moved since the
    /// session was admitted.
    pub(crate) fn deadline_if_moved(&self, limits: &Limits) -> Option<Deadline> {
        let is_still = self.entry.basis().is_still(self.basis);
        (!is_still).then(|| self.entry.deadline(limits))
    }

    /// The deadline by which the session was admitted.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }
}

/// What is checked, and by which time.
fn check(entry: &Entry, deadline: Deadline, clock: &dyn Clock) -> Result<EffectiveNow, EndReason> {
    if let Some(reason) = entry.ended() {
        return Err(reason);
    }
    let now = entry.now(clock);
    admit(deadline, now)?;
    Ok(now)
}

impl fmt::Debug for LiveSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LiveSession").field("deadline", &self.deadline).finish()
    }
}
