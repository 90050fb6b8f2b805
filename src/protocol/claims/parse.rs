//! From JSON text, with limits.
//!
//! 1. At most [`MAX_JSON_BYTES`] of text and [`MAX_NAMES`] names.
//! 2. Exactly one JSON object.
//! 3. No name twice (RFC 7519 section 4), compared after decoding: `"s\u0075b"` is `"sub"`.
//! 4. Only values that survive being stored: nested at most 127 deep, numbers within the range of an `f64`.
//! 5. A claim that is `null` is absent, as several providers mean it; its name still counts for rule 3.
//! 6. A byte order mark before the object is skipped.

use serde::de::DeserializeSeed;

use super::Claims;
use super::json::Collect;
use crate::protocol::json::MARK;

impl Claims {
    /// The claims in `text`, a JSON object.
    pub(crate) fn from_json(text: &str) -> Result<Self, ClaimsError> {
        Self::from_json_without(text, None)
    }

    /// The claims in `text` except the one called `left_out`, which may even occur several times.
    pub(crate) fn from_json_without(
        text: &str,
        left_out: Option<&str>,
    ) -> Result<Self, ClaimsError> {
        Self::check_limits(text)?;
        let mut reason = None;
        let mut json = serde_json::Deserializer::from_str(Self::without_mark(text));
        let claims = Collect { left_out, reason: &mut reason }
            .deserialize(&mut json)
            .and_then(|claims| json.end().map(|()| claims));
        claims.map_err(|_| reason.unwrap_or(ClaimsError::Json))
    }

    /// What can be refused before anything is parsed.
    pub(crate) fn check_limits(text: &str) -> Result<(), ClaimsError> {
        if text.len() > MAX_JSON_BYTES {
            return Err(ClaimsError::TooLarge);
        }
        if !Self::without_mark(text).trim_ascii_start().starts_with('{') {
            return Err(ClaimsError::NotAnObject);
        }
        Ok(())
    }

    /// `text` without a byte order mark.
    pub(crate) fn without_mark(text: &str) -> &str {
        text.strip_prefix(MARK).unwrap_or(text)
    }
}

/// Why a set of claims was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// Well-formed or not, this is not one JSON object.
    #[error("the claims are not a JSON object")]
    NotAnObject,
    /// The JSON is malformed, or holds a value that cannot be represented.
    #[error("the claims are not valid JSON")]
    Json,
    /// A name occurs twice; this one, at most 64 characters of it.
    #[error("the claim {0:?} occurs more than once")]
    Duplicate(Box<str>),
    /// More than 256 KiB.
    #[error("the claims are larger than 256 KiB")]
    TooLarge,
    /// More than 1,000 names.
    #[error("there are more than 1000 claims")]
    TooMany,
}

impl ClaimsError {
    /// A stable reason code, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "claims_not_an_object",
            Self::Json => "claims_malformed",
            Self::Duplicate(_) => "claims_duplicate",
            Self::TooLarge => "claims_too_large",
            Self::TooMany => "claims_too_many",
        }
    }

    pub(super) fn duplicate(name: &str) -> Self {
        Self::Duplicate(name.chars().take(64).collect::<String>().into())
    }
}

/// Bytes of JSON text.
pub(super) const MAX_JSON_BYTES: usize = 256 * 1024;

/// Top-level names.
pub(super) const MAX_NAMES: usize = 1000;
