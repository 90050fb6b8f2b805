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

/// RFC 7519 section 2: "non-integer values can be represented". A fraction is dropped.
#[test]
fn times_may_have_fractions() {
    let at = |seconds: i64, fraction: f64| json!(seconds as f64 + fraction);
    let rows = [
        ("exp", at(NOW - TOLERANCE + 1, 0.0), None),
        ("exp", at(NOW - TOLERANCE + 1, 0.999), None),
        ("exp", at(NOW - TOLERANCE, 0.999), Some(E::Expired)),
        ("nbf", at(NOW + TOLERANCE, 0.999), None),
        ("nbf", at(NOW + TOLERANCE + 1, 0.0), Some(E::NotYetValid)),
        ("iat", at(NOW, 0.25), None),
        ("iat", at(NOW + TOLERANCE, 0.999), None),
        ("iat", at(NOW + TOLERANCE + 1, 0.001), Some(E::IssuedInFuture)),
        ("iat", at(NOW - MAX_TOKEN_AGE - TOLERANCE, 0.5), None),
        ("iat", at(NOW - MAX_TOKEN_AGE - TOLERANCE - 1, 0.999), Some(E::IssuedTooLongAgo)),
        ("auth_time", at(NOW - 5, 0.5), None),
        ("auth_time", at(NOW + TOLERANCE + 1, 0.5), Some(E::AuthenticatedInFuture)),
        ("auth_time", json!(-0.5), None),
    ];
    for (name, value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with(name, value), &expectations()), result, "{name} {shown}");
    }
    let fractions = with("auth_time", at(NOW - 5, 0.75));
    let token = verify(&fractions, &expectations()).ok().unwrap();
    assert_eq!(token.auth_time(), Some(UnixTime::from_seconds(NOW - 5)));
    assert_eq!(token.claims().auth_time(), token.auth_time());
    let exponent = payload().to_string().replacen(&NOW.to_string(), "1.893456e9", 9);
    let token = VerifiedIdToken::verify(&key().token(&exponent), &key().set(), &expectations());
    assert_eq!(token.ok().unwrap().issued_at().seconds(), NOW);
}

#[test]
fn times_are_numbers() {
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for value in [
            json!(NOW.to_string()),
            json!(""),
            json!(true),
            json!([NOW]),
            json!({}),
            json!(u64::MAX),
            json!(1e300),
            json!(-1e19),
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
        (300, json!(null), Some(E::AuthenticationTimeMissing)),
        (300, json!("now"), Some(E::Time("auth_time"))),
        (0, json!(NOW - TOLERANCE), None),
        (0, json!(NOW - TOLERANCE - 1), Some(E::AuthenticatedTooLongAgo)),
        (u64::MAX, json!(0), None),
    ];
    let mut null = payload();
    null["auth_time"] = json!(null);
    assert_eq!(refusal(&null, &asked(300)), Some(E::AuthenticationTimeMissing));
    assert_eq!(E::AuthenticationTimeMissing.code(), "id_token_auth_time_missing");
    for (max_age, value, result) in rows {
        let shown = value.to_string();
        let found = refusal(&with("auth_time", value), &asked(max_age));
        assert_eq!(found, result, "{max_age} {shown}");
    }
}
