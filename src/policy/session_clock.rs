//! The time for one session.
//!
//! 1. It is the later of the wall clock, and the wall clock when the session was loaded + the monotonic time since: setting
//!    the wall clock back does not revive a session.
//! 2. It belongs to the loaded session, not to the process: a wrong step forward that is corrected locks out nobody whose
//!    session is loaded afterwards.
//!
//! [`EffectiveNow`] is made nowhere else, so a session cannot be admitted by the bare wall clock.

use std::time::Duration;

use crate::clock::UnixTime;

/// Both clocks as they stood when a session was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionClock {
    wall_at_load: UnixTime,
    monotonic_at_load: Duration,
}

impl SessionClock {
    /// The clock of a session that is loaded (or issued) now.
    pub(crate) const fn loaded_at(wall: UnixTime, monotonic: Duration) -> Self {
        Self { wall_at_load: wall, monotonic_at_load: monotonic }
    }

    /// The time for this session when the two clocks read `wall` and `monotonic`.
    pub(crate) fn now(&self, wall: UnixTime, monotonic: Duration) -> EffectiveNow {
        let elapsed = monotonic.saturating_sub(self.monotonic_at_load);
        EffectiveNow(wall.max(self.wall_at_load.saturating_add(elapsed)))
    }
}

/// The time by which a session is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EffectiveNow(UnixTime);

impl EffectiveNow {
    /// The time.
    pub(crate) const fn time(self) -> UnixTime {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_the_two_clocks_counts() {
        // (wall, monotonic) at load, then now; the time for the session.
        for (loaded, read, expected) in [
            ((1000, 50), (1000, 50), 1000),
            ((1000, 50), (1010, 60), 1010),
            // Set back by an hour after the load.
            ((10_000, 50), (6410, 60), 10_010),
            // Set forward by an hour after the load, then corrected.
            ((1000, 50), (4610, 60), 4610),
            ((1000, 50), (1020, 70), 1020),
            // A monotonic clock does not run back; if it does, time stands still.
            ((1000, 50), (900, 40), 1000),
        ] {
            let clock = SessionClock::loaded_at(
                UnixTime::from_seconds(loaded.0),
                Duration::from_secs(loaded.1),
            );
            let now = clock.now(UnixTime::from_seconds(read.0), Duration::from_secs(read.1));
            assert_eq!(now.time().seconds(), expected, "{loaded:?} {read:?}");
        }
    }

    #[test]
    fn part_seconds_are_dropped() {
        let clock = SessionClock::loaded_at(UnixTime::from_seconds(1000), Duration::ZERO);
        let now = clock.now(UnixTime::from_seconds(0), Duration::from_millis(1999));
        assert_eq!(now.time().seconds(), 1001);
    }

    #[test]
    fn extremes_saturate() {
        for wall in [i64::MIN, 0, i64::MAX] {
            let clock = SessionClock::loaded_at(UnixTime::from_seconds(wall), Duration::ZERO);
            let now = clock.now(UnixTime::from_seconds(i64::MIN), Duration::MAX);
            assert_eq!(now.time().seconds(), wall.saturating_add(i64::MAX));
        }
    }
}
