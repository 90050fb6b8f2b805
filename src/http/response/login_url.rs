//! Where to sign in again, for an answer that a handler made of an error: only the layer knows it.
//!
//! An error of the tokens leaves its JSON beside the response. If the response comes to the layer as it was made, the layer
//! adds `login_url`, which every other 401 has.

use axum_core::body::Body;
use axum_core::response::Response;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Value, json};

use super::answer::JSON;
use crate::config::settings::Config;

/// The JSON of a 401 that lacks the login's URL; in the extensions of its response.
#[derive(Clone)]
pub(super) struct LacksLoginUrl(pub(super) Value);

/// Adds the URL where it is lacking.
pub(crate) fn complete(config: &Config, response: &mut Response) {
    if response.status() != StatusCode::UNAUTHORIZED {
        return;
    }
    let Some(LacksLoginUrl(mut body)) = response.extensions_mut().remove() else { return };
    let headers = response.headers_mut();
    // Something between handler and layer has made another body of it.
    if headers.contains_key(CONTENT_ENCODING) || headers.get(CONTENT_TYPE) != Some(&JSON) {
        return;
    }
    headers.remove(CONTENT_LENGTH);
    body["login_url"] = json!(config.login_url());
    *response.body_mut() = Body::from(body.to_string());
}
