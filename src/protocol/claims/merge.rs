//! Which source wins.
//!
//! 1. Every claim of the ID Token.
//! 2. From UserInfo, the names the ID Token does not have (OIDC Core 5.3.2 leaves precedence to us), except the protected ones.
//! 3. From the application's enrichment, the names neither has, except the protected ones.
//!
//! Protected are the claims that say who signed in, when and how, and for how long. They are true only because an ID Token
//! said so; from anywhere else they are dropped, also where the ID Token is silent.

use serde_json::{Map, Value};

use super::Claims;
use super::parse::{MAX_JSON_BYTES, MAX_NAMES};
use super::set::Builder;

impl Claims {
    /// The claims of a session. What would go beyond the limits of a set is left out.
    pub(crate) fn merge(
        id_token: &Self,
        userinfo: &Self,
        enrichment: Option<&Map<String, Value>>,
    ) -> Self {
        let mut builder = Builder::default();
        for (name, value) in id_token.iter() {
            builder.push(name, value);
        }
        for (name, value) in userinfo.iter() {
            if may_add(&builder, name, name.len() + value.size()) {
                builder.push(name, value);
            }
        }
        for (name, value) in enrichment.into_iter().flatten() {
            if survives_storage(value)
                && may_add(&builder, name, name.len() + value.to_string().len())
            {
                builder.push_json(name, value);
            }
        }
        builder.finish()
    }
}

fn may_add(builder: &Builder, name: &str, size: usize) -> bool {
    !PROTECTED.contains(&name)
        && builder.len() < MAX_NAMES
        && builder.size() + size < MAX_JSON_BYTES
        && !builder.contains(name)
}

/// What is nested too deep could be written but not read back.
fn survives_storage(value: &Value) -> bool {
    serde_json::from_str::<Value>(&value.to_string()).is_ok()
}

const PROTECTED: [&str; 15] = [
    "session_expiry",
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "azp",
    "at_hash",
    "c_hash",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "sub",
];
