//! Which pending login attempts go, when a browser has begun too many. Each lies in a cookie of its own, so that two tabs do
//! not break each other's login; without a bound the cookies would outgrow the request.
//!
//! 1. An attempt lives for 10 minutes by default and is over when that time has passed.
//! 2. At most 5 are kept; the oldest are dropped first. Of those begun in the same second, the earlier in the list is older.

use std::time::Duration;

use crate::clock::UnixTime;

/// How many attempts of one browser may be pending.
pub(crate) const KEPT_ATTEMPTS: usize = 5;

/// How long an attempt lives by default.
pub(crate) const DEFAULT_ATTEMPT_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Whether an attempt that began at `created_at` can still be completed.
pub(crate) fn attempt_live(created_at: UnixTime, lifetime: Duration, now: UnixTime) -> bool {
    now < created_at.saturating_add(lifetime)
}

/// The ids of the attempts to drop from `attempts` (id, when it began), the new one included: all that are over, then the
/// oldest of the rest.
pub(crate) fn attempts_to_drop<I>(
    attempts: impl IntoIterator<Item = (I, UnixTime)>,
    lifetime: Duration,
    now: UnixTime,
) -> Vec<I> {
    let (mut live, over): (Vec<_>, Vec<_>) =
        attempts.into_iter().partition(|&(_, created_at)| attempt_live(created_at, lifetime, now));
    live.sort_by_key(|&(_, created_at)| created_at);
    let excess = live.len().saturating_sub(KEPT_ATTEMPTS);
    over.into_iter().chain(live.into_iter().take(excess)).map(|(id, _)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(created_at: &[i64], now: i64) -> Vec<usize> {
        let attempts =
            created_at.iter().enumerate().map(|(id, &at)| (id, UnixTime::from_seconds(at)));
        attempts_to_drop(attempts, DEFAULT_ATTEMPT_LIFETIME, UnixTime::from_seconds(now))
    }

    #[test]
    fn five_are_kept_and_the_oldest_go() {
        for (created_at, expected) in [
            (&[][..], &[][..]),
            (&[10], &[]),
            (&[10, 11, 12, 13, 14], &[]),
            (&[10, 11, 12, 13, 14, 15], &[0]),
            (&[15, 14, 13, 12, 11, 10], &[5]),
            (&[12, 10, 16, 11, 15, 14, 13], &[1, 3]),
            (&[10, 10, 10, 10, 10, 10], &[0]),
        ] {
            assert_eq!(dropped(created_at, 20), expected, "{created_at:?}");
        }
    }

    #[test]
    fn what_is_over_goes_first() {
        for (created_at, now, expected) in [
            (&[0, 100][..], 599, &[][..]),
            (&[0, 100], 600, &[0]),
            (&[100, 0], 600, &[1]),
            (&[0, 100, 100, 100, 100, 100], 600, &[0]),
            (&[0, 101, 100, 101, 101, 101, 101], 600, &[0, 2]),
        ] {
            assert_eq!(dropped(created_at, now), expected, "{created_at:?} at {now}");
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX];
        for now in extremes {
            assert!(dropped(&extremes, now).len() <= extremes.len());
        }
    }
}
