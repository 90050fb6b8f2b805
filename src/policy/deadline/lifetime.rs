//! The earliest of all limits.

use crate::clock::UnixTime;
use crate::policy::ceiling::Ceiling;

use super::Limits;

/// Which limit ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// The OpenID Provider's.
    Ceiling,
    /// Too long without a request.
    Idle,
    /// Too long since the login.
    Absolute,
}

impl Limit {
    /// `ceiling`, `idle` or `absolute`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ceiling => "ceiling",
            Self::Idle => "idle",
            Self::Absolute => "absolute",
        }
    }
}

/// When a session is over, and by which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Deadline {
    /// The first second at which the session is over.
    pub at: UnixTime,
    /// The limit that ends it.
    pub limit: Limit,
}

/// What of a session decides its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// The ceiling in force.
    pub(crate) ceiling: Ceiling,
    /// When the login was completed, by our clock.
    pub(crate) logged_in_at: UnixTime,
    /// When the session was last used, as last written down.
    pub(crate) last_used_at: UnixTime,
}

impl Lifetime {
    /// The earliest of the limits (rules 1 and 3).
    pub(crate) fn deadline(&self, limits: &Limits) -> Deadline {
        let absolute = Deadline {
            at: self.logged_in_at.saturating_add(limits.absolute),
            limit: Limit::Absolute,
        };
        let idle =
            Deadline { at: self.last_used_at.saturating_add(limits.idle), limit: Limit::Idle };
        let local = if absolute.at <= idle.at { absolute } else { idle };
        match self.ceiling.reached_at(limits.leeway) {
            Some(at) if at <= local.at => Deadline { at, limit: Limit::Ceiling },
            _ => local,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn time(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn limits(idle: u64, absolute: u64) -> Limits {
        Limits {
            idle: Duration::from_secs(idle),
            absolute: Duration::from_secs(absolute),
            leeway: Duration::from_secs(30),
        }
    }

    #[test]
    fn the_earliest_limit_binds() {
        // Logged in at 1000, last used at 1100; idle limit, absolute limit.
        for (ceiling, idle, absolute, at, limit) in [
            (Some(1500), 1000, 1000, 1470, Limit::Ceiling),
            (None, 1000, 1000, 2000, Limit::Absolute),
            (None, 100, 1000, 1200, Limit::Idle),
            (Some(1500), 100, 1000, 1200, Limit::Idle),
            (Some(1500), 1000, 200, 1200, Limit::Absolute),
            // Ties: ceiling, then absolute, then idle. One second to either side.
            (Some(1530), 400, 500, 1500, Limit::Ceiling),
            (Some(1531), 400, 500, 1500, Limit::Absolute),
            (None, 400, 500, 1500, Limit::Absolute),
            (None, 399, 500, 1499, Limit::Idle),
            (None, 400, 499, 1499, Limit::Absolute),
            (Some(1530), 400, 9000, 1500, Limit::Ceiling),
            (Some(1531), 400, 9000, 1500, Limit::Idle),
            (Some(1530), 9000, 500, 1500, Limit::Ceiling),
            // A ceiling far away changes nothing.
            (Some(i64::MAX), 400, 9000, 1500, Limit::Idle),
        ] {
            let lifetime = Lifetime {
                ceiling: ceiling.map_or(Ceiling::None, |end| Ceiling::At(time(end))),
                logged_in_at: time(1000),
                last_used_at: time(1100),
            };
            let deadline = lifetime.deadline(&limits(idle, absolute));
            assert_eq!(deadline, Deadline { at: time(at), limit }, "{ceiling:?} {idle} {absolute}");
        }
    }

    #[test]
    fn a_touch_does_not_move_past_the_ceiling_or_the_absolute_limit() {
        for (ceiling, at) in [(Ceiling::At(time(1500)), 1470), (Ceiling::None, 2000)] {
            for last_used in [1000, 1400, 1469, 1999, 5000] {
                let lifetime =
                    Lifetime { ceiling, logged_in_at: time(1000), last_used_at: time(last_used) };
                assert_eq!(lifetime.deadline(&limits(1000, 1000)).at, time(at), "{last_used}");
            }
        }
    }

    #[test]
    fn extremes_saturate() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX].map(time);
        let longest =
            Limits { idle: Duration::MAX, absolute: Duration::MAX, leeway: Duration::MAX };
        for end in extremes {
            for login in extremes {
                for last_used_at in extremes {
                    let (ceiling, logged_in_at) = (Ceiling::At(end), login);
                    let lifetime = Lifetime { ceiling, logged_in_at, last_used_at };
                    assert!(lifetime.deadline(&limits(100, 100)).at <= end);
                    assert!(lifetime.deadline(&longest).at <= end);
                }
            }
        }
    }
}
