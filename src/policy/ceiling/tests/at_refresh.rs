//! Rules 5 to 8.

use std::time::Duration;

use super::values::{IAT, MALFORMED, asserted, at, capped, refresh, time};
use crate::policy::ceiling::{
    Ceiling, CeilingPolicy, Leeway, RefreshedAssertion, at_refresh, fix_at_login,
};
use crate::policy::renewal::{Assertion, Renewal, RenewalEvidence};
use crate::protocol::{MalformedSessionExpiry, SessionExpiryClaim};

#[test]
fn a_refresh_lowers_the_ceiling_or_leaves_it() {
    let end = IAT + 3600;
    for (current, claim, expected) in [
        (at(end), asserted(end - 1), at(end - 1)),
        (at(end), asserted(end), at(end)),
        (at(end), asserted(end + 1), at(end)),
        (at(end), asserted(9_999_999_999), at(end)),
        // Lowered below the present: the deadline ends the session.
        (at(end), asserted(1), at(1)),
        (at(end), SessionExpiryClaim::Absent, at(end)),
        (Ceiling::None, SessionExpiryClaim::Absent, Ceiling::None),
        (Ceiling::None, asserted(end), at(end)),
        (Ceiling::None, asserted(1), at(1)),
        (at(i64::MIN), asserted(end), at(i64::MIN)),
        (at(i64::MAX), asserted(end), at(end)),
    ] {
        for renewal in [Renewal::Off, Renewal::ByRefresh] {
            let policy = CeilingPolicy { renewal, ..CeilingPolicy::default() };
            assert_eq!(refresh(current, claim, &policy), Ok(expected), "{current:?} {claim:?}");
        }
    }
}

#[test]
fn a_malformed_claim_at_a_refresh_leaves_an_existing_ceiling() {
    for malformed in MALFORMED {
        let claim = SessionExpiryClaim::Malformed(malformed);
        for policy in [CeilingPolicy::default(), capped(600), capped(0)] {
            assert_eq!(refresh(at(IAT + 3600), claim, &policy), Ok(at(IAT + 3600)));
        }
    }
}

#[test]
fn a_missing_claim_at_a_refresh_changes_nothing_even_if_required() {
    let required = CeilingPolicy { require: true, ..CeilingPolicy::default() };
    for current in [Ceiling::None, at(IAT + 3600)] {
        assert_eq!(refresh(current, SessionExpiryClaim::Absent, &required), Ok(current));
    }
}

#[test]
fn only_a_renewal_that_is_on_and_proven_raises_the_ceiling() {
    let audience = ["rp".to_owned()];
    let previous = Assertion {
        issuer: "https://op.example",
        subject: "alice",
        audience: &audience,
        issued_at: time(IAT - 3600),
        auth_time: Some(time(IAT - 3600)),
    };
    let proof_of = |issued_at| {
        RenewalEvidence::check(&previous, &Assertion { issued_at: time(issued_at), ..previous })
            .ok()
    };
    let (end, later) = (IAT + 100, IAT + 3700);
    for (renewal, evidence, expected) in [
        (Renewal::ByRefresh, proof_of(IAT), later),
        (Renewal::ByRefresh, None, end),
        // The proof for another ID Token.
        (Renewal::ByRefresh, proof_of(IAT + 1), end),
        (Renewal::Off, proof_of(IAT), end),
        (Renewal::Off, None, end),
    ] {
        let policy = CeilingPolicy { renewal, ..CeilingPolicy::default() };
        let refreshed = RefreshedAssertion { claim: asserted(later), issued_at: time(IAT) };
        let ceiling = at_refresh(at(end), &refreshed, &policy, evidence);
        assert_eq!(ceiling, Ok(at(expected)), "{renewal:?} {evidence:?}");
    }
    // A renewal lowers, too, and a malformed claim does not raise.
    let policy = CeilingPolicy { renewal: Renewal::ByRefresh, ..capped(99_999) };
    for (claim, expected) in [
        (asserted(end - 1), at(end - 1)),
        (SessionExpiryClaim::Absent, at(end)),
        (SessionExpiryClaim::Malformed(MalformedSessionExpiry::Null), at(end)),
    ] {
        let refreshed = RefreshedAssertion { claim, issued_at: time(IAT) };
        assert_eq!(at_refresh(at(end), &refreshed, &policy, proof_of(IAT)), Ok(expected));
    }
}

#[test]
fn extremes_do_not_panic() {
    let extremes = [i64::MIN, -1, 0, 1, i64::MAX].map(time);
    let malformed = SessionExpiryClaim::Malformed(MalformedSessionExpiry::Null);
    let leeway = Leeway::at_least_default(Duration::MAX).unwrap();
    for issued_at in extremes {
        for now in extremes {
            for claim in [asserted(1), asserted(9_999_999_999), malformed] {
                let _ = fix_at_login(&claim, issued_at, now, &capped(u64::MAX));
                let widest = CeilingPolicy { leeway, ..capped(u64::MAX) };
                assert!(fix_at_login(&claim, issued_at, now, &widest).is_err() || now < time(1));
                let refreshed = RefreshedAssertion { claim, issued_at };
                let kept = at_refresh(Ceiling::At(now), &refreshed, &widest, None);
                assert!(kept.is_ok_and(|ceiling| ceiling.asserted_end() <= Some(now)));
            }
        }
    }
}
