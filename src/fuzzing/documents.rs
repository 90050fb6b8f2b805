//! What the provider publishes.

use serde_json::{Map, Value};
use url::Url;

use super::tokens;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::json;
use crate::protocol::jwt::parse_key_set;
use crate::provider::Metadata;

/// Metadata that is taken is the issuer's, and each endpoint is https.
pub fn discovery_document(input: &[u8]) {
    let issuer = "https://op.example/tenant";
    let parsed = Metadata::parse(input, issuer, SigningAlgorithm::Es256);
    let Ok((metadata, _)) = parsed else { return };
    let document: Value = serde_json::from_slice(json::without_mark(input)).unwrap();
    assert_eq!(document["issuer"], issuer);
    let optional = [
        &metadata.userinfo_endpoint,
        &metadata.end_session_endpoint,
        &metadata.revocation_endpoint,
    ];
    let needed = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    let all: Vec<&Url> = needed.into_iter().chain(optional.into_iter().flatten()).collect();
    assert!(all.iter().all(|url| url.scheme() == "https" && url.has_host()), "{all:?}");
}

/// A token is verified by the key that signed it alone, whatever its id, and only if the set gives that key for this. `OUR_X` and `OUR_Y` stand
/// for its coordinates, which no input could guess.
pub fn jwks(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let [x, y] = tokens::coordinates();
    let text = text.replace("OUR_X", x).replace("OUR_Y", y);
    let Some(keys) = parse_key_set(text.as_bytes()) else { return };
    let document: Value = serde_json::from_slice(json::without_mark(text.as_bytes())).unwrap();
    let all = document["keys"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let mut ours = all.filter(|key| is_ours(key, [x, y]));
    if tokens::verifies_with(&keys) {
        assert!(ours.next().is_some(), "a token of a key that is not in the set: {text}");
    } else {
        // One that says more than it must may be refused for that.
        assert!(!ours.any(|key| key.len() == 4), "the key is there: {text}");
    }
}

fn is_ours(key: &Map<String, Value>, [x, y]: [&str; 2]) -> bool {
    let must = [("kty", "EC"), ("crv", "P-256"), ("x", x), ("y", y)];
    let may = [("use", "sig"), ("alg", "ES256")];
    let verifies =
        |operations: &Value| operations.is_null() || operations.to_string().contains("verify");
    key.get("key_ops").is_none_or(verifies)
        && must.iter().all(|(name, wanted)| key.get(*name).is_some_and(|value| value == wanted))
        && may.iter().all(|(name, wanted)| {
            key.get(*name).is_none_or(|value| value.is_null() || value == wanted)
        })
}
