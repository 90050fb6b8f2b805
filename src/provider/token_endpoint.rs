//! The token endpoint: one request, and what its answer means (RFC 6749 sections 4.1.3, 5 and 6).
//!
//! | answer | outcome |
//! |---|---|
//! | 200 with a token response | the tokens |
//! | 4xx (or 200) with an OAuth error | `Rejected` |
//! | no connection | `Unavailable`, certainly not processed |
//! | 429 | `Unavailable` with `Retry-After`, not processed |
//! | 504 | `Unavailable`; what is behind the gateway may have processed it |
//! | other 5xx, 408 | `Unavailable`; who knows |
//! | timeout, or the connection broke | `ReplyLost`: it may have been processed |
//! | anything else | `Malformed` |
//!
//! Nothing is sent twice here: a code is for one use, and a refresh token often is.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, Response, StatusCode};

use super::discovery::DiscoveryError;
use super::document;
use super::http_client::{HttpClient, HttpError};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::token_response::{TokenResponse, TokenResponseError};

/// Sends `request` once, and judges the answer.
pub(super) async fn send(
    http: &dyn HttpClient,
    request: Request<Vec<u8>>,
) -> Result<TokenResponse, TokenEndpointError> {
    let response = exchange(http, request).await?;
    match TokenResponse::parse(response.body()) {
        Ok(tokens) => Ok(tokens),
        // GitHub and others answer errors with 200.
        Err(error) => Err(OAuthError::parse(response.body()).map_or_else(
            || malformed(&response, MalformedResponse::TokenResponse(error)),
            TokenEndpointError::Rejected,
        )),
    }
}

/// Sends `request` once; only a 200 is a response. (The revocation endpoint answers alike, RFC 7009 section 2.2.)
pub(super) async fn exchange(
    http: &dyn HttpClient,
    request: Request<Vec<u8>>,
) -> Result<Response<Vec<u8>>, TokenEndpointError> {
    let response = http.send(request).await.map_err(TokenEndpointError::from)?;
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(response);
    }
    if status.is_server_error() || PASSING.contains(&status) {
        let (status, retry_after) = (Some(status.as_u16()), retry_after(response.headers()));
        return Err(TokenEndpointError::Unavailable { status, retry_after, cause: None });
    }
    if status.is_redirection() {
        return Err(TokenEndpointError::Malformed(MalformedResponse::Redirect));
    }
    let rejection = status.is_client_error().then(|| OAuthError::parse(response.body())).flatten();
    Err(rejection.map_or_else(
        || malformed(&response, MalformedResponse::Status(status.as_u16())),
        TokenEndpointError::Rejected,
    ))
}

fn malformed(response: &Response<Vec<u8>>, otherwise: MalformedResponse) -> TokenEndpointError {
    let html = document::media_type(response.headers()).is_some_and(|kind| kind == "text/html");
    TokenEndpointError::Malformed(if html { MalformedResponse::Html } else { otherwise })
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3), at most [`MAX_RETRY_AFTER`]; a date is not read.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

