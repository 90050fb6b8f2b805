//! What remains until the deadline: for the store, the cookies and the timers.

use std::time::Duration;

use crate::clock::UnixTime;

use super::Deadline;

/// What remains until the deadline, zero once it has come (rule 4).
pub(crate) fn max_age(deadline: Deadline, now: UnixTime) -> Duration {
    Duration::from_secs(u64::try_from(deadline.at.seconds_since(now)).unwrap_or(0))
}

/// How long the marker cookie lives that tells a session that ended from none: ten minutes longer than the session.
pub(crate) fn marker_max_age(deadline: Deadline, now: UnixTime) -> Duration {
    max_age(deadline, now).saturating_add(Duration::from_secs(10 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::deadline::Limit;

    #[test]
    fn nothing_remains_once_the_deadline_has_come() {
        // Seconds until the deadline; max age, marker.
        for (left, age, marker) in [
            (3600, 3600, 4200),
            (31, 31, 631),
            (30, 30, 630),
            (29, 29, 629),
            (1, 1, 601),
            (0, 0, 600),
            (-1, 0, 600),
            (-3600, 0, 600),
        ] {
            let now = UnixTime::from_seconds(1_893_456_000 - left);
            let deadline =
                Deadline { at: UnixTime::from_seconds(1_893_456_000), limit: Limit::Ceiling };
            assert_eq!(max_age(deadline, now), Duration::from_secs(age), "{left}");
            assert_eq!(marker_max_age(deadline, now), Duration::from_secs(marker), "{left}");
        }
    }

    #[test]
    fn extremes_saturate() {
        let (min, max) = (UnixTime::from_seconds(i64::MIN), UnixTime::from_seconds(i64::MAX));
        let longest = Duration::from_secs(i64::MAX.unsigned_abs());
        assert_eq!(max_age(Deadline { at: max, limit: Limit::Idle }, min), longest);
        assert_eq!(max_age(Deadline { at: min, limit: Limit::Idle }, max), Duration::ZERO);
        assert!(marker_max_age(Deadline { at: max, limit: Limit::Idle }, min) > longest);
    }
}
