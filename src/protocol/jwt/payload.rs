//! The claims of a payload that was signed.
//!
//! A claim name that occurs twice rejects the token (RFC 7519 section 4), with one exception: `session_expiry`. A ceiling
//! that is malformed, and "the key twice" is one way to be, is judged by the operator's policy, so its occurrences are
//! reported and the claim is left out of the set.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::claims::{Claims, ClaimsError};
use crate::protocol::session_expiry;

/// A payload whose signature has been verified; its claims have not been judged.
pub(crate) struct SignedPayload(Vec<u8>);

/// The `session_expiry` of a payload, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionExpiryText {
    /// There is none.
    Absent,
    /// Its JSON text, without surrounding white space.
    One(Box<str>),
    /// It occurs more than once, with equal values or not.
    Several,
}

impl SessionExpiryText {
    pub(crate) fn as_occurrences(&self) -> session_expiry::Occurrences<'_> {
        match self {
            Self::Absent => session_expiry::Occurrences::Absent,
            Self::One(text) => session_expiry::Occurrences::One(text),
            Self::Several => session_expiry::Occurrences::Several,
        }
    }
}

impl SignedPayload {
    /// Made by [`super::UnverifiedJwt::verify_signature`] alone.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// All claims; a `session_expiry` that is duplicated or cannot be represented is left out.
    pub(crate) fn claims(&self) -> Result<(Claims, SessionExpiryText), ClaimsError> {
        let text = std::str::from_utf8(&self.0).map_err(|_| ClaimsError::Json)?;
        Claims::check_limits(text)?;
        let text = Claims::without_mark(text);
        let SessionExpiry(expiry) = serde_json::from_str(text).map_err(|_| ClaimsError::Json)?;
        let representable = match &expiry {
            SessionExpiryText::Absent => true,
            SessionExpiryText::One(text) => serde_json::from_str::<Value>(text).is_ok(),
            SessionExpiryText::Several => false,
        };
        let left_out = (!representable).then_some(NAME);
        Ok((Claims::from_json_without(text, left_out)?, expiry))
    }
}

struct SessionExpiry(SessionExpiryText);

impl<'de> Deserialize<'de> for SessionExpiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Occurrences)
    }
}

struct Occurrences;

impl<'de> Visitor<'de> for Occurrences {
    type Value = SessionExpiry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SessionExpiry, A::Error> {
        let mut found = SessionExpiryText::Absent;
        while let Some(name) = map.next_key::<String>()? {
            if name != NAME {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let text = map.next_value::<&RawValue>()?.get();
            found = match found {
                SessionExpiryText::Absent => SessionExpiryText::One(text.into()),
                _ => SessionExpiryText::Several,
            };
        }
        Ok(SessionExpiry(found))
    }
}

const NAME: &str = "session_expiry";
