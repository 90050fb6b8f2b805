//! The time by which things are freed for good.
//!
//! 1. The wall clock, but never more than what has passed on the monotonic clock since the start: a wall clock that is wrong
//!    for a while, too far ahead, frees nothing early.
//! 2. A wall clock that stays ahead by the same lead for an hour was wrong at the start, and is right now: its time counts
//!    from then on.

use std::time::Duration;

use crate::clock::{Clock, UnixTime};

pub(super) struct ServiceTime {
    wall: UnixTime,
    monotonic: Duration,
    ahead: Option<Lead>,
}

/// How far the wall clock is ahead, and since when on the monotonic clock.
#[derive(Clone, Copy)]
struct Lead {
    by: i64,
    since: Duration,
}

impl ServiceTime {
    pub(super) fn begin(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), monotonic: clock.monotonic(), ahead: None }
    }

    /// To be asked now and then: what happens between two questions is not seen.
    pub(super) fn now(&mut self, clock: &dyn Clock) -> UnixTime {
        let (wall, monotonic) = (clock.now(), clock.monotonic());
        let expected = self.wall.saturating_add(monotonic.saturating_sub(self.monotonic));
        if wall <= expected {
            self.ahead = None;
            return wall;
        }
        let by = wall.seconds_since(expected);
        let lead = match self.ahead {
            Some(lead) if by.abs_diff(lead.by) <= SAME_LEAD_SECONDS => lead,
            _ => Lead { by, since: monotonic },
        };
        self.ahead = Some(lead);
        if monotonic.saturating_sub(lead.since) < BELIEVED_AFTER {
            return expected;
        }
        *self = Self { wall, monotonic, ahead: None };
        wall
    }
}

/// Of a clock that is slewed, too.
const SAME_LEAD_SECONDS: u64 = 60;
const BELIEVED_AFTER: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const START: i64 = 1_000_000;
    const AHEAD: i64 = 86_400;

    fn seconds(time: &mut ServiceTime, clock: &ManualClock) -> i64 {
        time.now(clock).seconds() - START
    }

    #[test]
    fn it_goes_with_a_wall_clock_that_is_right_or_set_back() {
        let clock = ManualClock::at(START);
        let mut time = ServiceTime::begin(&clock);
        clock.advance(Duration::from_secs(100));
        assert_eq!(seconds(&mut time, &clock), 100);
        clock.step(-60);
        assert_eq!(seconds(&mut time, &clock), 40);
    }

    #[test]
    fn a_wall_clock_that_is_ahead_counts_after_an_hour() {
        let clock = ManualClock::at(START);
        let mut time = ServiceTime::begin(&clock);
        clock.step(AHEAD);
        assert_eq!(seconds(&mut time, &clock), 0);
        clock.advance(Duration::from_secs(3599));
        assert_eq!(seconds(&mut time, &clock), 3599);
        clock.advance(Duration::from_secs(1));
        assert_eq!(seconds(&mut time, &clock), AHEAD + 3600);
        clock.advance(Duration::from_secs(60));
        assert_eq!(seconds(&mut time, &clock), AHEAD + 3660);
    }

    #[test]
    fn a_lead_that_changes_or_goes_begins_anew() {
        for back in [-AHEAD, AHEAD, 61, -61] {
            let clock = ManualClock::at(START);
            let mut time = ServiceTime::begin(&clock);
            clock.step(AHEAD);
            assert_eq!(seconds(&mut time, &clock), 0);
            clock.advance(Duration::from_secs(3599));
            clock.step(back);
            assert_eq!(seconds(&mut time, &clock), 3599, "{back}");
            clock.advance(Duration::from_secs(1));
            assert_eq!(seconds(&mut time, &clock), 3600, "{back}");
        }
    }

    #[test]
    fn a_lead_that_wobbles_stays_the_same() {
        let clock = ManualClock::at(START);
        let mut time = ServiceTime::begin(&clock);
        clock.step(AHEAD);
        assert_eq!(seconds(&mut time, &clock), 0);
        clock.step(60);
        clock.advance(Duration::from_secs(3600));
        assert_eq!(seconds(&mut time, &clock), AHEAD + 3660);
    }
}
