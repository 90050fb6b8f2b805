//! Renewal: re-authentication by refresh token, which IPSIE SL1 allows, as an option ([`Renewal::ByRefresh`]).
//!
//! 1. It is due when a request comes in the last part of the ceiling's span: the last 2 minutes or 10 % of it, whichever is
//!    longer, counted back from `E`. The span begins at the login, or at the last renewal.
//! 2. A later `E` is adopted only from a verified ID Token that continues the one before: the same `iss` and `sub`, the same
//!    set of `aud`, a newer `iat`, and an `auth_time` that is not earlier. What is absent is not equal: without `auth_time`
//!    in both there is no renewal.
//! 3. In every other case the session ends at the old `E`.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::UnixTime;

use super::ceiling::Ceiling;

/// Whether a refresh may move the ceiling to a later time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renewal {
    /// Never: the ceiling fixed at login holds, or becomes earlier.
    #[default]
    Off,
    /// A refresh shortly before the ceiling may bring a later one (IPSIE SL1, re-authentication by refresh token).
    ByRefresh,
}

/// What is compared between two verified ID Tokens of one session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assertion<'a> {
    /// `iss`.
    pub(crate) issuer: &'a str,
    /// `sub`.
    pub(crate) subject: &'a str,
    /// `aud`.
    pub(crate) audience: &'a [String],
    /// `iat`.
    pub(crate) issued_at: UnixTime,
    /// `auth_time`.
    pub(crate) auth_time: Option<UnixTime>,
}

/// Proof that an ID Token continues the one before it. The check is the only way to get one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RenewalEvidence {
    issued_at: UnixTime,
}

impl RenewalEvidence {
    /// Checks rule 2.
    pub(crate) fn check(
        previous: &Assertion<'_>,
        refreshed: &Assertion<'_>,
    ) -> Result<Self, Discontinuity> {
        if refreshed.issuer != previous.issuer {
            return Err(Discontinuity::Issuer);
        }
        if refreshed.subject != previous.subject {
            return Err(Discontinuity::Subject);
        }
        if audiences(refreshed) != audiences(previous) {
            return Err(Discontinuity::Audience);
        }
        if refreshed.issued_at <= previous.issued_at {
            return Err(Discontinuity::NotNewer);
        }
        match (previous.auth_time, refreshed.auth_time) {
            (Some(before), Some(after)) if after >= before => {
                Ok(Self { issued_at: refreshed.issued_at })
            }
            (Some(_), Some(_)) => Err(Discontinuity::AuthTimeEarlier),
            _ => Err(Discontinuity::AuthTimeMissing),
        }
    }

    /// Whether this is the proof for the ID Token with this `iat`.
    pub(crate) fn is_of(self, issued_at: UnixTime) -> bool {
        self.issued_at == issued_at
    }
}

/// Why an ID Token does not continue the one before it: a later `E` in it is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Discontinuity {
    #[error("the refreshed ID Token has another iss")]
    Issuer,
    #[error("the refreshed ID Token has another sub")]
    Subject,
    #[error("the refreshed ID Token has another aud")]
    Audience,
    #[error("the refreshed ID Token is not newer than the one before")]
    NotNewer,
    #[error("auth_time is missing from one of the ID Tokens")]
    AuthTimeMissing,
    #[error("the refreshed ID Token's auth_time is earlier than the one before")]
    AuthTimeEarlier,
}

impl Discontinuity {
    /// A stable reason code for logs and metrics.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Issuer => "renewal_issuer_differs",
            Self::Subject => "renewal_subject_differs",
            Self::Audience => "renewal_audience_differs",
            Self::NotNewer => "renewal_not_newer",
            Self::AuthTimeMissing => "renewal_auth_time_missing",
            Self::AuthTimeEarlier => "renewal_auth_time_earlier",
        }
    }
}

