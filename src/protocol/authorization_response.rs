//! The authorization response: what the browser brings back to the redirect URI (OIDC Core 3.1.2.5, RFC 6749 4.1.2).
//!
//! Parsing, then (once the login attempt has been found by `state`) validation, in this order:
//!
//! | # | check | source |
//! |---|---|---|
//! | 1 | the query and each known parameter are not too long | – |
//! | 2 | no known parameter occurs twice | RFC 6749 3.1 |
//! | 3 | `state` is there | OIDC Core 3.1.2.5 |
//! | 4 | `iss`, where sent, is the issuer, byte for byte; it must be sent if the metadata says so; error responses too | RFC 9207 2.4 |
//! | 5 | not both `code` and `error` | RFC 6749 4.1.2 |
//! | 6 | an `error` is the outcome | OIDC Core 3.1.2.6 |
//! | 7 | `code` is there and not empty | RFC 6749 4.1.2 |
//!
//! An empty parameter counts as absent (RFC 6749 section 3.1), but still as an occurrence. Unknown ones are ignored.

use std::fmt;

use secrecy::SecretString;
use url::form_urlencoded;

use super::token_response::printable;

/// A parsed, not yet validated authorization response.
#[derive(Debug)]
pub(crate) struct AuthorizationResponse {
    code: Option<SecretString>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<ProviderErrorResponse>,
}

/// The authorization code of a validated response.
#[derive(Debug)]
pub(crate) struct AuthorizationCode(pub(crate) SecretString);

impl AuthorizationResponse {
    /// Reads `query` (without the question mark): checks 1 and 2.
    pub(crate) fn parse(query: &str) -> Result<Self, AuthorizationResponseError> {
        if query.len() > MAX_QUERY {
            return Err(AuthorizationResponseError::TooLong);
        }
        let mut values: [Option<String>; KNOWN.len()] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(index) = KNOWN.iter().position(|(known, _)| *known == name) else {
                continue;
            };
            let ((known, limit), slot) = (KNOWN[index], &mut values[index]);
            if slot.is_some() {
                return Err(AuthorizationResponseError::Duplicate(known));
            }
            if value.len() > limit {
                return Err(AuthorizationResponseError::TooLong);
            }
            *slot = Some(value.into_owned());
        }
        let [code, state, iss, error, description, uri] =
            values.map(|value| value.filter(|value| !value.is_empty()));
        let error = error.map(|error| ProviderErrorResponse::new(&error, description, uri));
        Ok(Self { code: code.map(SecretString::from), state, iss, error })
    }

    /// The `state`, by which the login attempt is found. It is the browser's word until it has been compared.
    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The authorization code, after checks 3 to 7.
    ///
    /// `iss_required` is the metadata's `authorization_response_iss_parameter_supported`.
    pub(crate) fn validate(
        self,
        expected_issuer: &str,
        iss_required: bool,
    ) -> Result<AuthorizationCode, AuthorizationResponseError> {
        use AuthorizationResponseError as Error;
        if self.state.is_none() {
            return Err(Error::MissingState);
        }
        match self.iss {
            Some(iss) if iss != expected_issuer => return Err(Error::IssuerMismatch),
            None if iss_required => return Err(Error::IssuerMissing),
            Some(_) | None => {}
        }
        match (self.code, self.error) {
            (Some(_), Some(_)) => Err(Error::CodeAndError),
            (None, Some(error)) => Err(Error::Provider(error)),
            (None, None) => Err(Error::MissingCode),
            (Some(code), None) => Ok(AuthorizationCode(code)),
        }
    }
}

/// The error the OpenID Provider answered the authorization request with (OIDC Core 3.1.2.6).
///
/// It came through the browser: anyone can write such a response, so its texts are a stranger's words wherever they
/// are shown.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderErrorResponse {
    /// The error code, such as `access_denied` or `login_required`; only printable ASCII, at most 100 characters.
    pub error: String,
    /// A text for the developer, without control characters, at most 1000 bytes. It may name a person.
    pub description: Option<String>,
    /// A page about the error; an `http` or `https` URL.
    pub uri: Option<String>,
}

impl ProviderErrorResponse {
    fn new(error: &str, description: Option<String>, uri: Option<String>) -> Self {
        let is_web = |uri: &String| {
            url::Url::parse(uri).is_ok_and(|uri| matches!(uri.scheme(), "https" | "http"))
        };
        Self {
            error: printable(error, 100, char::is_ascii),
            description: description.map(|text| printable(&text, 1000, |_| true)),
            uri: uri.filter(is_web),
        }
    }
}

/// The code alone: the description may name a person.
impl fmt::Debug for ProviderErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderErrorResponse").field("error", &self.error).finish_non_exhaustive()
    }
}

/// Why an authorization response was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationResponseError {
    /// The query, or a parameter in it, is longer than any provider's.
    #[error("the authorization response is too long")]
    TooLong,
    /// A parameter occurs twice; this one.
    #[error("the authorization response has the parameter {0} more than once")]
    Duplicate(&'static str),
    /// There is no `state`: not an answer to a request of ours.
    #[error("the authorization response has no state")]
    MissingState,
    /// Another provider answered (mix-up, RFC 9207).
    #[error("the authorization response comes from another issuer")]
    IssuerMismatch,
    /// The metadata promises an `iss` and there is none (RFC 9207).
    #[error(
        "the authorization response does not name its issuer, which the provider's metadata promises"
    )]
    IssuerMissing,
    /// There are a `code` and an `error`.
    #[error("the authorization response has both a code and an error")]
    CodeAndError,
    /// There is neither a `code` nor an `error`.
    #[error("the authorization response has no code")]
    MissingCode,
    /// The provider refused.
    #[error("the provider answered the authorization request with the error {:?}", .0.error)]
    Provider(ProviderErrorResponse),
}

impl AuthorizationResponseError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "authorization_response_too_long",
            Self::Duplicate(_) => "authorization_response_duplicate_parameter",
            Self::MissingState => "authorization_response_state_missing",
            Self::IssuerMismatch => "authorization_response_issuer_mismatch",
            Self::IssuerMissing => "authorization_response_issuer_missing",
            Self::CodeAndError => "authorization_response_code_and_error",
            Self::MissingCode => "authorization_response_code_missing",
            Self::Provider(_) => "authorization_response_error",
        }
    }
}

/// Bytes of the whole query: half of what common servers accept in a request line.
const MAX_QUERY: usize = 32 * 1024;

/// The parameters and the most bytes (decoded) each may have. Codes of some providers are encrypted state of 2 KB.
const KNOWN: [(&str, usize); 6] = [
    ("code", 16 * 1024),
    ("state", 8 * 1024),
    ("iss", 2048),
    ("error", 1024),
    ("error_description", 8 * 1024),
    ("error_uri", 2048),
];

#[cfg(test)]
mod tests;
