//! Which code exchanges run, and which login attempts this process has seen used.
//!
//! 1. A callback of a stranger costs no durable write: the store remembers an attempt once the provider has accepted its code.
//!    Until then this process alone remembers it, so that no attempt is exchanged here twice.
//! 2. No more exchanges run at a time than the setting says: each holds a connection to the provider. What is too much is
//!    refused before the attempt is used, so that a reload finishes the login.
//! 3. Of the attempts that were used the newest 10,000 are remembered. The others are with the provider, which accepts a code once,
//!    and with the store.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tower_sessions::session::Id;

/// The exchanges of this process.
#[derive(Debug)]
pub(crate) struct CodeExchanges {
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    running: usize,
    used: HashSet<Id>,
    oldest_first: VecDeque<Id>,
}

/// Why an exchange does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotStarted {
    /// Too many run.
    Busy,
    /// The attempt was used before.
    Used,
}

/// An exchange that runs; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Running<'a>(&'a CodeExchanges);

impl CodeExchanges {
    pub(crate) fn at_most(most: usize) -> Self {
        Self { most, seen: Mutex::default() }
    }

    /// Whether the exchange of the attempt `key` would start now.
    pub(super) fn check(&self, key: Id) -> Result<(), NotStarted> {
        self.seen().check(key, self.most)
    }

    /// Starts the exchange of the attempt `key`, and uses the attempt.
    pub(super) fn start(&self, key: Id) -> Result<Running<'_>, NotStarted> {
        let mut seen = self.seen();
        seen.check(key, self.most)?;
        seen.running += 1;
        seen.remember(key);
        Ok(Running(self))
    }

    /// Uses the attempt `key`, without an exchange; `false`: it was used before.
    pub(super) fn use_up(&self, key: Id) -> bool {
        self.seen().remember(key)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn check(&self, key: Id, most: usize) -> Result<(), NotStarted> {
        if self.used.contains(&key) {
            return Err(NotStarted::Used);
        }
        if self.running >= most {
            return Err(NotStarted::Busy);
        }
        Ok(())
    }

    fn remember(&mut self, key: Id) -> bool {
        if !self.used.insert(key) {
            return false;
        }
        self.oldest_first.push_back(key);
        if self.oldest_first.len() > REMEMBERED
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.used.remove(&oldest);
        }
        true
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.seen().running -= 1;
    }
}

const REMEMBERED: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_exchanged_once() {
        let exchanges = CodeExchanges::at_most(10);
        drop(exchanges.start(Id(1)).unwrap());
        assert_eq!(exchanges.start(Id(1)).unwrap_err(), NotStarted::Used);
        assert!(exchanges.use_up(Id(2)));
        assert!(!exchanges.use_up(Id(2)));
        assert_eq!(exchanges.start(Id(2)).unwrap_err(), NotStarted::Used);
    }

    #[test]
    fn no_more_run_than_the_setting_says_and_the_refused_attempt_is_not_used() {
        let exchanges = CodeExchanges::at_most(2);
        let (one, two) = (exchanges.start(Id(1)).unwrap(), exchanges.start(Id(2)).unwrap());
        assert_eq!(exchanges.start(Id(3)).unwrap_err(), NotStarted::Busy);
        drop(one);
        let three = exchanges.start(Id(3)).unwrap();
        assert_eq!(exchanges.start(Id(4)).unwrap_err(), NotStarted::Busy);
        drop((two, three));
        assert!(exchanges.start(Id(4)).is_ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let exchanges = CodeExchanges::at_most(1);
        for key in 0..=10_000 {
            assert!(exchanges.use_up(Id(key)));
        }
        assert!(exchanges.use_up(Id(0)), "the oldest is forgotten");
        assert!(!exchanges.use_up(Id(10_000)));
        assert_eq!(exchanges.seen().used.len(), 10_000);
    }
}
