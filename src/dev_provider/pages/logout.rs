//! Signing out: the question, and the end.

use axum::http::StatusCode;
use axum::response::Response;

use super::html::{hidden_fields, page};

/// Asks, and posts the same request again.
pub(crate) fn confirm_logout(parameters: &[(String, String)]) -> Response {
    let fields = hidden_fields(parameters);
    let content = format!(
        "<p>An application asks to sign you out of this provider, and does not say whom.</p>\n\
         <form method=\"post\">\n{fields}\
         <button class=\"primary\" name=\"confirmed\" value=\"yes\">Sign out</button>\n</form>"
    );
    page(StatusCode::OK, "Sign out?", &content)
}

/// Said when there is nowhere to go on to.
pub(crate) fn signed_out() -> Response {
    page(StatusCode::OK, "Signed out", "<p>Your session at this provider is over.</p>")
}
