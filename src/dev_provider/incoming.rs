//! A request as the endpoints see it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::record::RecordedRequest;

/// Headers and parameters: those of the query for GET, those of the form for POST.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) headers: HeaderMap,
    pub(crate) parameters: Vec<(String, String)>,
    /// Whether the body is declared as a form.
    pub(crate) is_form: bool,
}

impl<S: Send + Sync> FromRequest<S> for Incoming {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = content_type.is_some_and(|value| value.starts_with(FORM));
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let headers = parts.headers.clone();
        let is_post = parts.method == Method::POST;
        let body = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let body = body.map_err(|rejection| rejection.into_response())?;
        let encoded: &[u8] = if is_post { &body } else { query.as_bytes() };
        let parameters = form_urlencoded::parse(encoded).into_owned().collect();
        Ok(Self { headers, parameters, is_form })
    }
}

impl Incoming {
    /// The parameter's value; `Err` if it is there more than once (RFC 6749 section 3.1). An empty value counts as
    /// none.
    pub(crate) fn parameter(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.parameters.iter().filter(|(key, _)| key == name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Repeated),
            None => Ok(first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())),
        }
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())
    }

    /// The value of a cookie (RFC 6265 section 4.2.1).
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let headers = self.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
    }

    pub(crate) fn recorded(&self) -> RecordedRequest {
        RecordedRequest {
            parameters: self.parameters.clone(),
            authorization: self.authorization().map(str::to_owned),
        }
    }
}

/// A parameter is there more than once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated;

const FORM: &str = "application/x-www-form-urlencoded";
