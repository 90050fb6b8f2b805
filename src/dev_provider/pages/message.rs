//! What is told to the person because there is no client to tell it to.

use axum::http::StatusCode;
use axum::response::Response;

use super::html::{escape, page};

/// 400 with an explanation.
pub(crate) fn error(text: &str) -> Response {
    let text = escape(text);
    let content = format!(
        "<p>{text}</p>\n<p class=\"quiet\">Nothing was sent to the application. Compare its settings with the client \
         that this provider was started with.</p>"
    );
    page(StatusCode::BAD_REQUEST, "The request can’t be answered", &content)
}
