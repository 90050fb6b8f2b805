//! What an operator may choose about the ceiling, and what is chosen by default.

use std::time::Duration;

use crate::policy::renewal::Renewal;

/// What becomes of a login whose ID Token has a malformed `session_expiry`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MalformedPolicy {
    /// The login is refused. On a refresh of a session without a ceiling, the session ends.
    #[default]
    Refuse,
    /// The ceiling is the ID Token's `iat` + this duration (whole seconds; a fraction is dropped). The leeway is taken off
    /// it as usual, so a duration that is not longer than the leeway refuses every such login.
    Cap(Duration),
}

/// How much earlier than the ceiling a session ends, for clock skew: 30 s by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leeway(Duration);

impl Leeway {
    /// A leeway of `duration`, if it is not below the default.
    pub(crate) fn at_least_default(duration: Duration) -> Option<Self> {
        (duration >= DEFAULT_LEEWAY).then_some(Self(duration))
    }

    /// A leeway of `duration`, even below the default: a session may then outlive what a provider whose clock is ahead of
    /// ours allows.
    pub(crate) const fn insecure_lowered(duration: Duration) -> Self {
        Self(duration)
    }

    /// What is taken off the ceiling.
    pub(crate) const fn duration(self) -> Duration {
        self.0
    }
}

impl Default for Leeway {
    fn default() -> Self {
        Self(DEFAULT_LEEWAY)
    }
}

/// The operator's choices about the ceiling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CeilingPolicy {
    /// Taken off the ceiling.
    pub(crate) leeway: Leeway,
    /// What a malformed claim does.
    pub(crate) malformed: MalformedPolicy,
    /// Whether a login without the claim is refused.
    pub(crate) require: bool,
    /// Whether a refresh may move the ceiling to a later time.
    pub(crate) renewal: Renewal,
}

impl CeilingPolicy {
    /// Whether a session can come of the malformed policy's cap: it is longer than the leeway. To be asked when the
    /// configuration is built.
    pub(crate) fn cap_outlasts_leeway(&self) -> bool {
        match self.malformed {
            MalformedPolicy::Refuse => true,
            MalformedPolicy::Cap(cap) => {
                Duration::from_secs(cap.as_secs()) > self.leeway.duration()
            }
        }
    }
}

/// Also the floor of what is not called insecure.
pub(crate) const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_strict_ones() {
        let policy = CeilingPolicy::default();
        assert_eq!(policy.leeway.duration(), Duration::from_secs(30));
        assert_eq!(policy.malformed, MalformedPolicy::Refuse);
        assert!(!policy.require);
        assert_eq!(policy.renewal, Renewal::Off);
    }

    #[test]
    fn only_insecure_lowers_the_leeway() {
        let below = Duration::from_millis(29_999);
        assert_eq!(Leeway::at_least_default(below), None);
        assert_eq!(Leeway::insecure_lowered(below).duration(), below);
        for raised in [Duration::from_secs(30), Duration::from_secs(31), Duration::MAX] {
            assert_eq!(Leeway::at_least_default(raised).map(Leeway::duration), Some(raised));
        }
    }

    #[test]
    fn a_cap_has_to_outlast_the_leeway() {
        for (cap, usable) in [(0, false), (29, false), (30, false), (31, true)] {
            let malformed = MalformedPolicy::Cap(Duration::from_secs(cap));
            let policy = CeilingPolicy { malformed, ..CeilingPolicy::default() };
            assert_eq!(policy.cap_outlasts_leeway(), usable, "{cap}");
        }
        let malformed = MalformedPolicy::Cap(Duration::from_millis(30_999));
        assert!(!CeilingPolicy { malformed, ..CeilingPolicy::default() }.cap_outlasts_leeway());
        assert!(CeilingPolicy::default().cap_outlasts_leeway());
    }
}
