//! 404.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::format::escape;
use super::frame::Page;
use crate::app::Demo;

pub(crate) async fn not_found(State(demo): State<Demo>) -> Response {
    let main = format!(
        "<section class=\"card\">\n<h1>There is no such page</h1>\n\
         <p class=\"actions\"><a class=\"button\" href=\"{}/\">Go to the front page</a></p>\n</section>",
        escape(&demo.prefix)
    );
    let page = Page { title: "Not found", path: "", is_signed_in: false, main };
    (StatusCode::NOT_FOUND, page.render(&demo)).into_response()
}
