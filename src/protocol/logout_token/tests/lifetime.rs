//! The times, on both sides of each boundary.

use super::*;
use LogoutTokenError as E;

const DAY: i64 = 24 * 3600;

/// A token with these times; `None`: without.
fn at(iat: i64, exp: Option<i64>) -> Value {
    let mut payload = with("exp", json!(exp));
    payload["iat"] = json!(iat);
    payload
}

#[test]
fn times_have_both_sides() {
    let rows = [
        ("exp", NOW - TOLERANCE + 1, None),
        ("exp", NOW - TOLERANCE, Some(E::Expired)),
        ("exp", NOW - TOLERANCE - 1, Some(E::Expired)),
        ("exp", i64::MAX, None),
        ("exp", i64::MIN, Some(E::Expired)),
        ("nbf", NOW + TOLERANCE, None),
        ("nbf", NOW + TOLERANCE + 1, Some(E::NotYetValid)),
        ("nbf", i64::MIN, None),
        ("nbf", i64::MAX, Some(E::NotYetValid)),
        ("iat", NOW + TOLERANCE, None),
        ("iat", NOW + TOLERANCE + 1, Some(E::IssuedInFuture)),
        ("iat", i64::MAX, Some(E::IssuedInFuture)),
        ("iat", NOW - DAY - TOLERANCE + 1, None),
        ("iat", NOW - DAY - TOLERANCE, Some(E::IssuedTooLongAgo)),
        ("iat", i64::MIN, Some(E::IssuedTooLongAgo)),
    ];
    for (name, value, result) in rows {
        assert_eq!(refusal(&with(name, json!(value))), result, "{name} {value}");
    }
}

/// Required by errata set 1 only; without it the age counts.
#[test]
fn without_exp_the_token_must_be_fresh() {
    let rows = [
        (NOW, None),
        (NOW + TOLERANCE, None),
        (NOW - 600 - TOLERANCE + 1, None),
        (NOW - 600 - TOLERANCE, Some(E::IssuedTooLongAgo)),
        (i64::MIN, Some(E::IssuedTooLongAgo)),
    ];
    for (iat, result) in rows {
        assert_eq!(refusal(&at(iat, None)), result, "{iat}");
    }
    let with_exp = at(NOW - 600 - TOLERANCE, Some(NOW + 120));
    assert_eq!(refusal(&with_exp), None, "the provider said how long it is good for");
}

#[test]
fn the_last_second_is_known() {
    let rows = [
        (at(NOW, Some(NOW + 120)), NOW + 120 + TOLERANCE),
        (at(NOW, Some(NOW - 5)), NOW - 5 + TOLERANCE),
        (at(NOW - 100, None), NOW - 100 + 600 + TOLERANCE),
        (at(NOW, Some(i64::MAX)), NOW + DAY + TOLERANCE),
        (at(NOW - 5, Some(NOW - 5 + DAY)), NOW - 5 + DAY + TOLERANCE),
    ];
    for (payload, expires_at) in rows {
        let raw = key().token(&payload.to_string());
        let token = verify_raw(&raw).ok().unwrap();
        assert_eq!(token.expires_at().seconds(), expires_at, "{payload}");
        for (now, is_refused) in [(expires_at - 1, false), (expires_at, true)] {
            let expected =
                LogoutTokenExpectations { now: UnixTime::from_seconds(now), ..expectations() };
            let later = VerifiedLogoutToken::verify(&raw, &key().set(), &expected);
            assert_eq!(later.is_err(), is_refused, "{payload} at {now}");
        }
    }
}

/// A refused logout token lets a session live on: a fraction is dropped.
#[test]
fn times_may_have_fractions() {
    let at = |seconds: i64, fraction: f64| json!(seconds as f64 + fraction);
    let rows = [
        ("exp", at(NOW + 1, 0.5), None),
        ("exp", at(NOW - TOLERANCE + 1, 0.999), None),
        ("exp", at(NOW - TOLERANCE, 0.999), Some(E::Expired)),
        ("nbf", at(NOW + TOLERANCE, 0.999), None),
        ("nbf", at(NOW + TOLERANCE + 1, 0.0), Some(E::NotYetValid)),
        ("iat", at(NOW, 0.123_456), None),
        ("iat", at(NOW + TOLERANCE, 0.999), None),
        ("iat", at(NOW + TOLERANCE + 1, 0.0), Some(E::IssuedInFuture)),
    ];
    for (name, value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with(name, value)), result, "{name} {shown}");
    }
    let token = verify(&with("iat", at(NOW, 0.75))).ok().unwrap();
    assert_eq!(token.issued_at().seconds(), NOW);
}

#[test]
fn times_are_numbers() {
    for name in ["exp", "nbf", "iat"] {
        for value in [json!(NOW.to_string()), json!(true), json!([NOW]), json!(u64::MAX)] {
            let shown = value.to_string();
            assert_eq!(refusal(&with(name, value)), Some(E::Time(name)), "{name} {shown}");
        }
    }
    for (name, result) in [("exp", None), ("iat", Some(E::Time("iat"))), ("nbf", None)] {
        assert_eq!(refusal(&with(name, json!(null))), result, "{name}");
        assert_eq!(refusal_of_null(name), result, "{name}");
    }
}

#[test]
fn without_tolerance_each_second_counts() {
    let exactly = LogoutTokenExpectations { clock_tolerance: Duration::ZERO, ..expectations() };
    let rows = [
        ("exp", NOW + 1, None),
        ("exp", NOW, Some(E::Expired)),
        ("nbf", NOW, None),
        ("nbf", NOW + 1, Some(E::NotYetValid)),
        ("iat", NOW, None),
        ("iat", NOW + 1, Some(E::IssuedInFuture)),
    ];
    for (name, value, result) in rows {
        let token = key().token(&with(name, json!(value)).to_string());
        let found = VerifiedLogoutToken::verify(&token, &key().set(), &exactly).err();
        assert_eq!(found, result, "{name} {value}");
    }
}
