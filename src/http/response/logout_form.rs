//! The page that passes a long logout on to the provider: a form that sends itself, and a button where scripts do not run.
//!
//! It is the crate's own whatever `error_page` says: it is seen for a moment, and must post what it holds. It holds an ID Token:
//! no cache keeps it, nothing else is loaded, no other script runs, and no frame shows it. Its `Origin` is ours, not `null`,
//! which some providers refuse.

use axum_core::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use ring::digest;

use super::{answer, html};
use crate::flow::logout::LogoutForm;

/// 200: signed out here; the provider is next.
pub(crate) fn page(form: &LogoutForm) -> Response {
    let title = "Signing out";
    let text =
        "You are signed out of this application. Continue to sign out of the sign-in service, too.";
    let page = answer::new_page(200, "continue_logout", title, &[text], Vec::new());
    let fields = form.fields.iter().map(|(name, value)| (*name, value.as_str()));
    let html = html::render_form(&page, form.action.as_str(), fields, SUBMIT);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    let mut response = (StatusCode::OK, headers, html).into_response();
    if let Ok(policy) = HeaderValue::try_from(content_security_policy()) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Not `form-action`: it would hold for where the provider redirects to, as well.
fn content_security_policy() -> String {
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, SUBMIT.as_bytes()));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

const SUBMIT: &str = "document.forms[0].submit()";
