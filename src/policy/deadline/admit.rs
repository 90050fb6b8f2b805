//! Live or over: the one decision that every request with a session meets first.

use std::time::Duration;

use super::{Deadline, Limit};
use crate::clock::UnixTime;
use crate::policy::session_clock::EffectiveNow;

/// Why a session is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The end that the OpenID Provider asserts has come.
    #[error("the session has reached the end that the OpenID Provider asserts")]
    CeilingReached,
    /// The session was not used for too long.
    #[error("the session was not used for too long")]
    IdleLimit,
    /// The login is too long ago.
    #[error("the session has reached its absolute limit")]
    AbsoluteLimit,
    /// A refreshed ID Token did not continue the one of the login.
    #[error("a refreshed ID Token did not continue the sign-in")]
    Continuity,
    /// The provider refused the refresh token, and the configuration ends the session then.
    #[error("the OpenID Provider refused to refresh the session")]
    RefreshRejected,
    /// A refreshed ID Token had a malformed `session_expiry`, and the policy refuses those.
    #[error("a refreshed ID Token had a malformed session_expiry")]
    MalformedSessionExpiry,
    /// The session was ended: by a logout here or at the provider, or by the application.
    #[error("the session was revoked")]
    Revoked,
}

impl Refusal {
    /// `ceiling`, `idle`, `absolute`, `continuity`, `refresh_rejected`, `malformed_session_expiry` or `revoked`: the `reason` of
    /// the answer, of logs and of metrics. Stable.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::CeilingReached => Limit::Ceiling.as_str(),
            Self::IdleLimit => Limit::Idle.as_str(),
            Self::AbsoluteLimit => Limit::Absolute.as_str(),
            Self::Continuity => "continuity",
            Self::RefreshRejected => "refresh_rejected",
            Self::MalformedSessionExpiry => "malformed_session_expiry",
            Self::Revoked => "revoked",
        }
    }

    /// The one with this [`reason`](Self::reason).
    pub(crate) fn named(reason: &str) -> Option<Self> {
        const ALL: [Refusal; 7] = [
            Refusal::CeilingReached,
            Refusal::IdleLimit,
            Refusal::AbsoluteLimit,
            Refusal::Continuity,
            Refusal::RefreshRejected,
            Refusal::MalformedSessionExpiry,
            Refusal::Revoked,
        ];
        ALL.into_iter().find(|refusal| refusal.reason() == reason)
    }

    /// The limit that it is, if it is one.
    pub(crate) const fn limit(self) -> Option<Limit> {
        match self {
            Self::CeilingReached => Some(Limit::Ceiling),
            Self::IdleLimit => Some(Limit::Idle),
            Self::AbsoluteLimit => Some(Limit::Absolute),
            _ => None,
        }
    }
}

impl From<Limit> for Refusal {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Ceiling => Self::CeilingReached,
            Limit::Idle => Self::IdleLimit,
            Limit::Absolute => Self::AbsoluteLimit,
        }
    }
}

/// Decides whether a session with this deadline is live (rule 2). Whether it was revoked is known elsewhere.
pub(crate) fn admit(deadline: Deadline, now: EffectiveNow) -> Result<(), Refusal> {
    if now.time() >= deadline.at { Err(deadline.limit.into()) } else { Ok(()) }
}

/// Why a session has ended that is gone from its store: whoever deleted it may have a clock that is a little ahead of this one.
pub(crate) fn refusal_of_absence(deadline: Deadline, now: UnixTime) -> Refusal {
    if now.saturating_add(NODES_APART) >= deadline.at {
        deadline.limit.into()
    } else {
        Refusal::Revoked
    }
}

/// How far the clocks of two nodes may be apart.
const NODES_APART: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::ceiling::Ceiling;
    use crate::policy::deadline::{Lifetime, Limits};
    use crate::policy::session_clock::SessionClock;

    fn time(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn at_load(now: UnixTime) -> EffectiveNow {
        SessionClock::loaded_at(now, Duration::ZERO).now(now, Duration::ZERO)
    }

    #[test]
    fn what_is_gone_shortly_before_its_limit_was_ended_by_it() {
        for (limit, refusal) in [
            (Limit::Ceiling, Refusal::CeilingReached),
            (Limit::Idle, Refusal::IdleLimit),
            (Limit::Absolute, Refusal::AbsoluteLimit),
        ] {
            let deadline = Deadline { at: time(100), limit };
            assert_eq!(refusal_of_absence(deadline, time(94)), Refusal::Revoked);
            assert_eq!(refusal_of_absence(deadline, time(95)), refusal);
            assert_eq!(refusal_of_absence(deadline, time(i64::MAX)), refusal);
            assert_eq!(refusal_of_absence(deadline, time(i64::MIN)), Refusal::Revoked);
        }
    }

    #[test]
    fn over_thirty_seconds_before_the_ceiling() {
        const END: i64 = 1_893_456_000;
        for (left, live) in [
            (3600, true),
            (31, true),
            (30, false),
            (29, false),
            (0, false),
            (-1, false),
            (END, true),
            (END - i64::MAX, false),
        ] {
            let lifetime = Lifetime {
                ceiling: Ceiling::At(time(END)),
                logged_in_at: time(END),
                last_used_at: time(END),
            };
            let deadline = lifetime.deadline(&Limits::default());
            let admitted = admit(deadline, at_load(time(END - left)));
            let expected = if live { Ok(()) } else { Err(Refusal::CeilingReached) };
            assert_eq!(admitted, expected, "{left}");
        }
    }

    #[test]
    fn each_limit_refuses_at_its_second_and_by_its_name() {
        for (limit, refusal, reason) in [
            (Limit::Ceiling, Refusal::CeilingReached, "ceiling"),
            (Limit::Idle, Refusal::IdleLimit, "idle"),
            (Limit::Absolute, Refusal::AbsoluteLimit, "absolute"),
        ] {
            let deadline = Deadline { at: time(1000), limit };
            assert_eq!(admit(deadline, at_load(time(i64::MIN))), Ok(()));
            assert_eq!(admit(deadline, at_load(time(999))), Ok(()));
            assert_eq!(admit(deadline, at_load(time(1000))), Err(refusal));
            assert_eq!(admit(deadline, at_load(time(i64::MAX))), Err(refusal));
            assert_eq!(refusal.reason(), reason);
        }
        assert_eq!(Refusal::Revoked.reason(), "revoked");
    }

    #[test]
    fn a_deadline_at_the_end_of_time_is_no_exception() {
        for (at, now, live) in [
            (i64::MAX, i64::MAX - 1, true),
            (i64::MAX, i64::MAX, false),
            (i64::MIN, i64::MIN, false),
        ] {
            let deadline = Deadline { at: time(at), limit: Limit::Idle };
            assert_eq!(admit(deadline, at_load(time(now))).is_ok(), live);
        }
    }

    #[test]
    fn a_wall_clock_set_back_does_not_revive_a_session() {
        let deadline = Deadline { at: time(1010), limit: Limit::Ceiling };
        let clock = SessionClock::loaded_at(time(1000), Duration::ZERO);
        let nine = clock.now(time(0), Duration::from_secs(9));
        let ten = clock.now(time(0), Duration::from_secs(10));
        assert_eq!(admit(deadline, nine), Ok(()));
        assert_eq!(admit(deadline, ten), Err(Refusal::CeilingReached));
    }
}
