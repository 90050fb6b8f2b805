//! How long a login attempt is good.
//!
//! 1. An attempt lives for 10 minutes by default; at the end of that time itself it has ended.
//! 2. One that started up to a minute in the future is good: the clocks of two nodes may be that far apart. One from later
//!    is not, so that a clock that jumped makes no attempt immortal.

use std::time::Duration;

use crate::clock::UnixTime;

/// How long an attempt lives by default.
pub(crate) const DEFAULT_ATTEMPT_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Whether an attempt that started at `begun_at` can still be completed.
pub(crate) fn attempt_live(begun_at: UnixTime, lifetime: Duration, now: UnixTime) -> bool {
    let age = now.seconds_since(begun_at);
    (-CLOCK_STEP..i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX)).contains(&age)
}

/// How far, in seconds, the clocks of two nodes may be apart.
const CLOCK_STEP: i64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_good_from_a_minute_ahead_to_its_end() {
        for (begun_at, now, live) in [
            (1_000, 1_000, true),
            (1_000, 1_599, true),
            (1_000, 1_600, false),
            (1_000, 940, true),
            (1_000, 939, false),
            (i64::MIN, i64::MAX, false),
            (i64::MAX, i64::MIN, false),
        ] {
            let at = UnixTime::from_seconds;
            let found = attempt_live(at(begun_at), DEFAULT_ATTEMPT_LIFETIME, at(now));
            assert_eq!(found, live, "{begun_at}, {now}");
        }
    }
}
