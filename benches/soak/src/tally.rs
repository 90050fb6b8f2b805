//! What happened.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// To the server; the provider's are not counted.
    pub(crate) requests: Count,
    pub(crate) tokens: Count,
    pub(crate) saves: Count,
    pub(crate) logins: Count,
    pub(crate) logouts: Count,
    pub(crate) ceilings: Count,
    pub(crate) idle_ends: Count,
    pub(crate) absolute_ends: Count,
    pub(crate) left_behind: Count,
    pub(crate) errors: Count,
}

impl Tally {
    /// Counts an error, and prints the first of them.
    pub(crate) fn error(&self, what: &str, detail: &impl Display) {
        if self.errors.add() <= PRINTED {
            eprintln!("error: {what}: {detail}");
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// One more: how many there are now.
    pub(crate) fn add(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

const PRINTED: u64 = 20;
