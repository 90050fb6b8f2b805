//! Tokens that pass for the provider's, and claims that the provider has signed.

use std::sync::LazyLock;
use std::time::Duration;

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::Value;

use crate::clock::UnixTime;
use crate::policy::{Ceiling, CeilingPolicy, fix_at_login};
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::claims::Claims;
use crate::protocol::id_token::{IdTokenExpectations, NonceExpectation, VerifiedIdToken};
use crate::protocol::jwt::test_keys::TestKey;
use crate::protocol::logout_token::{LogoutTokenExpectations, VerifiedLogoutToken};
use crate::protocol::session_expiry;

/// As a token it is never verified, since it is not signed; as claims, signed, only if they are what a plain reading wants.
pub fn id_token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    assert!(VerifiedIdToken::verify(text, &KEY.set(), &expected()).is_err());
    let Ok(token) = VerifiedIdToken::verify(&KEY.token(text), &KEY.set(), &expected()) else {
        return;
    };
    let claims: Value = serde_json::from_str(text).unwrap();
    assert_eq!((&claims["iss"], &claims["nonce"]), (&ISSUER.into(), &NONCE.into()));
    assert!(claims["aud"] == CLIENT || claims["aud"] == serde_json::json!([CLIENT]), "{text}");
    assert!(claims.get("azp").is_none_or(|azp| azp == CLIENT), "{text}");
    assert!(claims["exp"].as_i64().unwrap() > NOW - TOLERANCE, "{text}");
    let iat = claims["iat"].as_i64().unwrap();
    assert!((NOW - 600 - TOLERANCE..=NOW + TOLERANCE).contains(&iat), "{text}");
    let sub = claims["sub"].as_str().unwrap();
    assert!((1..=255).contains(&sub.len()) && sub.is_ascii(), "{text}");
    ceiling(&claims, &token);
}

/// A `session_expiry` that is there is a ceiling or a refusal, never "no limit".
fn ceiling(claims: &Value, token: &VerifiedIdToken) {
    let now = UnixTime::from_seconds(NOW);
    let claim = session_expiry::judge(token.session_expiry().as_occurrences());
    let fixed = fix_at_login(&claim, token.issued_at(), now, &CeilingPolicy::default());
    match (claims.get("session_expiry"), fixed) {
        (None, fixed) => assert!(matches!(fixed, Ok(Ceiling::None))),
        (Some(claim), Ok(Ceiling::At(end))) => {
            assert_eq!(claim.as_i64(), Some(end.seconds()));
            assert!(end.seconds() > NOW + 30);
        }
        (Some(claim), Ok(Ceiling::None)) => panic!("{claim} is no limit"),
        (Some(_), Err(_)) => {}
    }
}

/// As [`id_token`].
pub fn logout_token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let expected = LogoutTokenExpectations {
        issuer: ISSUER,
        client_id: CLIENT,
        algorithm: SigningAlgorithm::Es256,
        clock_tolerance: Duration::from_secs(TOLERANCE.unsigned_abs()),
        now: UnixTime::from_seconds(NOW),
    };
    assert!(VerifiedLogoutToken::verify(text, &KEY.set(), &expected).is_err());
    let signed = KEY.token_with(r#"{"alg":"ES256","typ":"logout+jwt","kid":"1"}"#, text);
    if VerifiedLogoutToken::verify(&signed, &KEY.set(), &expected).is_err() {
        return;
    }
    let claims: Value = serde_json::from_str(text).unwrap();
    assert_eq!(claims["iss"], ISSUER);
    assert!(claims["aud"] == CLIENT || claims["aud"] == serde_json::json!([CLIENT]), "{text}");
    assert!(claims["events"][EVENT].is_object() && claims.get("nonce").is_none(), "{text}");
    assert!(claims["sub"].is_string() || claims["sid"].is_string(), "{text}");
    assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()), "{text}");
    // The same claims are no ID Token.
    assert!(VerifiedIdToken::verify(&KEY.token(text), &KEY.set(), &self::expected()).is_err());
}

/// What is kept of claims is what was said, and nothing twice.
pub fn claims(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(claims) = Claims::from_json(text) else { return };
    let plain: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap();
    assert_eq!(claims.names().count(), plain.len(), "{text}");
    // Numbers beyond 64 bits are not kept to the last digit.
    for (name, value) in plain.iter().filter(|(_, value)| !has_float(value)) {
        assert_eq!(claims.get::<Value>(name).unwrap().as_ref(), Some(value), "{name}");
    }
    let again = serde_json::to_string(&claims).unwrap();
    let again: Claims = serde_json::from_str(&again).unwrap();
    assert_eq!(again.names().collect::<Vec<_>>(), claims.names().collect::<Vec<_>>());
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_float),
        Value::Object(values) => values.values().any(has_float),
        _ => false,
    }
}

/// Whether a token of our key passes with these keys.
pub(super) fn verifies_with(keys: &CoreJsonWebKeySet) -> bool {
    static TOKEN: LazyLock<String> = LazyLock::new(|| {
        let claims = serde_json::json!({
            "iss": ISSUER, "sub": "ada", "aud": CLIENT, "nonce": NONCE, "iat": NOW, "exp": NOW + 300,
        });
        KEY.token(&claims.to_string())
    });
    VerifiedIdToken::verify(&TOKEN, keys, &expected()).is_ok()
}

fn expected() -> IdTokenExpectations<'static> {
    IdTokenExpectations {
        issuer: ISSUER,
        client_id: CLIENT,
        algorithm: SigningAlgorithm::Es256,
        nonce: NonceExpectation::Exactly(NONCE),
        access_token: None,
        max_age: None,
        acr_values: &[],
        amr: &[],
        clock_tolerance: Duration::from_secs(TOLERANCE.unsigned_abs()),
        max_token_age: Duration::from_secs(600),
        now: UnixTime::from_seconds(NOW),
    }
}

static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::new(SigningAlgorithm::Es256, "1"));

const ISSUER: &str = "https://op.example";
const CLIENT: &str = "client";
const NONCE: &str = "n-0S6_WzA2Mj";
const NOW: i64 = 1_893_456_000;
const TOLERANCE: i64 = 60;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
