//! Really signed tokens, one fault a row, the exact variant.

mod claims;
mod continuity;
mod form;
mod lifetime;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::clock::UnixTime;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::jwt::SessionExpiryText;
use crate::protocol::jwt::test_keys::TestKey;

const NOW: i64 = 1_893_456_000;
const TOLERANCE: i64 = 60;
const MAX_TOKEN_AGE: i64 = 600;
const NONCE: &str = "n-0S6_WzA2Mj";

/// The example of OIDC Core A.3: its access token and `at_hash` under a SHA-256 algorithm.
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
const AT_HASH: &str = "77QmUPtjPfzWtF2AnpK9RQ";

fn expectations() -> IdTokenExpectations<'static> {
    IdTokenExpectations {
        issuer: "https://op.example/tenant/",
        client_id: "client",
        trusted_audiences: &[],
        algorithm: SigningAlgorithm::Es256,
        nonce: NonceExpectation::Exactly(NONCE),
        access_token: Some(ACCESS_TOKEN),
        max_age: None,
        acr_values: &[],
        amr: &[],
        clock_tolerance: Duration::from_secs(TOLERANCE.unsigned_abs()),
        max_token_age: Duration::from_secs(MAX_TOKEN_AGE.unsigned_abs()),
        now: UnixTime::from_seconds(NOW),
    }
}

fn payload() -> Value {
    json!({
        "iss": "https://op.example/tenant/",
        "sub": "248289761001",
        "aud": "client",
        "exp": NOW + 300,
        "iat": NOW,
        "nonce": NONCE,
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

/// The signing keys of all tests, made once.
fn key() -> &'static TestKey {
    static KEY: std::sync::LazyLock<TestKey> =
        std::sync::LazyLock::new(|| TestKey::new(SigningAlgorithm::Es256, "1"));
    &KEY
}

fn verify(
    payload: &Value,
    expected: &IdTokenExpectations<'_>,
) -> Result<VerifiedIdToken, IdTokenError> {
    VerifiedIdToken::verify(&key().token(&payload.to_string()), &key().set(), expected)
}

fn refusal(payload: &Value, expected: &IdTokenExpectations<'_>) -> Option<IdTokenError> {
    verify(payload, expected).err()
}
