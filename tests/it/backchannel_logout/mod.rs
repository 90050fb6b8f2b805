//! Back-channel logout: what the provider may send, and what it is told.

mod half_way;
mod keys;
mod refreshed_sid;
mod request;
mod sessions;
mod tokens;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum_oidc_session::dev_provider::LogoutSubject;
use axum_oidc_session::error::{BackchannelLogoutError, LogoutTokenError};
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::support::{App, CLIENT_ID};

const ROUTE: &str = "/auth/backchannel-logout";
const FORM: &str = "application/x-www-form-urlencoded";

/// The claims of a logout token that is in order; nobody has this session.
fn claims(app: &App) -> Map<String, Value> {
    let subject = LogoutSubject::SubAndSid { sub: "ada".to_owned(), sid: "nobodys".to_owned() };
    app.op.logout_token_claims(CLIENT_ID, &subject).unwrap()
}

fn good_token(app: &App) -> String {
    app.op.sign_jwt(Some("logout+jwt"), claims(app)).unwrap()
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A POST as the provider sends it.
fn post(body: impl Into<Body>) -> Request {
    Request::post(ROUTE).header("content-type", FORM).body(body.into()).unwrap()
}

async fn send(app: &App, token: &str) -> Response {
    app.ask(post(form(&[("logout_token", token)]))).await
}

fn error(response: &Response) -> Option<&BackchannelLogoutError> {
    response.extensions().get::<Arc<BackchannelLogoutError>>().map(|error| &**error)
}

/// Why the logout token was refused; `None` if it passed every check. What became of it then is not asked here.
fn refusal(response: &Response) -> Option<LogoutTokenError> {
    match error(response) {
        None | Some(BackchannelLogoutError::Store(_)) => None,
        Some(BackchannelLogoutError::Token(error)) => Some(error.clone()),
        Some(other) => panic!("{other:?}"),
    }
}

/// A refusal as section 2.8 wants it: its description.
async fn description(response: Response) -> String {
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(!response.headers().contains_key("set-cookie"));
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    let json: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(json["error"], "invalid_request");
    assert_eq!(json.as_object().unwrap().len(), 2, "{json}");
    let text = json["error_description"].as_str().unwrap().to_owned();
    // RFC 6749 section 5.2.
    let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    assert!(text.len() > 10 && text.chars().all(allowed), "{text}");
    text
}
