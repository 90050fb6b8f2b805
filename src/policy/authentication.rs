//! Whether a sign-in is fresh and strong enough for what is asked for now (RFC 9470).
//!
//! All of these hold, as far as they are required:
//!
//! 1. `acr` is one of the contexts required (OIDC Core section 2). Without the claim it is none of them.
//! 2. `amr` has every method required (RFC 8176). Without the claim it has none.
//! 3. The authentication is at most `max_age` ago by `auth_time`: the whole seconds since are not more. Without the claim it
//!    is not: when somebody signed in here says nothing, for the provider's own session may have spared them the question.
//! 4. `auth_time` is not further in the future than the clock tolerance.
//! 5. For 10 s after the sign-in here it also suffices that rule 3 held then, with the clock tolerance that the callback
//!    grants. Otherwise a provider whose clock is behind would make a loop of what it answered rightly.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::UnixTime;

/// What is required of the authentication behind a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthenticationRequirement {
    /// Seconds.
    pub(crate) max_age: Option<u64>,
    /// One of these; empty: whichever.
    pub(crate) acr: Vec<String>,
    /// All of these.
    pub(crate) amr: Vec<String>,
}

/// What is known of an authentication.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authentication<'a> {
    pub(crate) auth_time: Option<UnixTime>,
    pub(crate) acr: Option<&'a str>,
    pub(crate) amr: &'a [String],
    /// When the callback was answered.
    pub(crate) signed_in_at: UnixTime,
}

/// Why an authentication does not do: the first rule that it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insufficient {
    /// Rule 1.
    Context,
    /// Rule 2.
    Methods,
    /// Rules 3 and 4.
    Age,
}

impl AuthenticationRequirement {
    /// The rules, in their order.
    pub(crate) fn check(
        &self,
        authentication: &Authentication<'_>,
        tolerance: Duration,
        now: UnixTime,
    ) -> Result<(), Insufficient> {
        let is_context = |acr: &str| self.acr.iter().any(|required| required == acr);
        if !self.acr.is_empty() && !authentication.acr.is_some_and(is_context) {
            return Err(Insufficient::Context);
        }
        if !self.amr.iter().all(|required| authentication.amr.contains(required)) {
            return Err(Insufficient::Methods);
        }
        let Some(max_age) = self.max_age.map(Duration::from_secs) else { return Ok(()) };
        let is_fresh = |auth_time| is_fresh(auth_time, max_age, authentication, tolerance, now);
        if authentication.auth_time.is_some_and(is_fresh) { Ok(()) } else { Err(Insufficient::Age) }
    }
}

/// Rules 3 to 5.
fn is_fresh(
    auth_time: UnixTime,
    max_age: Duration,
    authentication: &Authentication<'_>,
    tolerance: Duration,
    now: UnixTime,
) -> bool {
    let signed_in_at = authentication.signed_in_at;
    let just_signed_in = now.seconds_since(signed_in_at).unsigned_abs() <= WAY_BACK;
    let was_fresh = auth_time >= signed_in_at.saturating_sub(max_age.saturating_add(tolerance));
    let is_fresh = auth_time >= now.saturating_sub(max_age);
    auth_time <= now.saturating_add(tolerance) && (is_fresh || (just_signed_in && was_fresh))
}

