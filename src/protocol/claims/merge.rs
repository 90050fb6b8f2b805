//! Which source wins.
//!
//! 1. Every claim of the ID Token.
//! 2. From UserInfo, the names the ID Token does not have (OIDC Core 5.3.2 leaves precedence to us), except the protected ones.
//! 3. From the application's enrichment, the names neither has, except the protected ones.
//! 4. A claim that is `null` is one that its source does not have: another source may have it.
//! 5. A flag that vouches for another claim (`email_verified` for `email`, and each pair like it) counts only from a source that
//!    has the very value which the set has. From any other it speaks of something else, and is dropped. A flag of the ID Token
//!    that vouches for nothing there may not be contradicted by another source.
//!
//! Protected are the claims that say who signed in, when and how, for whom, and for how long. They are true only because an ID
//! Token said so; from anywhere else they are dropped, also where the ID Token is silent.

use serde_json::{Map, Value};

use super::Claims;
use super::parse::{MAX_JSON_BYTES, MAX_NAMES};
use super::set::{Builder, Stored};

impl Claims {
    /// The claims of a session. What would go beyond the limits of a set is left out.
    pub(crate) fn merge(
        id_token: &Self,
        userinfo: &Self,
        enrichment: Option<&Map<String, Value>>,
    ) -> Self {
        let enrichment: Option<Self> = enrichment.map(|more| {
            let mut builder = Builder::default();
            let storable = more.iter().filter(|(_, value)| survives_storage(value));
            for (name, value) in storable {
                if has_room(&builder, name.len() + value.to_string().len()) {
                    builder.push_json(name, value);
                }
            }
            builder.finish()
        });
        let sources = [id_token, userinfo].into_iter().chain(&enrichment).collect();
        Merge { sources }.run()
    }
}

/// The ID Token, UserInfo, and the enrichment if there is one.
struct Merge<'a> {
    sources: Vec<&'a Claims>,
}

impl Merge<'_> {
    fn run(&self) -> Claims {
        let mut builder = Builder::default();
        for (place, source) in self.sources.iter().enumerate() {
            for (name, value) in source.iter() {
                let counts = match place {
                    0 => self.may_keep(name, value),
                    _ => self.may_add(&builder, place, (name, value)),
                };
                if counts {
                    builder.push(name, value);
                }
            }
        }
        builder.finish()
    }

    /// Rules 1, 4 and 5, of the ID Token's own claims.
    fn may_keep(&self, name: &str, value: Stored<'_>) -> bool {
        let is_filled = value.is_null()
            && !is_protected(name)
            && self.sources[1..].iter().any(|source| source.present(name).is_some());
        !is_filled && self.vouches(0, name)
    }

    /// Rules 2, 3 and 5.
    fn may_add(&self, builder: &Builder, place: usize, (name, value): (&str, Stored<'_>)) -> bool {
        let contradicts = || {
            let said = self.sources[0].present(name);
            vouched_for(name).is_some() && said.is_some_and(|said| said != value)
        };
        !is_protected(name)
            && !builder.contains(name)
            && has_room(builder, name.len() + value.size())
            && self.vouches(place, name)
            && !contradicts()
    }

    /// Rule 5: whether what this source says of another claim, if `name` says such a thing, is about the value in the set.
    fn vouches(&self, place: usize, name: &str) -> bool {
        let Some(value_name) = vouched_for(name) else { return true };
        let first = self.sources.iter().find_map(|source| source.present(value_name));
        match (first, self.sources[place].present(value_name)) {
            (Some(value), Some(own)) => value == own,
            (Some(_), None) => false,
            // No source has such a value. A flag about an address, say, is then not for whoever adds the address.
            (None, _) => place == 0 || !PAIRS.iter().any(|(flag, _)| *flag == name),
        }
    }
}

/// The claim that the claim `name` vouches for, if it does.
fn vouched_for(name: &str) -> Option<&str> {
    let pair = PAIRS.iter().find(|(flag, _)| *flag == name);
    let generic = || name.strip_suffix("_verified").filter(|value| !value.is_empty());
    pair.map(|(_, value)| *value).or_else(generic)
}

fn has_room(builder: &Builder, size: usize) -> bool {
    builder.len() < MAX_NAMES && builder.size() + size < MAX_JSON_BYTES
}

fn is_protected(name: &str) -> bool {
    PROTECTED.contains(&name)
}

/// What is nested too deep could be written but not read back.
fn survives_storage(value: &Value) -> bool {
    serde_json::from_str::<Value>(&value.to_string()).is_ok()
}

/// Flags and what they vouch for; beside them, whatever is called `…_verified` vouches for `…`.
///
/// | flag | of |
/// |---|---|
/// | `email_verified`, `phone_number_verified` | OIDC Core 5.1 |
/// | `phone_verified`, `verified_email`, `emailVerified`, `phoneNumberVerified` | spellings of providers |
/// | `xms_edov` | Entra ID: the owner of the address's domain is verified |
/// | `_claim_sources` | OIDC Core 5.6.2: it says where the claims of `_claim_names` are |
const PAIRS: [(&str, &str); 8] = [
    ("email_verified", "email"),
    ("phone_number_verified", "phone_number"),
    ("phone_verified", "phone_number"),
    ("verified_email", "email"),
    ("emailVerified", "email"),
    ("phoneNumberVerified", "phone_number"),
    ("xms_edov", "email"),
    ("_claim_sources", "_claim_names"),
];

/// | claims | specification |
/// |---|---|
/// | `session_expiry`, `tenant`, `aud_sub` | OpenID Connect Enterprise Extensions |
/// | `iss` … `sid` | OIDC Core 2, 3.1.3.6 and 3.3.2.11, Back-Channel Logout 2.1; `jti`, `nbf`: RFC 7519 4.1 |
/// | `s_hash` | FAPI 1.0 part 2 |
/// | `cnf`, `act`, `may_act` | whose key the token is bound to (RFC 7800), and who acts for whom (RFC 8693 4.1 and 4.4) |
/// | `vot`, `vtm` | how well the user was identified (RFC 8485) |
/// | `events`, `toe`, `txn` | of security events (RFC 8417): they make a logout token or a signal |
/// | `tid` | Entra ID: the directory that the issuer is of |
pub(super) const PROTECTED: [&str; 28] = [
    "session_expiry",
    "tenant",
    "aud_sub",
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "cnf",
    "act",
    "may_act",
    "vot",
    "vtm",
    "events",
    "toe",
    "txn",
    "tid",
];
