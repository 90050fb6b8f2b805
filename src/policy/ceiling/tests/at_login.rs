//! Rules 1 to 4.

use std::time::Duration;

use super::values::{IAT, MALFORMED, asserted, at, capped, login, refresh, time};
use crate::policy::ceiling::CeilingRefusal::{AlreadyPast, InsideLeeway, Malformed, Required};
use crate::policy::ceiling::{Ceiling, CeilingPolicy, Leeway, fix_at_login};
use crate::protocol::{MalformedSessionExpiry, SessionExpiryClaim};

#[test]
fn a_login_needs_more_than_the_leeway() {
    // E − iat, with now = iat.
    for (left, live) in [(3600, true), (31, true), (30, false), (29, false), (1, false)] {
        let end = IAT + left;
        let expected = if live { Ok(at(end)) } else { Err(InsideLeeway { ends_at: time(end) }) };
        assert_eq!(login(asserted(end), IAT, &CeilingPolicy::default()), expected, "{left}");
    }
    for left in [0, -1, -3600, 1 - IAT] {
        let expected = Err(AlreadyPast { ended_at: time(IAT + left) });
        assert_eq!(login(asserted(IAT + left), IAT, &CeilingPolicy::default()), expected, "{left}");
    }
}

#[test]
fn the_later_of_iat_and_now_counts() {
    let end = IAT + 3600;
    let inside = || Err(InsideLeeway { ends_at: time(end) });
    let past = || Err(AlreadyPast { ended_at: time(end) });
    for (issued_at, now, expected) in [
        // An old iat.
        (IAT, end - 31, Ok(at(end))),
        (IAT, end - 30, inside()),
        (IAT, end - 1, inside()),
        (IAT, end, past()),
        (i64::MIN, end - 31, Ok(at(end))),
        (i64::MIN, i64::MAX, past()),
        // A provider whose clock is ahead of ours.
        (end - 31, IAT, Ok(at(end))),
        (end - 30, IAT, inside()),
        (end - 1, IAT, inside()),
        (end, IAT, past()),
        (i64::MAX, i64::MIN, past()),
        (i64::MIN, i64::MIN, Ok(at(end))),
    ] {
        let fixed =
            fix_at_login(&asserted(end), time(issued_at), time(now), &CeilingPolicy::default());
        assert_eq!(fixed, expected, "iat {issued_at}, now {now}");
    }
}

#[test]
fn the_bounds_of_the_claim_are_ceilings() {
    let fix =
        |end, now| fix_at_login(&asserted(end), time(now), time(now), &CeilingPolicy::default());
    assert_eq!(fix(9_999_999_999, IAT), Ok(at(9_999_999_999)));
    assert_eq!(fix(1, -30), Ok(at(1)));
    assert_eq!(fix(1, -29), Err(InsideLeeway { ends_at: time(1) }));
}

#[test]
fn a_raised_leeway_refuses_earlier() {
    let leeway = Leeway::at_least_default(Duration::from_secs(60)).unwrap();
    let policy = CeilingPolicy { leeway, ..CeilingPolicy::default() };
    assert_eq!(login(asserted(IAT + 61), IAT, &policy), Ok(at(IAT + 61)));
    let refused = Err(InsideLeeway { ends_at: time(IAT + 60) });
    assert_eq!(login(asserted(IAT + 60), IAT, &policy), refused);
}

#[test]
fn an_absent_claim_is_no_ceiling_unless_it_is_required() {
    let required = CeilingPolicy { require: true, ..CeilingPolicy::default() };
    let absent = SessionExpiryClaim::Absent;
    assert_eq!(login(absent, IAT, &CeilingPolicy::default()), Ok(Ceiling::None));
    assert_eq!(login(absent, IAT, &capped(600)), Ok(Ceiling::None));
    assert_eq!(login(absent, IAT, &required), Err(Required));
    assert_eq!(login(asserted(IAT + 3600), IAT, &required), Ok(at(IAT + 3600)));
}

#[test]
fn a_malformed_claim_never_means_no_ceiling() {
    for malformed in MALFORMED {
        let claim = SessionExpiryClaim::Malformed(malformed);
        for require in [false, true] {
            let refuse = CeilingPolicy { require, ..CeilingPolicy::default() };
            let cap = CeilingPolicy { require, ..capped(600) };
            let refused = Err(Malformed(malformed));
            assert_eq!(login(claim, IAT, &refuse), refused);
            assert_eq!(login(claim, IAT, &cap), Ok(at(IAT + 600)));
            assert_eq!(refresh(Ceiling::None, claim, &refuse), refused);
            assert_eq!(refresh(Ceiling::None, claim, &cap), Ok(at(IAT + 600)));
        }
    }
}

#[test]
fn a_cap_counts_from_iat_and_has_the_leeway_taken_off() {
    let claim = SessionExpiryClaim::Malformed(MalformedSessionExpiry::TooLarge);
    for (cap, now, expected) in [
        (600, IAT + 569, Ok(at(IAT + 600))),
        (600, IAT + 570, Err(InsideLeeway { ends_at: time(IAT + 600) })),
        (600, IAT + 600, Err(AlreadyPast { ended_at: time(IAT + 600) })),
        (31, IAT, Ok(at(IAT + 31))),
        (30, IAT, Err(InsideLeeway { ends_at: time(IAT + 30) })),
        (0, IAT, Err(AlreadyPast { ended_at: time(IAT) })),
        (u64::MAX, IAT, Ok(at(i64::MAX))),
    ] {
        assert_eq!(login(claim, now, &capped(cap)), expected, "cap {cap}, now {now}");
    }
}
