//! Really signed tokens, one fault a row, the exact variant.

mod claims;
mod confusion;
mod form;
mod lifetime;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::clock::UnixTime;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::jwt::test_keys::TestKey;

const NOW: i64 = 1_893_456_000;
const TOLERANCE: i64 = 60;

fn expectations() -> LogoutTokenExpectations<'static> {
    LogoutTokenExpectations {
        issuer: "https://op.example/tenant/",
        client_id: "client",
        trusted_audiences: &[],
        algorithm: SigningAlgorithm::Es256,
        clock_tolerance: Duration::from_secs(TOLERANCE.unsigned_abs()),
        now: UnixTime::from_seconds(NOW),
    }
}

fn payload() -> Value {
    json!({
        "iss": "https://op.example/tenant/",
        "aud": "client",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "bWJq",
        "sub": "248289761001",
        "sid": "08a5019c-17e1-4977-8f42-65a12843ea02",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    })
}

/// The payload with one claim set; `null` removes it.
fn with(name: &str, value: Value) -> Value {
    let mut payload = payload();
    payload[name] = value;
    if payload[name].is_null() {
        payload.as_object_mut().unwrap().remove(name);
    }
    payload
}

/// The payload's text with a claim that is there and `null`.
fn with_null(name: &str) -> String {
    with(name, Value::Null).to_string().replacen('{', &format!("{{\"{name}\":null,"), 1)
}

/// The signing keys of all tests, made once.
fn key() -> &'static TestKey {
    static KEY: std::sync::LazyLock<TestKey> =
        std::sync::LazyLock::new(|| TestKey::new(SigningAlgorithm::Es256, "1"));
    &KEY
}

fn verify_raw(raw: &str) -> Result<VerifiedLogoutToken, LogoutTokenError> {
    VerifiedLogoutToken::verify(raw, &key().set(), &expectations())
}

fn verify(payload: &Value) -> Result<VerifiedLogoutToken, LogoutTokenError> {
    verify_raw(&key().token(&payload.to_string()))
}

fn refusal(payload: &Value) -> Option<LogoutTokenError> {
    verify(payload).err()
}

fn refusal_of_null(name: &str) -> Option<LogoutTokenError> {
    verify_raw(&key().token(&with_null(name))).err()
}
