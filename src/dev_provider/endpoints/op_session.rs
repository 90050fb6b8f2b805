//! The provider's own session and its cookie, by which a second sign-in is silent.

use std::time::Duration;

use axum::http::header::{HeaderValue, SET_COOKIE};
use axum::response::Response;
use url::Url;

use crate::dev_provider::grant::OpSession;
use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::provider::{Inner, Provider};
use crate::random::RandomUnavailable;

/// What a sign-in fixes.
#[derive(Debug)]
pub(crate) struct SignIn {
    pub(crate) sub: String,
    pub(crate) session_expiry: Option<i64>,
    pub(crate) access_token_lifetime: Option<Duration>,
}

/// The live session of the browser that sent `request`.
pub(crate) fn current(provider: &Provider, inner: &Inner, request: &Incoming) -> Option<OpSession> {
    let session = inner.sessions.get(request.cookie(&cookie_name(provider))?)?;
    session.is_live(provider.now()).then(|| session.clone())
}

/// Begins a session in place of the browser's old one; the second value is the new cookie's.
pub(crate) fn begin(
    provider: &Provider,
    inner: &mut Inner,
    request: &Incoming,
    sign_in: SignIn,
) -> Result<(OpSession, String), RandomUnavailable> {
    let session = OpSession {
        sid: provider.secret_value()?,
        sub: sign_in.sub,
        auth_time: provider.now(),
        session_expiry: sign_in.session_expiry,
        access_token_lifetime: sign_in.access_token_lifetime,
    };
    let cookie = provider.secret_value()?;
    let now = provider.now();
    inner.sessions.retain(|_, session| session.is_live(now));
    end(provider, inner, request);
    inner.sessions.insert(cookie.clone(), session.clone());
    Ok((session, cookie))
}

/// Ends the session of the browser that sent `request`.
pub(crate) fn end(provider: &Provider, inner: &mut Inner, request: &Incoming) {
    if let Some(cookie) = request.cookie(&cookie_name(provider)) {
        inner.sessions.remove(cookie);
    }
}

/// Sets the session cookie on `response`.
pub(crate) fn with_cookie(provider: &Provider, response: Response, value: &str) -> Response {
    set_cookie(provider, response, value, "")
}

/// Removes the session cookie.
pub(crate) fn without_cookie(provider: &Provider, response: Response) -> Response {
    set_cookie(provider, response, "", "; Max-Age=0")
}

fn set_cookie(provider: &Provider, mut response: Response, value: &str, max_age: &str) -> Response {
    let secure = if provider.issuer.starts_with("https:") { "; Secure" } else { "" };
    let (name, path) = (cookie_name(provider), provider.base_path());
    let cookie = format!("{name}={value}; Path={path}/; HttpOnly; SameSite=Lax{secure}{max_age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Cookies are shared by all ports of a host, so the port is in the name: two providers don't sign each other's users
/// out.
fn cookie_name(provider: &Provider) -> String {
    let port = Url::parse(&provider.issuer).ok().and_then(|url| url.port_or_known_default());
    format!("dev_provider_session_{}", port.unwrap_or_default())
}
