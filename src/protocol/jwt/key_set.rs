//! The JWK Set as the provider publishes it (RFC 7517 section 5), and which of its keys are there to verify signatures.
//!
//! 1. A key whose `use` is there and is not `sig` is left out (section 4.2).
//! 2. So is one whose `key_ops` is there and lacks `verify` (section 4.3): `openidconnect` does not look at it.
//! 3. A member that is `null` is absent. An entry that is not an object is left out, and so is a key that `openidconnect` does
//!    not understand.

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value, json};

use crate::protocol::json;

/// The keys in `body` that may verify a signature; `None` if it is not a JWK Set.
pub(crate) fn parse_key_set(body: &[u8]) -> Option<CoreJsonWebKeySet> {
    let document: Map<String, Value> = serde_json::from_slice(json::without_mark(body)).ok()?;
    let keys = document.get("keys")?.as_array()?;
    let keys: Vec<Value> = keys.iter().filter_map(verifying_key).collect();
    serde_json::from_value(json!({ "keys": keys })).ok()
}

/// The key without the members that are `null`, if it is there to verify signatures.
fn verifying_key(key: &Value) -> Option<Value> {
    let mut members = key.as_object()?.clone();
    members.retain(|_, value| !value.is_null());
    let is_for_signatures = members.get("use").is_none_or(|usage| usage == "sig");
    let verifies = members.get("key_ops").is_none_or(|operations| match operations {
        Value::Array(operations) => operations.iter().any(|operation| operation == "verify"),
        operation => operation == "verify",
    });
    (is_for_signatures && verifies).then_some(Value::Object(members))
}
