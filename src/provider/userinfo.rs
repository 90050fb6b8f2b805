//! UserInfo (OIDC Core section 5.3).
//!
//! 1. A GET with the access token as a bearer token (5.3.1). It may be sent once more: it changes nothing.
//! 2. Only JSON is understood, declared as `document` says. A signed or encrypted response (`application/jwt`) is an error: it must be registered for,
//!    and TLS vouches for the plain one.
//! 3. `sub` is there and is that of the ID Token, or nothing of it is used (5.3.2).

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::discovery::DiscoveryError;
use super::document;
use super::http_client::{self, HttpClient, HttpError};
use super::token_endpoint::retry_after;
use crate::protocol::claims::{Claims, ClaimsError};

/// The claims at `endpoint` about `subject`.
pub(super) async fn fetch(
    http: &dyn HttpClient,
    endpoint: &Url,
    access_token: &SecretString,
    subject: &str,
) -> Result<Claims, UserInfoError> {
    let bearer = format!("Bearer {}", access_token.expose_secret());
    let invalid = |error| UserInfoError::Http(HttpError::invalid(error));
    let mut bearer = HeaderValue::try_from(bearer).map_err(invalid)?;
    bearer.set_sensitive(true);
    let request = http_client::request(Method::GET, endpoint).header(AUTHORIZATION, bearer);
    let response = http_client::get(http, request).await.map_err(UserInfoError::Http)?;
    read(&response, subject)
}

fn read(response: &Response<Vec<u8>>, subject: &str) -> Result<Claims, UserInfoError> {
    match response.status() {
        StatusCode::OK => {}
        status if status.is_redirection() => return Err(UserInfoError::Redirect),
        status => {
            let (status, retry_after) = (status.as_u16(), retry_after(response.headers()));
            return Err(UserInfoError::Status { status, retry_after });
        }
    }
    if !document::may_be_json(response.headers()) {
        let kind = document::media_type(response.headers());
        let is_signed = kind.is_some_and(|kind| kind == "application/jwt");
        return Err(if is_signed { UserInfoError::Signed } else { UserInfoError::MediaType });
    }
    let text = std::str::from_utf8(response.body()).map_err(|_| ClaimsError::Json);
    let claims = text.and_then(Claims::from_json).map_err(UserInfoError::Claims)?;
    match claims.get_str("sub") {
        Some(sub) if sub == subject => Ok(claims),
        Some(_) => Err(UserInfoError::SubjectMismatch),
        None => Err(UserInfoError::SubjectMissing),
    }
}

/// Why UserInfo gave no claims.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UserInfoError {
    /// Where it is is unknown: the metadata cannot be had.
    #[error("where the UserInfo endpoint is is unknown: there is no metadata")]
    Discovery(#[source] DiscoveryError),
    /// There was no response.
    #[error("the UserInfo endpoint could not be asked")]
    Http(#[source] HttpError),
    /// It answered with a redirect, which is not followed.
    #[error("the UserInfo endpoint answered with a redirect, which is not followed")]
    Redirect,
    /// The status of its answer is not 200; 401 says that the access token is not (or no longer) good for it.
    #[error("the UserInfo endpoint answered with the status {status}")]
    Status {
        /// The status.
        status: u16,
        /// How long it asks to be left alone; at most an hour.
        retry_after: Option<Duration>,
    },
    /// A signed or encrypted response, which is not supported.
    #[error(
        "the UserInfo endpoint answered with a JWT: signed and encrypted responses are not supported"
    )]
    Signed,
    /// Something other than JSON.
    #[error("the UserInfo endpoint answered with something other than JSON")]
    MediaType,
    /// The claims are malformed.
    #[error("the UserInfo claims are malformed")]
    Claims(#[source] ClaimsError),
    /// There is no `sub`, or it is not a string.
    #[error("the UserInfo claims have no sub")]
    SubjectMissing,
    /// They are about somebody other than the ID Token (OIDC Core 5.3.2).
    #[error("the UserInfo claims are about another subject than the ID Token")]
    SubjectMismatch,
}

impl UserInfoError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Http(error) => error.code(),
            Self::Redirect => "userinfo_redirect",
            Self::Status { .. } => "userinfo_status",
            Self::Signed => "userinfo_signed",
            Self::MediaType => "userinfo_media_type",
            Self::Claims(_) => "userinfo_claims_malformed",
            Self::SubjectMissing => "userinfo_subject_missing",
            Self::SubjectMismatch => "userinfo_subject_mismatch",
        }
    }
}
