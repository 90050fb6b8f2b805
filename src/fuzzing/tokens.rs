//! Tokens that pass for the provider's, and claims that the provider has signed.

use std::sync::LazyLock;
use std::time::Duration;

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Value, json};

use super::ceiling;
use super::members::members;
use crate::clock::UnixTime;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::claims::Claims;
use crate::protocol::id_token::{IdTokenExpectations, NonceExpectation, VerifiedIdToken};
use crate::protocol::jwt::test_keys::TestKey;
use crate::protocol::logout_token::{LogoutTokenExpectations, VerifiedLogoutToken};

/// As a token it is never verified, since it is not signed; as claims, signed, only if they are what a plain reading wants.
pub fn id_token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    static TAKEN: LazyLock<bool> = LazyLock::new(|| verifies_with(&KEY.set()));
    assert!(*TAKEN, "no ID Token is taken at all");
    assert!(VerifiedIdToken::verify(text, &KEY.set(), &expected()).is_err());
    let Ok(token) = VerifiedIdToken::verify(&KEY.token(text), &KEY.set(), &expected()) else {
        return;
    };
    let claims = plain(text);
    assert_eq!((&claims["iss"], &claims["nonce"]), (&ISSUER.into(), &NONCE.into()));
    assert!(claims["aud"] == CLIENT || claims["aud"] == json!([CLIENT]), "{text}");
    assert!(claims.get("azp").is_none_or(|azp| azp == CLIENT), "{text}");
    assert!(seconds(&claims["exp"]) > NOW - TOLERANCE, "{text}");
    let iat = seconds(&claims["iat"]);
    assert!((NOW - 600 - TOLERANCE..=NOW + TOLERANCE).contains(&iat), "{text}");
    let sub = claims["sub"].as_str().unwrap();
    assert!(is_subject(sub), "{text}");
    let now = UnixTime::from_seconds(NOW);
    ceiling::check(text, token.session_expiry().as_occurrences(), token.issued_at(), now);
}

/// As [`id_token`].
pub fn logout_token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let expected = LogoutTokenExpectations {
        issuer: ISSUER,
        client_id: CLIENT,
        trusted_audiences: &[],
        algorithm: SigningAlgorithm::Es256,
        clock_tolerance: Duration::from_secs(TOLERANCE.unsigned_abs()),
        now: UnixTime::from_seconds(NOW),
    };
    assert!(VerifiedLogoutToken::verify(text, &KEY.set(), &expected).is_err());
    let signed = KEY.token_with(r#"{"alg":"ES256","typ":"logout+jwt","kid":"1"}"#, text);
    let Ok(token) = VerifiedLogoutToken::verify(&signed, &KEY.set(), &expected) else {
        // The least that a provider sends is taken.
        let least = json!({
            "iss": ISSUER, "aud": CLIENT, "iat": NOW, "jti": "a", "sub": "ada", "events": {EVENT: {}},
        });
        assert_ne!(serde_json::from_str(text).ok(), Some(least));
        return;
    };
    let claims = plain(text);
    assert_eq!(claims["iss"], ISSUER);
    assert!(claims["aud"] == CLIENT || claims["aud"] == json!([CLIENT]), "{text}");
    assert!(claims["events"][EVENT].is_object() && claims.get("nonce").is_none(), "{text}");
    assert!(claims["jti"].as_str().is_some_and(|jti| (1..=1024).contains(&jti.len())), "{text}");
    who(&claims, &token);
    times(&claims, &token);
    // The same claims are no ID Token, not even one that may leave the nonce out.
    let refreshed =
        IdTokenExpectations { nonce: NonceExpectation::SameIfPresent(None), ..self::expected() };
    assert!(VerifiedIdToken::verify(&KEY.token(text), &KEY.set(), &refreshed).is_err());
}

/// The claims as a plain reading has them, but for the ceiling, which may be a number that nobody can hold.
fn plain(text: &str) -> Value {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let judged = members(text).into_iter().filter(|(name, _)| name != "session_expiry");
    let values = judged.map(|(name, value)| (name, serde_json::from_str::<Value>(&value).unwrap()));
    values.filter(|(_, value)| !value.is_null()).collect()
}

/// A NumericDate without its fraction.
fn seconds(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| value.as_f64().unwrap().floor() as i64)
}

fn is_subject(sub: &str) -> bool {
    (1..=255).contains(&sub.chars().count()) && !sub.contains(char::is_control)
}

/// Whoever is named is named in full, and somebody is.
fn who(claims: &Value, token: &VerifiedLogoutToken) {
    let (sub, sid) = (claims.get("sub"), claims.get("sid"));
    assert!(sub.is_some() || sid.is_some(), "{claims}");
    assert_eq!(
        (sub.and_then(Value::as_str), sid.and_then(Value::as_str)),
        (token.sub(), token.sid())
    );
    assert!(sub.is_none_or(|sub| sub.as_str().is_some_and(is_subject)), "{claims}");
    assert!(sid.is_none_or(|sid| sid.as_str().is_some_and(|sid| !sid.is_empty())), "{claims}");
}

/// It is valid now, and is known to be for so long only.
fn times(claims: &Value, token: &VerifiedLogoutToken) {
    let time = |name: &str| claims.get(name).map(seconds);
    let (iat, exp) = (time("iat").unwrap(), time("exp"));
    assert!(iat <= NOW + TOLERANCE, "{claims}");
    assert!(time("nbf").is_none_or(|nbf| nbf <= NOW + TOLERANCE), "{claims}");
    let oldest = iat.saturating_add(if exp.is_some() { 86_400 } else { 600 });
    let end = exp.unwrap_or(i64::MAX).min(oldest).saturating_add(TOLERANCE);
    assert!(NOW < end, "{claims}");
    assert_eq!((token.issued_at().seconds(), token.expires_at().seconds()), (iat, end), "{claims}");
}

/// What is kept of claims is what was said, and nothing twice.
pub fn claims(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(claims) = Claims::from_json(text) else { return };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut plain: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap();
    plain.retain(|_, value| !value.is_null());
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
        let claims = json!({
            "iss": ISSUER, "sub": "ada", "aud": CLIENT, "nonce": NONCE, "iat": NOW, "exp": NOW + 300,
        });
        KEY.token(&claims.to_string())
    });
    VerifiedIdToken::verify(&TOKEN, keys, &expected()).is_ok()
}

/// The coordinates of our key.
pub(super) fn coordinates() -> [&'static str; 2] {
    ["x", "y"].map(|name| KEY.jwk[name].as_str().unwrap())
}

fn expected() -> IdTokenExpectations<'static> {
    IdTokenExpectations {
        issuer: ISSUER,
        client_id: CLIENT,
        trusted_audiences: &[],
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
