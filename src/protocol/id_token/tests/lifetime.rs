//! The times, on both sides of each boundary.

use super::*;
use IdTokenError as E;

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
        ("iat", NOW + TOLERANCE, None),
        ("iat", NOW + TOLERANCE + 1, Some(E::IssuedInFuture)),
        ("iat", i64::MAX, Some(E::IssuedInFuture)),
        ("iat", NOW - MAX_TOKEN_AGE - TOLERANCE, None),
        ("iat", NOW - MAX_TOKEN_AGE - TOLERANCE - 1, Some(E::IssuedTooLongAgo)),
        ("iat", i64::MIN, Some(E::IssuedTooLongAgo)),
        ("auth_time", NOW + TOLERANCE, None),
        ("auth_time", NOW + TOLERANCE + 1, Some(E::AuthenticatedInFuture)),
        ("auth_time", 0, None),
    ];
    for (name, value, result) in rows {
        assert_eq!(refusal(&with(name, json!(value)), &expectations()), result, "{name} {value}");
    }
}

#[test]
fn times_are_whole_seconds() {
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for value in [
            json!(NOW.to_string()),
            json!(NOW as f64),
            json!(NOW as f64 + 0.5),
            json!(true),
            json!([NOW]),
            json!(u64::MAX),
        ] {
            let shown = value.to_string();
            let result = refusal(&with(name, value), &expectations());
            assert_eq!(result, Some(E::Time(name)), "{name} {shown}");
        }
    }
    for (name, result) in
        [("exp", Some(E::Time("exp"))), ("iat", Some(E::Time("iat"))), ("nbf", None)]
    {
        assert_eq!(refusal(&with(name, json!(null)), &expectations()), result, "{name}");
    }
    let null = payload().to_string().replacen('{', "{\"auth_time\":null,", 1);
    let result = VerifiedIdToken::verify(&key().token(&null), &key().set(), &expectations());
    assert_eq!(result.err(), Some(E::Time("auth_time")));
}

#[test]
fn max_age_requires_a_fresh_auth_time() {
    let asked = |seconds: u64| IdTokenExpectations {
        max_age: Some(Duration::from_secs(seconds)),
        ..expectations()
    };
    let rows = [
        (300, json!(NOW - 300 - TOLERANCE), None),
        (300, json!(NOW - 300 - TOLERANCE - 1), Some(E::AuthenticatedTooLongAgo)),
        (300, json!(NOW + TOLERANCE), None),
        (300, json!(NOW + TOLERANCE + 1), Some(E::AuthenticatedInFuture)),
        (300, json!(i64::MIN), Some(E::AuthenticatedTooLongAgo)),
        (300, json!(null), Some(E::Time("auth_time"))),
        (300, json!("now"), Some(E::Time("auth_time"))),
        (0, json!(NOW - TOLERANCE), None),
        (0, json!(NOW - TOLERANCE - 1), Some(E::AuthenticatedTooLongAgo)),
        (u64::MAX, json!(0), None),
    ];
    for (max_age, value, result) in rows {
        let shown = value.to_string();
        let found = refusal(&with("auth_time", value), &asked(max_age));
        assert_eq!(found, result, "{max_age} {shown}");
    }
}
