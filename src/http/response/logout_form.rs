//! The page that passes a long logout on to the provider: a form that sends itself, and a button where scripts do not run.
//!
//! It is the crate's own whatever `error_page` says: it is seen for a moment, and must post what it holds. Where the store has
//! failed, the page that says so has the button alone. It holds an ID Token:
//! no cache keeps it, nothing else is loaded, no other script runs, and no frame shows it. Its `Origin` is ours, not `null`,
//! which some providers refuse.

use axum_core::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use ring::digest;

use super::{answer, html};
use crate::config::page::Page;
use crate::flow::logout::LogoutForm;

/// 200: signed out here; the provider is next.
pub(crate) fn page(form: &LogoutForm) -> Response {
    let title = "Signing out";
    let text =
        "You are signed out of this application. Continue to sign out of the sign-in service, too.";
    let page = answer::new_page(200, "continue_logout", title, &[text], Vec::new());
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, SUBMIT.as_bytes()));
    with_form(&page, form, ("Continue", Some(SUBMIT)), &format!("script-src 'sha256-{hash}'; "))
}

/// What the page says comes first: the user decides whether to go on to the provider.
pub(super) fn beside(page: &Page, form: &LogoutForm) -> Response {
    with_form(page, form, (LABEL, None), "")
}

/// The policy has no `form-action`: it would hold for where the provider redirects to, as well.
fn with_form(
    page: &Page,
    form: &LogoutForm,
    (button, script): (&str, Option<&str>),
    script_src: &str,
) -> Response {
    let fields = form.fields.iter().map(|(name, value)| (*name, value.as_str()));
    let html = html::render_form(page, (form.action.as_str(), button), fields, script);
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; {script_src}base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    let mut response = (answer::status_of(page), headers, html).into_response();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The button's text beside a page that says something else.
pub(super) const LABEL: &str = "Sign out at the sign-in service";
const SUBMIT: &str = "document.forms[0].submit()";