/// Whether a request that comes `now` should start a renewal, under a ceiling whose span began at `span_start` (rule 1).
/// Admission comes first: a session that is over is not renewed.
pub(crate) fn renewal_due(ceiling: Ceiling, span_start: UnixTime, now: UnixTime) -> bool {
    let Ceiling::At(end) = ceiling else {
        return false;
    };
    let tenth = end.seconds_since(span_start).max(0) / 10;
    let window = Duration::from_secs(u64::try_from(tenth).unwrap_or(0)).max(SHORTEST_WINDOW);
    end.saturating_sub(window) <= now && now < end
}

fn audiences<'a>(assertion: &Assertion<'a>) -> BTreeSet<&'a str> {
    assertion.audience.iter().map(String::as_str).collect()
}

/// Long enough for a request of a page that polls once a minute to fall into it.
const SHORTEST_WINDOW: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    fn time(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn due_in_the_last_tenth_and_at_least_two_minutes() {
        for (span, left, due) in [
            (3600, 3600, false),
            (3600, 361, false),
            (3600, 360, true),
            (3600, 31, true),
            (3600, 1, true),
            (3600, 0, false),
            (3600, -1, false),
            // 10 % are less than two minutes.
            (1200, 121, false),
            (1200, 120, true),
            (1210, 121, true),
            (60, 60, true),
            // The span began after the end: a clock was wrong.
            (-5, 121, false),
            (-5, 120, true),
        ] {
            let (end, now) = (1_000_000, 1_000_000 - left);
            let is_due = renewal_due(Ceiling::At(time(end)), time(end - span), time(now));
            assert_eq!(is_due, due, "span {span}, left {left}");
        }
        assert!(!renewal_due(Ceiling::None, time(0), time(0)));
    }

    #[test]
    fn extremes_do_not_panic() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX].map(time);
        for end in extremes {
            for start in extremes {
                for now in extremes {
                    let _ = renewal_due(Ceiling::At(end), start, now);
                }
            }
        }
    }

    #[test]
    fn continuity_is_checked_claim_by_claim() {
        let (one, two) = (["rp".to_owned()], ["rp".to_owned(), "api".to_owned()]);
        let turned = ["api".to_owned(), "rp".to_owned()];
        let previous = Assertion {
            issuer: "https://op.example",
            subject: "alice",
            audience: &one,
            issued_at: time(1000),
            auth_time: Some(time(900)),
        };
        let next = Assertion { issued_at: time(1001), ..previous };
        let earlier = Some(time(899));
        for (previous, refreshed, expected) in [
            (previous, next, None),
            (previous, Assertion { auth_time: Some(time(901)), ..next }, None),
            (
                Assertion { audience: &two, ..previous },
                Assertion { audience: &turned, ..next },
                None,
            ),
            (
                previous,
                Assertion { issuer: "https://op.example/", ..next },
                Some(Discontinuity::Issuer),
            ),
            (previous, Assertion { subject: "Alice", ..next }, Some(Discontinuity::Subject)),
            (previous, Assertion { audience: &two, ..next }, Some(Discontinuity::Audience)),
            (previous, Assertion { audience: &[], ..next }, Some(Discontinuity::Audience)),
            (previous, previous, Some(Discontinuity::NotNewer)),
            (previous, Assertion { issued_at: time(999), ..next }, Some(Discontinuity::NotNewer)),
            (
                previous,
                Assertion { auth_time: earlier, ..next },
                Some(Discontinuity::AuthTimeEarlier),
            ),
            (previous, Assertion { auth_time: None, ..next }, Some(Discontinuity::AuthTimeMissing)),
            (Assertion { auth_time: None, ..previous }, next, Some(Discontinuity::AuthTimeMissing)),
        ] {
            let evidence = RenewalEvidence::check(&previous, &refreshed);
            assert_eq!(evidence.err(), expected, "{refreshed:?}");
            assert_eq!(evidence.is_ok_and(|it| it.is_of(refreshed.issued_at)), expected.is_none());
        }
    }
}