/// Seconds that a browser is given from the callback to the page it is sent back to.
const WAY_BACK: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: u64 = 30;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// Whether `max_age` is kept at second 0 by an authentication and a sign-in at these.
    fn keeps(max_age: u64, auth_time: Option<i64>, signed_in_at: i64) -> bool {
        let required = AuthenticationRequirement {
            max_age: Some(max_age),
            ..AuthenticationRequirement::default()
        };
        let known = Authentication {
            auth_time: auth_time.map(at),
            acr: None,
            amr: &[],
            signed_in_at: at(signed_in_at),
        };
        let found = required.check(&known, Duration::from_secs(TOLERANCE), at(0));
        assert!(matches!(found, Ok(()) | Err(Insufficient::Age)), "{found:?}");
        found.is_ok()
    }

    #[test]
    fn freshness_is_judged_by_auth_time_alone() {
        for (max_age, auth_time, signed_in_at, expected) in [
            (60, Some(-60), -3_600, true),
            (60, Some(-61), -3_600, false),
            (60, Some(0), -3_600, true),
            (60, Some(30), -3_600, true),
            (60, Some(31), -3_600, false),
            (60, None, 0, false),
            (u64::MAX, None, 0, false),
            (u64::MAX, Some(-i64::MAX), -3_600, true),
            // Silently, by a session that the provider has had for long.
            (60, Some(-3_600), 0, false),
        ] {
            let row = format!("{max_age} {auth_time:?} {signed_in_at}");
            assert_eq!(keeps(max_age, auth_time, signed_in_at), expected, "{row}");
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        let extremes = [i64::MIN, -1, 0, 1, i64::MAX];
        for auth_time in extremes {
            for signed_in_at in extremes {
                let is_near = auth_time.unsigned_abs() <= TOLERANCE;
                assert!(!keeps(0, Some(auth_time), signed_in_at) || is_near);
                keeps(u64::MAX, Some(auth_time), signed_in_at);
            }
        }
    }

    #[test]
    fn the_way_back_from_the_callback_is_no_loop() {
        for (max_age, auth_time, signed_in_at, expected) in [
            // At the callback the age was max_age and the tolerance.
            (60, -90, 0, true),
            (60, -91, 0, false),
            (60, -100, -10, true),
            (60, -101, -10, false),
            (60, -90, -11, false),
            (0, -30, 0, true),
            (0, -31, 0, false),
            (0, -10, -10, true),
            (0, -11, -11, false),
            // The clock was set back.
            (60, -80, 10, true),
            (60, -79, 11, false),
        ] {
            let row = format!("{max_age} {auth_time} {signed_in_at}");
            assert_eq!(keeps(max_age, Some(auth_time), signed_in_at), expected, "{row}");
        }
    }

    #[test]
    fn contexts_are_alternatives_and_methods_add_up() {
        use Insufficient::{Context, Methods};
        for (acr, amr, known_acr, known_amr, expected) in [
            (&[][..], &[][..], None, &[][..], Ok(())),
            (&["gold"], &[], Some("gold"), &[], Ok(())),
            (&["gold", "silver"], &[], Some("silver"), &[], Ok(())),
            (&["gold"], &[], Some("Gold"), &[], Err(Context)),
            (&["gold"], &[], Some("gold silver"), &[], Err(Context)),
            (&["gold"], &[], Some(""), &[], Err(Context)),
            (&["gold"], &[], None, &["gold"], Err(Context)),
            (&[""], &[], None, &[], Err(Context)),
            (&[], &["otp"], None, &["pwd", "otp"], Ok(())),
            (&[], &["otp", "pwd"], None, &["pwd", "otp", "mfa"], Ok(())),
            (&[], &["otp", "pwd"], None, &["otp"], Err(Methods)),
            (&[], &["otp"], None, &["OTP"], Err(Methods)),
            (&[], &["otp"], Some("otp"), &[], Err(Methods)),
            (&["gold"], &["otp"], Some("gold"), &["otp"], Ok(())),
            (&["gold"], &["otp"], None, &["pwd"], Err(Context)),
        ] {
            let (acr, amr, known_amr) = (words(acr), words(amr), words(known_amr));
            let row = format!("{acr:?} {amr:?} {known_acr:?} {known_amr:?}");
            let known = Authentication {
                auth_time: None,
                acr: known_acr,
                amr: &known_amr,
                signed_in_at: at(0),
            };
            let required = AuthenticationRequirement { max_age: None, acr, amr };
            assert_eq!(required.check(&known, Duration::ZERO, at(0)), expected, "{row}");
        }
    }
}
