//! What makes a JWT a logout token: its event, its id, and that it is no ID Token.

use serde_json::{Map, Value};

use super::LogoutTokenError;
use crate::protocol::claims::Claims;

/// Whether a token says that it is a logout token: `events` is an object with the member, whatever its value.
pub(crate) fn names_the_event(claims: &Claims) -> bool {
    events(claims).is_some_and(|events| events.contains_key(EVENT))
}

/// Section 2.6 step 6; section 2.4: "The corresponding member value MUST be a JSON object".
pub(super) fn event(claims: &Claims) -> Result<(), LogoutTokenError> {
    let events = events(claims).ok_or(LogoutTokenError::Event)?;
    if events.get(EVENT).is_some_and(Value::is_object) {
        Ok(())
    } else {
        Err(LogoutTokenError::Event)
    }
}

/// Section 2.6 step 7.
pub(super) fn no_nonce(claims: &Claims) -> Result<(), LogoutTokenError> {
    if claims.contains("nonce") { Err(LogoutTokenError::Nonce) } else { Ok(()) }
}

/// Section 2.4: `jti` is required. Without one a replay could not be told from a second logout.
pub(super) fn token_id(claims: &Claims) -> Result<(), LogoutTokenError> {
    match claims.get_str("jti") {
        Some(jti) if (1..=LONGEST_JTI).contains(&jti.len()) => Ok(()),
        _ => Err(LogoutTokenError::TokenId),
    }
}

fn events(claims: &Claims) -> Option<Map<String, Value>> {
    claims.get("events").ok().flatten()
}

/// The event of section 2.4: an identifier, never fetched.
pub(super) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Bytes. A UUID has 36.
pub(super) const LONGEST_JTI: usize = 1024;
