//! The token endpoint's answers (RFC 6749 sections 5.1 and 5.2, OIDC Core 3.1.3.3), as they are in the wild.
//!
//! | member | taken as | refused |
//! |---|---|---|
//! | `access_token` | a non-empty string of printable ASCII characters (RFC 6749 appendix A.12) | otherwise |
//! | `token_type` | `bearer`, in any case | anything else, absence too |
//! | `expires_in` | seconds as a number or a numeric string; a fraction is dropped, negative is 0, at most [`MAX_EXPIRES_IN`]; anything else is absent: it is a hint, and a refresh token may be lost with the answer | never |
//! | `refresh_token`, `id_token` | a string, likewise (appendix A.17); null and empty are absent | otherwise |
//! | `scope` | a string without control characters, or an array of such (joined by a space); null is absent | otherwise |
//! | others | ignored | |
//!
//! A byte order mark before the object is skipped. No error holds any part of the body: it may be full of tokens.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::json;

/// A successful answer.
#[derive(Debug)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretString,
    /// How long the access token lives from now; `None` if the provider doesn't say.
    pub(crate) expires_in: Option<Duration>,
    pub(crate) refresh_token: Option<SecretString>,
    /// Not verified yet.
    pub(crate) id_token: Option<SecretString>,
    /// What was granted, where it is said; if not, what was asked for.
    pub(crate) scope: Option<String>,
}

impl TokenResponse {
    /// Reads the body of a 200 response.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, TokenResponseError> {
        let document: Document = object(body).ok_or(TokenResponseError::Json)?;
        match document.token_type {
            Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
            None | Some(Value::Null) => return Err(TokenResponseError::TokenTypeMissing),
            Some(_) => return Err(TokenResponseError::TokenType),
        }
        Ok(Self {
            access_token: token(document.access_token, "access_token")?
                .ok_or(TokenResponseError::AccessTokenMissing)?,
            expires_in: document.expires_in.and_then(expires_in),
            refresh_token: token(document.refresh_token, "refresh_token")?,
            id_token: token(document.id_token, "id_token")?,
            scope: document.scope.map_or(Ok(None), scope)?,
        })
    }
}

/// `Value`s are not printed anywhere: there is no `Debug`.
#[derive(Deserialize)]
struct Document {
    access_token: Option<Value>,
    token_type: Option<Value>,
    expires_in: Option<Value>,
    refresh_token: Option<Value>,
    id_token: Option<Value>,
    scope: Option<Value>,
}

/// A JSON object; serde would take an array, too. What is wrong with it is not told: serde's errors quote the text.
pub(super) fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let body = json::without_mark(body).trim_ascii_start();
    body.starts_with(b"{").then(|| serde_json::from_slice(body).ok())?
}

fn token(
    value: Option<Value>,
    name: &'static str,
) -> Result<Option<SecretString>, TokenResponseError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) if token.is_empty() => Ok(None),
        Some(Value::String(token)) if !token.bytes().all(is_visible) => {
            Err(TokenResponseError::Syntax(name))
        }
        Some(Value::String(token)) => Ok(Some(SecretString::from(token))),
        Some(_) => Err(TokenResponseError::Member(name)),
    }
}

/// `VSCHAR` of RFC 6749 appendix A: what an `Authorization` header can carry.
fn is_visible(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

fn expires_in(value: Value) -> Option<Duration> {
    let seconds: f64 = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }?;
    let seconds = seconds.is_finite().then_some(seconds)?;
    let seconds = seconds.floor().clamp(0.0, MAX_EXPIRES_IN.as_secs_f64());
    Some(Duration::from_secs_f64(seconds))
}

fn scope(value: Value) -> Result<Option<String>, TokenResponseError> {
    let scope = match value {
        Value::Null => return Ok(None),
        Value::String(scope) => Some(scope),
        Value::Array(scopes) => {
            let scopes: Option<Vec<&str>> = scopes.iter().map(Value::as_str).collect();
            scopes.map(|scopes| scopes.join(" "))
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    };
    match scope.ok_or(TokenResponseError::Member("scope"))? {
        scope if scope.contains(char::is_control) => Err(TokenResponseError::Syntax("scope")),
        scope => Ok(Some(scope)),
    }
}

/// Why a successful answer of the token endpoint could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenResponseError {
    /// Not a JSON object, or a member of ours twice.
    #[error("the token response is not a JSON object")]
    Json,
    /// There is no access token.
    #[error("the token response has no access token")]
    AccessTokenMissing,
    /// There is no `token_type`.
    #[error("the token response has no token_type")]
    TokenTypeMissing,
    /// The tokens are not bearer tokens.
    #[error("the token response has a token_type other than Bearer")]
    TokenType,
    /// This member has a value of the wrong kind.
    #[error("the token response's {0} has a value of the wrong kind")]
    Member(&'static str),
    /// This member has characters that it may not have (RFC 6749 appendix A).
    #[error("the token response's {0} has characters that RFC 6749 appendix A rules out")]
    Syntax(&'static str),
}

impl TokenResponseError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json => "token_response_not_json",
            Self::AccessTokenMissing => "token_response_access_token_missing",
            Self::TokenTypeMissing => "token_response_token_type_missing",
            Self::TokenType => "token_response_token_type_unsupported",
            Self::Member(_) => "token_response_member_malformed",
            Self::Syntax(_) => "token_response_member_syntax",
        }
    }
}

/// Whether a character is not seen and may change how the rest is read: control characters, and those of direction or width.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `text` without hidden characters and what `keep` leaves out, cut to `limit` bytes.
pub(crate) fn printable(text: &str, limit: usize, keep: impl Fn(&char) -> bool) -> String {
    let mut clean = String::new();
    for char in text.chars().filter(|char| !is_hidden(*char)).filter(keep) {
        if clean.len() + char.len_utf8() > limit {
            break;
        }
        clean.push(char);
    }
    clean
}

/// The longest life of an access token that is believed: a year. A longer one is taken for a year.
pub(crate) const MAX_EXPIRES_IN: Duration = Duration::from_secs(366 * 86_400);

#[cfg(test)]
mod tests;
