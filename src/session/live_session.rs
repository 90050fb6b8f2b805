//! The proof that a session was live when a request came.
//!
//! [`LiveSession`] has exactly one constructor, [`LiveSession::admit`]: whatever hands out claims or tokens takes one, so
//! a path that skips the check does not compile.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::entry::Entry;
use crate::clock::Clock;
use crate::policy::{Deadline, EndReason, Limits, admit};

/// A session that was found live: not ended, and before its deadline, by the clock that was asked.
#[derive(Clone)]
pub(crate) struct LiveSession {
    entry: Arc<Entry>,
    deadline: Deadline,
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
        let deadline = entry.deadline(limits);
        if let Some(reason) = entry.ended() {
            return Err((entry, reason));
        }
        match admit(deadline, entry.now(clock)) {
            Ok(()) => Ok(Self { entry, deadline, request: RequestNumber::next() }),
            Err(refusal) => Err((entry, refusal.into())),
        }
    }

    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// The request that was admitted.
    pub(crate) fn request(&self) -> RequestNumber {
        self.request
    }

    /// The deadline by which the session was admitted.
    pub(crate) fn deadline(&self) -> Deadline {
        self.deadline
    }
}

impl fmt::Debug for LiveSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LiveSession").field("deadline", &self.deadline).finish()
    }
}
