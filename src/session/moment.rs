//! How long ago something was, also on a machine that was suspended in between.
//!
//! The monotonic clock of Linux stands still while a machine sleeps, and that of a virtual machine while its host has paused it;
//! the wall clock is set right afterwards. So both are read, and the longer time counts. A wall clock that was set forward by
//! hand costs a question to the store, no more; one that was set back changes nothing.
//!
//! Only if neither clock has noticed the pause yet, what was fresh before it is taken for fresh for as long again.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Clock, UnixTime};

/// Both clocks at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    monotonic: Duration,
    wall: UnixTime,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall: clock.now() }
    }

    /// How long it is after `earlier`: by the wall clock, which counts whole seconds, less than a second more or less.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        let by_wall = u64::try_from(self.wall.seconds_since(earlier.wall)).unwrap_or(0);
        self.monotonic.saturating_sub(earlier.monotonic).max(Duration::from_secs(by_wall))
    }
}

/// Until when what was confirmed last counts as fresh.
#[derive(Debug, Default)]
pub(crate) struct Freshness {
    /// Nanoseconds. 0: nothing is fresh.
    monotonic_until: AtomicU64,
    /// Seconds.
    wall_until: AtomicI64,
}

impl Freshness {
    /// All was right `at` this moment, and is fresh for `bound`. By the wall clock a bound of less than two seconds is two.
    pub(crate) fn confirm(&self, at: Moment, bound: Duration) {
        let seconds = i64::try_from(bound.as_secs()).unwrap_or(i64::MAX).max(2);
        self.wall_until.store(at.wall.seconds().saturating_add(seconds), Ordering::Relaxed);
        let until = nanoseconds(at.monotonic.saturating_add(bound));
        self.monotonic_until.store(until, Ordering::Release);
    }

    /// Nothing is fresh until the next confirmation.
    pub(crate) fn lose(&self) {
        self.monotonic_until.store(0, Ordering::Release);
    }

    /// Whether it was lost since it was confirmed, or never confirmed.
    pub(crate) fn is_lost(&self) -> bool {
        self.monotonic_until.load(Ordering::Acquire) == 0
    }

    pub(crate) fn holds(&self, clock: &dyn Clock) -> bool {
        nanoseconds(clock.monotonic()) < self.monotonic_until.load(Ordering::Acquire)
            && clock.now().seconds() < self.wall_until.load(Ordering::Relaxed)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const HOUR: i64 = 3_600;

    #[test]
    fn the_longer_time_counts() {
        let clock = ManualClock::at(1_000_000);
        let begin = Moment::now(&clock);
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(Moment::now(&clock).since(begin), Duration::from_millis(1_500));
        // Suspended.
        clock.step(HOUR);
        assert_eq!(Moment::now(&clock).since(begin), Duration::from_secs(3_601));
        clock.step(-2 * HOUR);
        assert_eq!(Moment::now(&clock).since(begin), Duration::from_millis(1_500));
    }

    #[test]
    fn nothing_is_fresh_after_a_sleep() {
        for (bound, by_wall) in [(2_000, 2), (2_900, 2), (3_000, 3), (500, 2), (1_500, 2)] {
            let (clock, fresh) = (ManualClock::at(1_000_000), Freshness::default());
            assert!(!fresh.holds(&clock));
            let confirm = || fresh.confirm(Moment::now(&clock), Duration::from_millis(bound));
            confirm();
            clock.step(by_wall - 1);
            assert!(fresh.holds(&clock), "{bound}");
            clock.step(1);
            assert!(!fresh.holds(&clock), "{bound}");
            confirm();
            clock.step(-HOUR);
            assert!(fresh.holds(&clock), "the wall clock alone was set back");
            clock.advance(Duration::from_millis(bound - 1));
            assert!(fresh.holds(&clock), "{bound}");
            clock.advance(Duration::from_millis(1));
            assert!(!fresh.holds(&clock), "{bound}");
            confirm();
            fresh.lose();
            assert!(!fresh.holds(&clock));
        }
    }
}
