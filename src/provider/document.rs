//! A JSON document of the provider: how one that it publishes is fetched, and what the headers say.
//!
//! Its content decides, not its label: `Content-Type` may be that of JSON (`application/json`, `text/json`, any type that ends in
//! `+json`), say nothing (`text/plain`, `application/octet-stream`, absent), in any case of letters. Anything else is another
//! document: a page of a proxy (HTML), a JWT. A byte order mark is skipped where the content is read.

use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, Method, Response, StatusCode};
use url::Url;

use super::http_client::{self, HttpClient, HttpError};

/// Fetches `url`; the response is a 200 that may be JSON by its `Content-Type`.
pub(super) async fn fetch(
    http: &dyn HttpClient,
    url: &Url,
) -> Result<Response<Vec<u8>>, DocumentError> {
    let request = http_client::request(Method::GET, url);
    let response = http_client::get(http, request).await.map_err(DocumentError::Http)?;
    let status = response.status();
    if status.is_redirection() {
        return Err(DocumentError::Redirect);
    }
    if status != StatusCode::OK {
        return Err(DocumentError::Status(status.as_u16()));
    }
    if may_be_json(response.headers()) { Ok(response) } else { Err(DocumentError::MediaType) }
}

/// Whether the body may be JSON by its `Content-Type`.
pub(super) fn may_be_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_none_or(|kind| {
        SAYS_NOTHING.contains(&kind.as_str())
            || matches!(kind.as_str(), "application/json" | "text/json")
            || kind.ends_with("+json")
    })
}

/// The media type without parameters, in lower case (RFC 9110 section 8.3.1).
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let essence = text.split_once(';').map_or(&*text, |(essence, _)| essence);
    Some(essence.trim().to_ascii_lowercase())
}

/// How long the response may be kept: `max-age` (RFC 9111 section 5.2.2), zero with `no-store` or `no-cache`.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut found = None;
    for value in headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok()) {
        for directive in value.split(',') {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "no-store" | "no-cache" => return Some(Duration::ZERO),
                "max-age" => found = argument.trim().trim_matches('"').parse().ok(),
                _ => {}
            }
        }
    }
    found.map(Duration::from_secs)
}

/// Why a document of the provider could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// There was no response.
    #[error("the document could not be fetched")]
    Http(#[source] HttpError),
    /// The provider answered with a redirect, which is not followed.
    #[error("the provider answered with a redirect, which is not followed")]
    Redirect,
    /// The status of the response is not 200.
    #[error("the provider answered with the status {0}")]
    Status(u16),
    /// The `Content-Type` is not that of JSON.
    #[error("the provider answered with something other than JSON")]
    MediaType,
    /// The body is not the JSON it should be.
    #[error("the document is malformed JSON, or not a JSON object")]
    Json,
}

impl DocumentError {
    /// Whether waiting cannot cure it: the URL is that of something else. A page instead of JSON may be one of a provider that
    /// is being serviced.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Http(error) => {
                matches!(error, HttpError::TooLarge | HttpError::InvalidRequest(_))
            }
            Self::Redirect => true,
            Self::Status(status) => *status < 500 && !COMES_AND_GOES.contains(status),
            Self::MediaType | Self::Json => false,
        }
    }

    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Http(error) => error.code(),
            Self::Redirect => "document_redirect",
            Self::Status(_) => "document_status",
            Self::MediaType => "document_media_type",
            Self::Json => "document_not_json",
        }
    }
}

/// Timeout, too early, too many requests.
const COMES_AND_GOES: [u16; 3] = [408, 425, 429];
/// What servers say that do not know.
const SAYS_NOTHING: [&str; 3] = ["", "text/plain", "application/octet-stream"];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn media_type_is_read_without_parameters_and_case() {
        for (value, expected) in [
            ("application/json", "application/json"),
            ("Application/JSON; charset=utf-8", "application/json"),
            (" application/json ;x", "application/json"),
            ("text/html", "text/html"),
            ("", ""),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(media_type(&headers).as_deref(), Some(expected), "{value}");
        }
        assert_eq!(media_type(&HeaderMap::new()), None);
    }

    #[test]
    fn max_age_is_read_from_any_cache_control() {
        for (values, expected) in [
            (&["max-age=60"][..], Some(60)),
            (&["public, Max-Age = \"60\", must-revalidate"], Some(60)),
            (&["public", "max-age=0"], Some(0)),
            (&["max-age=60, no-store"], Some(0)),
            (&["no-cache"], Some(0)),
            (&["public"], None),
            (&["max-age=-1"], None),
            (&["max-age=soon"], None),
            (&["s-maxage=60"], None),
            (&[], None),
        ] {
            let header = |value: &&'static str| (CACHE_CONTROL, HeaderValue::from_static(value));
            let headers =
                values.iter().map(header).fold(HeaderMap::new(), |mut map, (name, value)| {
                    map.append(name, value);
                    map
                });
            assert_eq!(max_age(&headers), expected.map(Duration::from_secs), "{values:?}");
        }
    }
}
