//! The touch: writing down that a session was used, so that the idle limit rolls.
//!
//! 1. Uses are coalesced: at most one write every 60 s or every 5 % of the idle limit, whichever is shorter, but not more than
//!    one a second.
//! 2. A last use that lies further in the future than that interval was written by a clock that was wrong; it is written
//!    again, lest the idle limit end late.
//! 3. A touch moves the idle limit only. The deadline is still the earliest of all limits, so no touch moves a session past
//!    its ceiling or its absolute limit. Uses that were coalesced away make the idle limit end early, never late.

use std::time::Duration;

use crate::clock::UnixTime;

/// Whether a use `now` is to be written down.
pub(crate) fn touch_due(last_touched: UnixTime, now: UnixTime, idle: Duration) -> bool {
    now.seconds_since(last_touched).unsigned_abs() >= interval(idle).as_secs()
}

/// The shortest time between two touches, in whole seconds.
fn interval(idle: Duration) -> Duration {
    Duration::from_secs((idle.as_secs() / 20).clamp(1, 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_write_per_interval() {
        for (idle, since, due) in [
            // One day: 5 % are more than a minute.
            (86_400, 0, false),
            (86_400, 59, false),
            (86_400, 60, true),
            (86_400, i64::MAX, true),
            (1200, 59, false),
            (1200, 60, true),
            // 5 % of 10 minutes.
            (600, 29, false),
            (600, 30, true),
            (1199, 58, false),
            (1199, 59, true),
            // At least a second.
            (20, 0, false),
            (20, 1, true),
            (19, 0, false),
            (19, 1, true),
            (0, 0, false),
            (0, 1, true),
            (u64::MAX, 59, false),
            (u64::MAX, 60, true),
            // Skew between two nodes is not written again, a wrong clock is.
            (86_400, -59, false),
            (86_400, -60, true),
        ] {
            let now = UnixTime::from_seconds(since);
            let is_due = touch_due(UnixTime::from_seconds(0), now, Duration::from_secs(idle));
            assert_eq!(is_due, due, "idle {idle}, since {since}");
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX].map(UnixTime::from_seconds);
        for last in extremes {
            for now in extremes {
                let far = now.seconds_since(last).unsigned_abs() >= 60;
                assert_eq!(touch_due(last, now, Duration::MAX), far);
            }
        }
    }
}
