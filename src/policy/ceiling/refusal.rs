//! Why the ceiling forbids a session.

use std::time::Duration;

use crate::clock::UnixTime;
use crate::protocol::MalformedSessionExpiry;

/// Why an ID Token makes no session, or ends the one it was to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CeilingRefusal {
    /// The `session_expiry` claim is malformed and the policy is to refuse.
    #[error("the ID Token's session_expiry is malformed")]
    Malformed(#[source] MalformedSessionExpiry),
    /// The ID Token has no `session_expiry`, but the configuration requires it.
    #[error("the ID Token has no session_expiry, which is required")]
    Required,
    /// The session would be over within the leeway, but the provider's own session may still be alive.
    #[error("the session ends within the leeway")]
    InsideLeeway {
        /// `E`: when the provider's session ends.
        ends_at: UnixTime,
    },
    /// The session was over before it began.
    #[error("the session's end is already past")]
    AlreadyPast {
        /// `E`: when the session ended.
        ended_at: UnixTime,
    },
}

impl CeilingRefusal {
    /// A stable reason code for logs, responses and metrics. A malformed claim's kind has a code of its own, for the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "session_expiry_malformed",
            Self::Required => "session_expiry_required",
            Self::InsideLeeway { .. } => "session_ceiling_inside_leeway",
            Self::AlreadyPast { .. } => "session_ceiling_past",
        }
    }

    /// When a new login may succeed: the time from `now` to `E`, in whole seconds, for `Retry-After`. Only where waiting
    /// helps, that is inside the leeway.
    pub fn retry_after(&self, now: UnixTime) -> Option<Duration> {
        match self {
            Self::InsideLeeway { ends_at } => {
                let seconds = u64::try_from(ends_at.seconds_since(now)).unwrap_or(0);
                Some(Duration::from_secs(seconds))
            }
            Self::Malformed(_) | Self::Required | Self::AlreadyPast { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_leeway_is_worth_waiting_for() {
        let time = UnixTime::from_seconds;
        let inside = CeilingRefusal::InsideLeeway { ends_at: time(1000) };
        for (now, wait) in [(970, 30), (999, 1), (1000, 0), (1001, 0), (i64::MAX, 0)] {
            assert_eq!(inside.retry_after(time(now)), Some(Duration::from_secs(wait)), "{now}");
        }
        assert!(inside.retry_after(time(i64::MIN)).is_some());
        for refusal in [
            CeilingRefusal::Malformed(MalformedSessionExpiry::Null),
            CeilingRefusal::Required,
            CeilingRefusal::AlreadyPast { ended_at: time(1000) },
        ] {
            assert_eq!(refusal.retry_after(time(970)), None);
        }
    }

    #[test]
    fn each_refusal_has_a_code_of_its_own() {
        let time = UnixTime::from_seconds(1000);
        let codes = std::collections::BTreeSet::from([
            CeilingRefusal::Malformed(MalformedSessionExpiry::Null).code(),
            CeilingRefusal::Required.code(),
            CeilingRefusal::InsideLeeway { ends_at: time }.code(),
            CeilingRefusal::AlreadyPast { ended_at: time }.code(),
        ]);
        assert_eq!(codes.len(), 4);
    }
}
