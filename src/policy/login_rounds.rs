//! The loop breaker: logins that lead to nothing but the next login are stopped.
//!
//! The count lies in a short-lived cookie of its own. It is not sealed: whoever changes it fools nobody but themselves.
//!
//! 1. A round is counted when it ends and by itself leads to the next: a session was issued, the ceiling refused the session
//!    (one retry follows, or the user's), or the browser was sent on to the host name of the base URL.
//! 2. A login that begins is not counted, so several tabs that open at once are not taken for a loop. That is safe: an
//!    attempt that never ends has no automatic redirect that could begin the next. Neither has one that failed: its answer
//!    is a page, or, once in a login, the way back to the provider (a code that was refused).
//! 3. The first admitted request clears the cookie; not one whose session is not fresh or strong enough for its route, which
//!    leads to the next login as well. A live session that the auth routes see (when a script asks, at a logout, at a login)
//!    is such a request: the pages may all be outside the layer.
//! 4. Five rounds are let through. The login that would begin the sixth is answered with a page that names the probable cause,
//!    by what ended the last round:
//!
//! | last | probable cause |
//! |---|---|
//! | a session was issued, and no request came with it | the session cookie is lost |
//! | a session was issued, and refused at the next request | two clocks disagree |
//! | a session was issued, and did not do for its route | two requirements exclude each other |
//! | the ceiling refused the session | the ceiling is always in the past |
//! | the browser was sent to the base URL's host, again and again | the host name is wrong |
//! | the attempt failed, or none has ended | the attempt's cookie is lost |
//!
//! That page removes the cookie: it is not automatic, so whoever tries again starts from zero.

use std::time::Duration;

/// How long the cookie lives after the last round.
pub(crate) const LOGIN_ROUNDS_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How many rounds are let through.
const ROUNDS: u8 = 5;

/// The rounds since the last admitted request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LoginRounds {
    ended: u8,
    last: Outcome,
}

/// How the last round ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No round has ended yet.
    #[default]
    Begun,
    /// The browser was sent on to the host name of the base URL, to begin there. Counts.
    SentToBaseHost,
    /// A session was issued. Counts.
    SessionIssued,
    /// The session that was issued came with a request and was over. Follows a round that was counted.
    SessionRefused,
    /// The session that was issued came with a request and was not enough for its route. Follows a round that was counted.
    SessionInsufficient,
    /// The ceiling forbade a session. Counts.
    RefusedCeiling,
    /// The attempt ended in an error page.
    Failed,
}

impl LoginRounds {
    /// The rounds that a cookie's value states; `None` if this is no such value (then there were none).
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let (ended, last) = value.split_once('.')?;
        let last = OUTCOMES.into_iter().find(|outcome| outcome.as_str() == last)?;
        Some(Self { ended: ended.parse().ok()?, last })
    }

    /// The cookie's value.
    pub(crate) fn encode(self) -> String {
        format!("{}.{}", self.ended, self.last.as_str())
    }

    /// A login begins: lets it through (rule 4), counting nothing (rule 2).
    pub(crate) fn begin(self) -> Result<Self, LoopBroken> {
        if self.ended < ROUNDS { Ok(self) } else { Err(LoopBroken { cause: self.last.cause() }) }
    }

    /// A round ended in this way: the value to send.
    pub(crate) fn ended(self, outcome: Outcome) -> Self {
        let counts = matches!(
            outcome,
            Outcome::SentToBaseHost | Outcome::SessionIssued | Outcome::RefusedCeiling
        );
        Self { ended: self.ended.saturating_add(u8::from(counts)), last: outcome }
    }
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::SentToBaseHost => "host",
            Self::SessionIssued => "issued",
            Self::SessionRefused => "over",
            Self::SessionInsufficient => "insufficient",
            Self::RefusedCeiling => "ceiling",
            Self::Failed => "failed",
        }
    }

    const fn cause(self) -> ProbableCause {
        match self {
            Self::Begun | Self::Failed | Self::SessionIssued => ProbableCause::CookieLost,
            Self::SentToBaseHost => ProbableCause::WrongHost,
            Self::SessionRefused => ProbableCause::Clock,
            Self::SessionInsufficient => ProbableCause::ConflictingRequirements,
            Self::RefusedCeiling => ProbableCause::CeilingAlwaysPast,
        }
    }
}

/// Logins were stopped, because they led to nothing but the next login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the login was stopped after too many rounds: {cause}")]
pub struct LoopBroken {
    /// Why they probably did.
    pub cause: ProbableCause,
}

impl LoopBroken {
    /// A stable reason code for logs, responses and metrics.
    pub const fn code(&self) -> &'static str {
        self.cause.code()
    }
}