/// Why the token endpoint gave no tokens.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenEndpointError {
    /// Where it is is unknown: the metadata cannot be had. Nothing has been sent.
    #[error("where the token endpoint is is unknown: there is no metadata")]
    Discovery(#[source] DiscoveryError),
    /// It refused.
    #[error("the token endpoint answered with the error {:?}", .0.error)]
    Rejected(#[source] OAuthError),
    /// It is down, overloaded or cannot be reached.
    #[error("the token endpoint is unavailable{}", .status.map(|status| format!(" (status {status})")).unwrap_or_default())]
    Unavailable {
        /// The status of its answer; `None` if there was no connection.
        status: Option<u16>,
        /// How long it asks to be left alone; at most an hour.
        retry_after: Option<Duration>,
        /// What kept us from connecting.
        #[source]
        cause: Option<HttpError>,
    },
    /// The request was sent, and no complete answer came back.
    #[error("the token endpoint's reply was lost")]
    ReplyLost(#[source] HttpError),
    /// Its answer is not that of a token endpoint.
    #[error("the token endpoint's answer could not be used")]
    Malformed(#[source] MalformedResponse),
}

impl TokenEndpointError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Rejected(_) => "token_endpoint_rejected",
            Self::Unavailable { .. } => "token_endpoint_unavailable",
            Self::ReplyLost(_) => "token_endpoint_reply_lost",
            Self::Malformed(error) => error.code(),
        }
    }

    /// What the provider said when it refused.
    pub fn refusal(&self) -> Option<&OAuthError> {
        match self {
            Self::Rejected(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The same, without the `secrets` that a provider may have repeated in its refusal.
    #[must_use]
    pub(super) fn without<'a>(self, secrets: impl Iterator<Item = &'a str>) -> Self {
        match self {
            Self::Rejected(refusal) => Self::Rejected(refusal.without(secrets)),
            other => other,
        }
    }

    /// Whether the code or refresh token was refused for good (RFC 6749 section 5.2).
    pub(crate) fn is_invalid_grant(&self) -> bool {
        matches!(self, Self::Rejected(answer) if answer.is_invalid_grant())
    }

    /// Whether another code may lead to tokens: this one was refused, or the connection broke and it may be spent.
    pub(crate) fn is_retried_with_another_code(&self) -> bool {
        self.is_invalid_grant() || matches!(self, Self::ReplyLost(HttpError::Interrupted(_)))
    }

    /// Whether a code or refresh token that was sent may have been spent, although no tokens came back.
    ///
    /// False where the request was certainly not sent, or was answered with a refusal or a 429.
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Discovery(_) | Self::Rejected(_) => false,
            Self::Unavailable { status, .. } => status.is_some_and(|status| status != 429),
            Self::ReplyLost(_) | Self::Malformed(_) => true,
        }
    }

    /// Whether the request was handed on and its answer did not come back: the connection broke, or a gateway waited in vain.
    pub(crate) fn is_reply_lost(&self) -> bool {
        let gateway_timeout = Some(StatusCode::GATEWAY_TIMEOUT.as_u16());
        match self {
            Self::ReplyLost(_) => true,
            Self::Unavailable { status, .. } => *status == gateway_timeout,
            _ => false,
        }
    }

    /// Whether it gave no answer of its own: there was no connection, it broke or took too long, or a 5xx came.
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::ReplyLost(_) => true,
            Self::Unavailable { status, .. } => status.is_none_or(|status| status >= 500),
            Self::Discovery(_) | Self::Rejected(_) | Self::Malformed(_) => false,
        }
    }

    /// How long to wait before trying again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Discovery(error) => Some(error.retry_after()),
            Self::Unavailable { retry_after, .. } => *retry_after,
            Self::Rejected(_) | Self::ReplyLost(_) | Self::Malformed(_) => None,
        }
    }
}

impl From<HttpError> for TokenEndpointError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::TooLarge => Self::Malformed(MalformedResponse::TooLarge),
            error if error.may_have_been_processed() => Self::ReplyLost(error),
            error => Self::Unavailable { status: None, retry_after: None, cause: Some(error) },
        }
    }
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedResponse {
    /// An HTML page: of a proxy, a login page, an error page.
    #[error("it is an HTML page")]
    Html,
    /// A redirect; it is not followed.
    #[error("it is a redirect, which is not followed")]
    Redirect,
    /// Neither success nor an OAuth error; this status.
    #[error("it has the status {0} and holds no OAuth error")]
    Status(u16),
    /// Larger than the limit.
    #[error("it is larger than the limit")]
    TooLarge,
    /// The token response is wrong.
    #[error(transparent)]
    TokenResponse(TokenResponseError),
}

impl MalformedResponse {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Html => "token_response_html",
            Self::Redirect => "token_response_redirect",
            Self::Status(_) => "token_response_status",
            Self::TooLarge => "token_response_too_large",
            Self::TokenResponse(error) => error.code(),
        }
    }
}

/// Besides 5xx: try again later.
const PASSING: [StatusCode; 2] = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);
