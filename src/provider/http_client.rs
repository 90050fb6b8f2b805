//! The HTTP client as a port, and the one implementation that talks to a network.
//!
//! 1. Redirects are not followed: an endpoint is where the metadata says it is, and a redirected POST would carry a code
//!    or a token to another place.
//! 2. A response is at most as large as the settings say; the declared length is checked first, then what really comes.
//! 3. Connecting and the whole exchange have a time limit each.
//! 4. An error says whether the request may have been processed: a refresh token that was possibly used must not be
//!    sent again lightly.
//! 5. No content coding is accepted, and each request says so: an answer that cannot be read may hold a rotated refresh token.
//! 6. Loopback addresses are reached directly, whatever proxy the environment names.

use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::{Method, Request, Response};
use url::Url;

use crate::config::loopback::is_loopback;

/// What sends requests to the OpenID Provider.
///
/// The one of every application is made by [`HttpClientSettings`](crate::HttpClientSettings). Another can be put in its place with the
/// feature `test-util`.
#[cfg_attr(
    not(feature = "test-util"),
    expect(unreachable_pub, reason = "another can be put in its place with the feature alone")
)]
pub trait HttpClient: Debug + Send + Sync + 'static {
    /// Sends `request` once, and reads the whole response. Whatever the status, a response is `Ok`.
    ///
    /// Redirects are not followed. Within the time limits there is a response or an [`HttpError`].
    fn send(&self, request: Request<Vec<u8>>) -> ResponseFuture<'_>;
}

/// A response on its way.
#[cfg_attr(
    not(feature = "test-util"),
    expect(unreachable_pub, reason = "another can be put in its place with the feature alone")
)]
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, HttpError>> + Send + 'a>>;

/// The beginning of a request to `url` that accepts JSON, and that as it is.
pub(crate) fn request(method: Method, url: &Url) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::ACCEPT_ENCODING, "identity")
}

/// Sends a GET; once more if the connection was refused or broke (a pooled connection that the server has just closed
/// looks so).
pub(crate) async fn get(
    http: &dyn HttpClient,
    request: http::request::Builder,
) -> Result<Response<Vec<u8>>, HttpError> {
    let request = request.body(Vec::new()).map_err(HttpError::invalid)?;
    match http.send(request.clone()).await {
        Err(HttpError::Connect(_) | HttpError::Interrupted(_)) => http.send(request).await,
        result => result,
    }
}

/// Why there is no response.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// No connection (name resolution, TCP, TLS, proxy): the request has certainly not been sent.
    #[error("no connection to the provider")]
    Connect(#[source] Cause),
    /// The time limit passed; the request may have been processed.
    #[error("the provider did not answer in time")]
    Timeout,
    /// The connection broke; the request may have been processed.
    #[error("the connection to the provider broke")]
    Interrupted(#[source] Cause),
    /// The response is larger than the limit; the request has been processed.
    #[error("the provider's response is larger than the limit")]
    TooLarge,
    /// There is no such request: the URL has characters that HTTP cannot carry.
    #[error("the request cannot be expressed in HTTP")]
    InvalidRequest(#[source] Cause),
}

/// The underlying error.
pub(crate) type Cause = Arc<dyn Error + Send + Sync>;

impl HttpError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Connect(_) => "http_connect_failed",
            Self::Timeout => "http_timeout",
            Self::Interrupted(_) => "http_interrupted",
            Self::TooLarge => "http_response_too_large",
            Self::InvalidRequest(_) => "http_request_invalid",
        }
    }

    /// Whether the provider may have processed the request.
    pub fn may_have_been_processed(&self) -> bool {
        !matches!(self, Self::Connect(_) | Self::InvalidRequest(_))
    }

    pub(crate) fn invalid(error: impl Error + Send + Sync + 'static) -> Self {
        Self::InvalidRequest(Arc::new(error))
    }

    /// The URL is left out: it is the caller's to tell.
    fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            Self::Connect(Arc::new(error))
        } else if error.is_timeout() {
            Self::Timeout
        } else if error.is_builder() {
            Self::InvalidRequest(Arc::new(error))
        } else {
            Self::Interrupted(Arc::new(error))
        }
    }
}

/// The client over `reqwest`, as the settings made it.
#[derive(Debug)]
pub(crate) struct ReqwestClient {
    /// By a proxy, if one is set here or in the environment.
    pub(super) proxied: reqwest::Client,
    pub(super) direct: reqwest::Client,
    pub(super) max_response_size: usize,
}

impl HttpClient for ReqwestClient {
    fn send(&self, request: Request<Vec<u8>>) -> ResponseFuture<'_> {
        Box::pin(self.exchange(request))
    }
}

impl ReqwestClient {
    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(HttpError::from_reqwest)?;
        let client = if is_loopback(request.url()) { &self.direct } else { &self.proxied };
        let mut incoming = client.execute(request).await.map_err(HttpError::from_reqwest)?;
        let declared = incoming.content_length().unwrap_or(0);
        if usize::try_from(declared).map_or(true, |length| length > self.max_response_size) {
            return Err(HttpError::TooLarge);
        }
        let mut body = Vec::new();
        while let Some(chunk) = incoming.chunk().await.map_err(HttpError::from_reqwest)? {
            if chunk.len() > self.max_response_size - body.len() {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = incoming.status();
        *response.headers_mut() = std::mem::take(incoming.headers_mut());
        Ok(response)
    }
}

#[cfg(test)]
mod tests;
