//! What remains of a revocation, so that a login that was under way does not outlive it.

use super::stored::IndexKey;
use crate::clock::UnixTime;

/// Says that the sessions under a key are revoked, but for those that began later.
///
/// A session passes if its login attempt began after `begun_after` or its `auth_time` is later than `authenticated_after`. Equal
/// or absent is not later. [`NEVER`](Self::NEVER) in both: no session passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Whose sessions.
    pub key: IndexKey,
    /// When the revocation was received, by our clock.
    pub begun_after: UnixTime,
    /// When it was issued, by the provider's clock.
    pub authenticated_after: UnixTime,
    /// From this second on the marker may be forgotten.
    pub until: UnixTime,
}

impl Marker {
    /// A time that nothing is later than.
    pub const NEVER: UnixTime = UnixTime::from_seconds(i64::MAX);

    /// Of two markers under one key, what both say: each time the later one.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            key: self.key,
            begun_after: self.begun_after.max(other.begun_after),
            authenticated_after: self.authenticated_after.max(other.authenticated_after),
            until: self.until.max(other.until),
        }
    }

    /// Whether a session may live on.
    pub(crate) fn passes(&self, attempt_begun_at: UnixTime, auth_time: Option<UnixTime>) -> bool {
        attempt_begun_at > self.begun_after
            || auth_time.is_some_and(|at| at > self.authenticated_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(begun_after: i64, authenticated_after: i64) -> Marker {
        let at = UnixTime::from_seconds;
        Marker {
            key: IndexKey([0; 16]),
            begun_after: at(begun_after),
            authenticated_after: at(authenticated_after),
            until: at(0),
        }
    }

    #[test]
    fn only_what_is_later_passes() {
        let never = i64::MAX;
        for (marker, begun_at, auth_time, passes) in [
            (marker(100, 90), 100, None, false),
            (marker(100, 90), 101, None, true),
            (marker(100, 90), 50, Some(90), false),
            (marker(100, 90), 50, Some(91), true),
            (marker(100, never), 100, Some(never), false),
            (marker(never, never), never, Some(never), false),
        ] {
            let at = UnixTime::from_seconds;
            assert_eq!(marker.passes(at(begun_at), auth_time.map(at)), passes, "{marker:?}");
        }
    }

    #[test]
    fn of_two_markers_the_stricter_times_stay() {
        let merged = marker(100, 90).merge(marker(99, 95));
        assert_eq!((merged.begun_after.seconds(), merged.authenticated_after.seconds()), (100, 95));
    }
}
