//! POST back-channel logout: the provider ends sessions (Back-Channel Logout 1.0 sections 2.5 and 2.8).
//!
//! | request | answer |
//! |---|---|
//! | a form with one `logout_token` that is in order | 200, empty; also if its sessions had ended already |
//! | anything else that is posted, and any failure of ours | 400, JSON with `error` and `error_description` |
//! | another method | 405 |
//!
//! 1. The body is a form: `application/x-www-form-urlencoded`, with or without parameters.
//! 2. It has at most 64 KiB. One that says it has more is not read at all, one that turns out to have more no further.
//! 3. `logout_token` occurs once. Other parameters are ignored.
//!
//! The provider is no browser: cookies count for nothing here, and neither does where the request comes from
//! (`Origin`, `Sec-Fetch-Site`). The signature of the token is what counts.

use std::sync::Arc;

use axum::extract::State;
use axum_core::body::Body;
use axum_core::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use crate::flow::backchannel_logout;
use crate::flow::backchannel_logout_error::BackchannelLogoutError;
use crate::flow::relying_party::RelyingParty;
use crate::http::facts;
use crate::http::response::answer;

pub(crate) async fn backchannel_logout(
    State(rp): State<Arc<RelyingParty>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let outcome = match logout_token(&headers, body).await {
        Ok(raw) => backchannel_logout::run(&rp, raw).await,
        Err(error) => {
            backchannel_logout::tell_refused(&rp, &error);
            Err(error)
        }
    };
    match outcome {
        Ok(()) => (StatusCode::OK, [(CACHE_CONTROL, NO_STORE)]).into_response(),
        Err(error) => refused(error),
    }
}

async fn logout_token(headers: &HeaderMap, body: Body) -> Result<String, BackchannelLogoutError> {
    if !is_form(headers) {
        return Err(BackchannelLogoutError::MediaType);
    }
    let announced = facts::text(headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if announced.is_some_and(|length: u64| length > LARGEST_BODY as u64) {
        return Err(BackchannelLogoutError::TooLarge);
    }
    let form = read(body).await?;
    let mut tokens = url::form_urlencoded::parse(&form).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (_, Some(_)) => Err(BackchannelLogoutError::DuplicateToken),
        // RFC 6749 section 3.1: without a value it counts as left out.
        (Some((_, token)), None) if !token.is_empty() => Ok(token.into_owned()),
        _ => Err(BackchannelLogoutError::MissingToken),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_owned();
    facts::text(headers, &CONTENT_TYPE)
        .is_some_and(|value| essence(value).eq_ignore_ascii_case(FORM))
}

async fn read(body: Body) -> Result<Vec<u8>, BackchannelLogoutError> {
    let mut chunks = body.into_data_stream();
    let mut form = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| BackchannelLogoutError::Unreadable)?;
        if form.len() + chunk.len() > LARGEST_BODY {
            return Err(BackchannelLogoutError::TooLarge);
        }
        form.extend_from_slice(&chunk);
    }
    Ok(form)
}

/// `error` is always the same: it helps whoever debugs the provider, and nothing depends on it. The codes are in the log.
fn refused(error: BackchannelLogoutError) -> Response {
    let body = json!({"error": "invalid_request", "error_description": describe(&error)});
    let mut response = answer::json_response(StatusCode::BAD_REQUEST, &body);
    response.extensions_mut().insert(Arc::new(error));
    response
}

/// What went wrong, for whoever debugs the provider. Fixed texts: nothing of the request is repeated.
fn describe(error: &BackchannelLogoutError) -> String {
    match error {
        BackchannelLogoutError::Token(error) => error.to_string(),
        BackchannelLogoutError::KeysUnavailable(_)
        | BackchannelLogoutError::Store(_)
        | BackchannelLogoutError::Interrupted => {
            "the logout could not be carried out now, please send it again".to_owned()
        }
        other => other.to_string(),
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
/// Bytes: room for any logout token, which has a dozen claims.
const LARGEST_BODY: usize = 64 * 1024;
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
