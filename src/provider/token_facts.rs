//! What a refused token says, beside what was expected: an operator must find the cause in the log alone.
//!
//! 1. Nothing that is secret or a person's: no signature, no `sub`, `sid`, `nonce`, `jti`.
//! 2. Nothing of it is verified: each value is bounded, and made printable. A token that cannot be taken apart says nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::JsonWebKey as _;
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value};

use crate::clock::UnixTime;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::token_response::printable;

/// What the token was held against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) trusted_audiences: &'a [String],
    pub(super) algorithm: SigningAlgorithm,
    pub(super) now: UnixTime,
}

/// Logs what was seen of the token `raw` and what was expected.
pub(super) fn log(
    code: &'static str,
    kind: &'static str,
    raw: &str,
    expected: &Expected<'_>,
    keys: Option<&CoreJsonWebKeySet>,
) {
    let mut parts = raw.split('.');
    let (header, claims) = (object(parts.next()), object(parts.next()));
    let (header, claims) = (|name| text(&header, name), |name| text(&claims, name));
    tracing::warn!(
        code,
        alg = header("alg"),
        expected_alg = expected.algorithm.as_str(),
        kid = header("kid"),
        known_kids = keys.map(known_ids),
        typ = header("typ"),
        iss = claims("iss"),
        expected_iss = expected.issuer,
        aud = claims("aud"),
        expected_aud = expected.client_id,
        trusted_audiences = expected.trusted_audiences.join(" "),
        azp = claims("azp"),
        iat = claims("iat"),
        exp = claims("exp"),
        nbf = claims("nbf"),
        auth_time = claims("auth_time"),
        now = expected.now.seconds(),
        "what the refused {kind} says, and what was expected"
    );
}

fn object(part: Option<&str>) -> Map<String, Value> {
    let bytes = part.filter(|part| part.len() <= LONGEST_PART);
    let bytes = bytes.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    let value = match object.get(name)? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(printable(&value, LONGEST_VALUE, |_| true))
}

fn known_ids(keys: &CoreJsonWebKeySet) -> String {
    let ids = keys.keys().iter().map(|key| key.key_id().map_or("(none)", |id| id.as_str()));
    printable(&ids.collect::<Vec<_>>().join(" "), LONGEST_VALUE, |_| true)
}

/// Bytes.
const LONGEST_VALUE: usize = 200;
const LONGEST_PART: usize = 64 * 1024;