/// Why a login probably leads to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProbableCause {
    /// The browser does not send our cookies back.
    CookieLost,
    /// The application is reached by a host name that is not the base URL's.
    WrongHost,
    /// Two clocks disagree: a session is over as soon as it is issued.
    Clock,
    /// The provider asserts ends of sessions that are past.
    CeilingAlwaysPast,
    /// What a route requires of the sign-in is never met: two of its requirements exclude each other.
    ConflictingRequirements,
}

impl ProbableCause {
    /// A stable reason code for logs, responses and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CookieLost => "login_loop_cookie_lost",
            Self::WrongHost => "login_loop_wrong_host",
            Self::Clock => "login_loop_clock",
            Self::CeilingAlwaysPast => "login_loop_ceiling_always_past",
            Self::ConflictingRequirements => "login_loop_conflicting_requirements",
        }
    }
}

impl std::fmt::Display for ProbableCause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::CookieLost => "the browser does not send the cookies back",
            Self::WrongHost => "the host name is not that of the configured base URL",
            Self::Clock => "the clocks of the servers disagree",
            Self::CeilingAlwaysPast => "the identity provider's end of the session is always past",
            Self::ConflictingRequirements => "no sign-in meets all that the page requires",
        })
    }
}

const OUTCOMES: [Outcome; 7] = [
    Outcome::Begun,
    Outcome::SentToBaseHost,
    Outcome::SessionIssued,
    Outcome::SessionRefused,
    Outcome::SessionInsufficient,
    Outcome::RefusedCeiling,
    Outcome::Failed,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Through the cookie, as in life.
    fn round(rounds: LoginRounds, outcome: Outcome) -> LoginRounds {
        LoginRounds::parse(&rounds.ended(outcome).encode()).unwrap()
    }

    #[test]
    fn five_rounds_are_let_through_and_the_sixth_is_stopped() {
        for (outcome, cause) in [
            (Outcome::SessionIssued, ProbableCause::CookieLost),
            (Outcome::RefusedCeiling, ProbableCause::CeilingAlwaysPast),
            (Outcome::SentToBaseHost, ProbableCause::WrongHost),
        ] {
            let mut rounds = LoginRounds::default();
            for _ in 0..5 {
                rounds = round(rounds.begin().unwrap(), outcome);
            }
            assert_eq!(rounds.begin(), Err(LoopBroken { cause }));
        }
    }

    #[test]
    fn a_session_refused_at_once_points_to_the_clock() {
        let mut rounds = LoginRounds::default();
        for _ in 0..5 {
            rounds = round(rounds.begin().unwrap(), Outcome::SessionIssued);
            rounds = round(rounds, Outcome::SessionRefused);
        }
        assert_eq!(rounds.begin(), Err(LoopBroken { cause: ProbableCause::Clock }));
    }

    #[test]
    fn a_session_that_is_never_enough_points_to_the_requirements() {
        let mut rounds = LoginRounds::default();
        for _ in 0..5 {
            rounds = round(rounds.begin().unwrap(), Outcome::SessionIssued);
            rounds = round(rounds, Outcome::SessionInsufficient);
        }
        let cause = ProbableCause::ConflictingRequirements;
        assert_eq!(rounds.begin(), Err(LoopBroken { cause }));
    }

    #[test]
    fn tabs_that_open_at_once_and_failures_do_not_count() {
        let mut rounds = LoginRounds::default();
        for _ in 0..50 {
            rounds = rounds.begin().unwrap();
        }
        for outcome in [Outcome::Begun, Outcome::SessionRefused, Outcome::Failed] {
            for _ in 0..50 {
                rounds = round(rounds, outcome);
            }
        }
        assert!(rounds.begin().is_ok());
        // A failure after five rounds still names a cause.
        let stopped = LoginRounds { ended: 5, last: Outcome::Failed };
        assert_eq!(stopped.begin(), Err(LoopBroken { cause: ProbableCause::CookieLost }));
    }

    #[test]
    fn the_count_does_not_wrap() {
        let full = LoginRounds { ended: u8::MAX, last: Outcome::SessionIssued };
        assert_eq!(full.ended(Outcome::SessionIssued), full);
        assert!(full.begin().is_err());
    }

    #[test]
    fn a_value_that_is_none_of_ours_counts_nothing() {
        for outcome in OUTCOMES {
            let rounds = LoginRounds { ended: 3, last: outcome };
            assert_eq!(LoginRounds::parse(&rounds.encode()), Some(rounds));
        }
        for value in [
            "",
            "3",
            ".",
            "3.",
            ".issued",
            "256.issued",
            "-1.issued",
            "3.Issued",
            "3.x",
            "3.issued.x",
        ] {
            assert_eq!(LoginRounds::parse(value), None, "{value}");
        }
    }
}
