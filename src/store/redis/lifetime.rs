//! How long the server keeps what it is given.
//!
//! 1. What expires is compared with the `now` of each call; the server's own expiry only frees the space. So it is
//!    relative: the time from the caller's `now` to the expiry, and [`GRACE`]. The clock of the server need not be that of the
//!    callers, who may even live in simulated time.
//! 2. An index entry outlives its session: it is kept twice as long as the session is known to live, at least an hour longer,
//!    and then to the end of the day: its end does not tell when the session began, which is sealed. A touch or save that
//!    lets the session live longer than that extends the entries first.

use std::time::Duration;

use crate::clock::UnixTime;

/// Seconds to keep what is over at `until`.
pub(super) fn seconds(until: UnixTime, now: UnixTime) -> i64 {
    until.seconds_since(now).clamp(0, LONGEST) + GRACE
}

/// Seconds to keep the index entries of a session that is kept for `seconds`.
pub(super) fn of_index(seconds: i64) -> i64 {
    let seconds = seconds.clamp(0, LONGEST + GRACE);
    seconds + seconds.clamp(SHORTEST_MARGIN, LONGEST_MARGIN)
}

/// Milliseconds of a lease, at least one.
pub(super) fn milliseconds(lease: Duration) -> u64 {
    u64::try_from(lease.as_millis()).unwrap_or(u64::MAX).clamp(1, 1_000 * LONGEST.cast_unsigned())
}

/// Longer than clocks that are kept differ, so that what is over is over because `now` says so.
const GRACE: i64 = 60;
/// A hundred years: no number that the server multiplies overflows.
const LONGEST: i64 = 100 * 366 * 86_400;
const SHORTEST_MARGIN: i64 = 3_600;
const LONGEST_MARGIN: i64 = 30 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_gives_a_sound_number_of_seconds() {
        let at = UnixTime::from_seconds;
        for (until, now, kept) in [
            (100, 100, GRACE),
            (130, 100, 30 + GRACE),
            (0, i64::MAX, GRACE),
            (i64::MAX, i64::MIN, LONGEST + GRACE),
        ] {
            assert_eq!(seconds(at(until), at(now)), kept);
            assert!(of_index(kept) >= kept + SHORTEST_MARGIN);
        }
        assert!(of_index(i64::MAX) < 2 * LONGEST && of_index(-2) > 0);
        assert_eq!(milliseconds(Duration::ZERO), 1);
        assert_eq!(milliseconds(Duration::from_millis(1_500)), 1_500);
        assert_eq!(milliseconds(Duration::MAX), 1_000 * LONGEST.cast_unsigned());
    }
}
