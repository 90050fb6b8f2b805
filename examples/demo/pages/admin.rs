//! A page that asks for a sign-in not older than a minute, however long the session lasts.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::{ACCEPT, CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_oidc_session::AuthSession;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use serde_json::json;

use super::format::{duration, escape, name};
use super::frame::Page;
use crate::app::Demo;

pub(crate) async fn admin(
    State(demo): State<Demo>,
    session: AuthSession,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let age = age(&session);
    if age <= MAX_AGE.as_secs().cast_signed() {
        return page(&demo, &session, age);
    }
    if is_navigation(&method, &headers) {
        let path = format!("{}/admin", demo.prefix);
        return demo.auth.login().max_age(MAX_AGE).return_to(path).begin(&headers).await;
    }
    too_old()
}

/// Seconds since the user last proved who they are. The provider says when; a session of another application may have
/// spared them the question when they signed in here.
fn age(session: &AuthSession) -> i64 {
    let at = session.claims().auth_time().unwrap_or(session.signed_in_at());
    SystemClock.now().seconds_since(at)
}

fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let navigates = match text("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => text(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html")),
    };
    method == Method::GET && navigates && text("sec-purpose").is_none()
}

/// RFC 9470 section 3, for a request that cannot be redirected.
fn too_old() -> Response {
    let challenge = format!(
        "Session error=\"insufficient_user_authentication\", max_age=\"{}\"",
        MAX_AGE.as_secs()
    );
    let body = json!({
        "error": "insufficient_user_authentication",
        "error_description": "This asks for a more recent sign-in.",
        "max_age": MAX_AGE.as_secs(),
    });
    let headers = [(WWW_AUTHENTICATE, challenge.as_str()), (CACHE_CONTROL, "no-store")];
    (StatusCode::UNAUTHORIZED, headers, Json(body)).into_response()
}

fn page(demo: &Demo, session: &AuthSession, age: i64) -> Response {
    let main = format!(
        "<section class=\"card\">\n<p class=\"eyebrow\">Admin</p>\n<h1>It is really you, {name}</h1>\n\
         <p>You proved it {age} ago, and this page asks for a sign-in not older than {limit}. Reload it after that, and it \
         sends you to sign in again, although your session goes on.</p>\n\
         <p class=\"actions\"><a class=\"button\" href=\"{prefix}/admin\">Reload</a></p>\n</section>",
        name = escape(name(session)),
        age = duration(age.max(0).unsigned_abs()),
        limit = duration(MAX_AGE.as_secs()),
        prefix = escape(&demo.prefix),
    );
    Page { title: "Admin", path: "/admin", is_signed_in: true, main }.render(demo)
}

const MAX_AGE: Duration = Duration::from_secs(60);
