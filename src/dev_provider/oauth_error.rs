//! Errors as RFC 6749 (sections 4.1.2.1 and 5.2) and OpenID Connect Core 1.0 (section 3.1.2.6) name them.

use axum::http::StatusCode;
use axum::http::header::{HeaderValue, WWW_AUTHENTICATE};
use axum::response::Response;
use serde_json::json;

use super::incoming::Repeated;
use super::reply::{json, no_store};
use crate::random::RandomUnavailable;

/// An error code and a text for the developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
}

impl OAuthError {
    pub(crate) const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }

    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) const fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(crate) const fn invalid_client(description: &'static str) -> Self {
        Self::new("invalid_client", description)
    }

    pub(crate) fn into_response(self) -> Response {
        response(self.code, self.description)
    }
}

/// RFC 6749 section 5.2: 400, but 401 with a challenge for `invalid_client`.
pub(crate) fn response(code: &str, description: &str) -> Response {
    let status = match code {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": code, "error_description": description });
    let mut response = no_store(json(status, body.to_string()));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"development provider\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

impl From<RandomUnavailable> for OAuthError {
    fn from(_: RandomUnavailable) -> Self {
        Self::new("server_error", "there are no random bytes")
    }
}

impl From<ring::error::Unspecified> for OAuthError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::new("server_error", "the token can't be signed")
    }
}

impl From<Repeated> for OAuthError {
    fn from(_: Repeated) -> Self {
        Self::invalid_request("a parameter is there more than once")
    }
}
