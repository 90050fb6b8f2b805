//! The answers to requests that are not served, whoever asks.
//!
//! A page for who sees one, else JSON with its code and text. All are `no-store`, and carry the typed reason ([`Refused`]) in
//! their extensions.

use axum_core::response::{IntoResponse as _, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use serde_json::json;

use super::{html, logout_form};
use crate::config::page::{Page, PageAction};
use crate::config::settings::Config;
use crate::events::EventKind;
use crate::flow::logout::LogoutForm;
use crate::flow::relying_party::RelyingParty;
use crate::http::application_data_error::ApplicationDataError;
use crate::http::facts;
use crate::policy::{Answer, CrossSite, Refusal, RequestKind, answer};
use crate::protocol::return_to::ReturnTo;
use crate::random::RandomUnavailable;
use crate::session::contract::StoreError;

/// Why a request was not served: in the extensions of the response, for logs and metrics of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Nobody is signed in.
    #[error("login_required")]
    LoginRequired,
    /// The session is over.
    #[error("session_expired: {0}")]
    SessionExpired(Refusal),
    /// The session's sign-in is not fresh or strong enough.
    #[error("insufficient_user_authentication")]
    InsufficientAuthentication,
    /// The session's claims are not what is required.
    #[error("insufficient_claims")]
    InsufficientClaims,
    /// Another site sent the request.
    #[error("cross_site_request")]
    CrossSite(CrossSite),
    /// The session store can't be asked.
    #[error("store_unavailable")]
    StoreUnavailable,
    /// The work was cut off: a hook of the application panicked, or the process is ending.
    #[error("internal_error")]
    Interrupted,
}

/// What an answer depends on.
pub(crate) struct Asked {
    pub(crate) kind: RequestKind,
    pub(super) return_to: ReturnTo,
}

impl Asked {
    pub(crate) fn of<B>(config: &Config, request: &Request<B>) -> Self {
        Self {
            kind: facts::kind(request.method(), request.headers()),
            return_to: facts::return_to_of(config, request),
        }
    }

    pub(crate) fn of_parts(config: &Config, parts: &Parts) -> Self {
        Self {
            kind: facts::kind(&parts.method, &parts.headers),
            return_to: facts::return_to(config, parts),
        }
    }
}

/// 403: another site asked.
pub(crate) fn cross_site<B>(
    rp: &RelyingParty,
    request: &Request<B>,
    refused: CrossSite,
) -> Response {
    cross_site_asked(&rp.config, Asked::of(&rp.config, request).kind, refused)
}

pub(crate) fn cross_site_asked(config: &Config, kind: RequestKind, refused: CrossSite) -> Response {
    config.tell(EventKind::CrossSiteRefused { code: refused.code() });
    let text = "This request came from another site and was not carried out.";
    let home = vec![PageAction::link("Go to the front page", config.base.home())];
    let page = new_page(403, "cross_site_request", "Not carried out", &[text], home);
    let mut response = page_or_json(config, kind, &page);
    response.extensions_mut().insert(Refused::CrossSite(refused));
    response
}

/// 503: the store can't be asked. Cookie and session stay as they are.
pub(crate) fn store_unavailable<B>(rp: &RelyingParty, request: &Request<B>) -> Response {
    let kind = facts::kind(request.method(), request.headers());
    store_unavailable_asked(&rp.config, kind)
}

pub(crate) fn store_unavailable_asked(config: &Config, kind: RequestKind) -> Response {
    let text = "Sessions cannot be read at the moment. You are still signed in; please try again.";
    let page = new_page(503, "store_unavailable", "Please try again", &[text], Vec::new());
    let mut response = page_or_json(config, kind, &page);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(STORE_RETRY_AFTER));
    response.extensions_mut().insert(Refused::StoreUnavailable);
    response
}

pub(crate) fn tell_store_error(config: &Config, error: &StoreError) {
    config.tell_with(EventKind::StoreUnavailable {}, error);
}

/// 503: the handler ran, but what it changed in the session was not saved.
pub(crate) fn application_data_not_saved(rp: &RelyingParty) -> Response {
    let mut response = store_unavailable_asked(&rp.config, RequestKind::Fetch);
    response.extensions_mut().insert(ApplicationDataError::StoreUnavailable);
    response
}

/// 500: two layers that provide `tower_sessions::Session` around one handler.
pub(crate) fn two_session_layers() -> Response {
    tracing::error!(code = "two_session_layers", "{TWO_SESSION_LAYERS}");
    (StatusCode::INTERNAL_SERVER_ERROR, TWO_SESSION_LAYERS).into_response()
}

/// 500: nothing has judged this request, and the route that it goes to has not run.
pub(crate) fn auth_route_among_others() -> Response {
    tracing::error!(code = "auth_route_among_others", "{AUTH_ROUTE_AMONG_OTHERS}");
    (StatusCode::INTERNAL_SERVER_ERROR, AUTH_ROUTE_AMONG_OTHERS).into_response()
}

/// 500: no random bytes. Cookie and session stay as they are.
pub(crate) fn no_randomness(config: &Config, kind: RequestKind) -> Response {
    tracing::error!(code = "random_unavailable", "no random bytes can be had");
    let text = "This is not possible at the moment. You are still signed in; please try again.";
    let page = new_page(500, "random_unavailable", "Please try again", &[text], Vec::new());
    let mut response = page_or_json(config, kind, &page);
    response.extensions_mut().insert(RandomUnavailable);
    response
}

/// 503: the store can't end the session. The browser is signed out anyway; `at_provider` leads on to the provider: a URL, and a
/// form, also as JSON, of what is too long for one.
pub(crate) fn signed_out_here(
    config: &Config,
    kind: RequestKind,
    at_provider: Option<(&str, Option<(&LogoutForm, serde_json::Value)>)>,
) -> Response {
    let texts = [
        "You are signed out in this browser, but the session itself could not be ended: it may live on elsewhere until it runs out.",
        "If others may have had access to it, please sign in again later and end your sessions.",
    ];
    let mut page = new_page(503, "store_unavailable", "Signed out here only", &texts, Vec::new());
    let (logout_url, form) = at_provider.unzip();
    let form = form.flatten();
    let home = PageAction::link("Go to the front page", config.base.home());
    let mut response = match (answer(kind), form) {
        (Answer::Json401, form) => {
            let mut body = body_of(&page);
            body["logout_url"] = json!(logout_url);
            if let Some((_, form)) = form {
                body["logout_form"] = form;
            }
            json_response(status_of(&page), &body)
        }
        (Answer::RedirectToLogin | Answer::Page401, Some((form, _))) => {
            page.actions.push(home);
            logout_form::beside(&page, form)
        }
        (Answer::RedirectToLogin | Answer::Page401, None) => {
            let link = |url: &str| PageAction::link(logout_form::LABEL, url.to_owned());
            page.actions.extend(logout_url.map(link));
            page.actions.push(home);
            self::page(config, &page)
        }
    };
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(STORE_RETRY_AFTER));
    response.extensions_mut().insert(Refused::StoreUnavailable);
    response
}

/// 503: the handler ran and signed the user out, but the store could not end the session.
pub(crate) fn signed_out_here_by_application(config: &Config) -> Response {
    let mut response = signed_out_here(config, RequestKind::Fetch, None);
    response.extensions_mut().insert(ApplicationDataError::StoreUnavailable);
    response
}

/// 500: a logout was cut off. Whether the session has ended is not known.
pub(crate) fn logout_interrupted(config: &Config, kind: RequestKind) -> Response {
    tracing::error!(code = "internal_error", "a logout was cut off");
    let text = "You are signed out in this browser, but signing out did not finish: the session may live on elsewhere until it \
                runs out.";
    let home = vec![PageAction::link("Go to the front page", config.base.home())];
    let page = new_page(500, "internal_error", "Signed out here only", &[text], home);
    let mut response = page_or_json(config, kind, &page);
    response.extensions_mut().insert(Refused::Interrupted);
    response
}

/// The page for who sees one, else its code and its text as JSON.
pub(crate) fn page_or_json(config: &Config, kind: RequestKind, shown: &Page) -> Response {
    match answer(kind) {
        Answer::Json401 => json_response(status_of(shown), &body_of(shown)),
        Answer::RedirectToLogin | Answer::Page401 => page(config, shown),
    }
}

fn body_of(page: &Page) -> serde_json::Value {
    json!({"error": page.code, "error_description": page.paragraphs.join(" ")})
}

pub(super) fn status_of(page: &Page) -> StatusCode {
    StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// 303 (RFC 9110 section 15.4.4), not to be stored.
pub(crate) fn redirect(url: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    match HeaderValue::try_from(url) {
        Ok(location) => {
            headers.insert(LOCATION, location);
            headers.insert(CACHE_CONTROL, NO_STORE);
            headers.insert(REFERRER_POLICY, NO_REFERRER);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(crate) fn json_response(status: StatusCode, body: &serde_json::Value) -> Response {
    let headers =
        [(CONTENT_TYPE, JSON), (CACHE_CONTROL, NO_STORE), (X_CONTENT_TYPE_OPTIONS, NOSNIFF)];
    (status, headers, body.to_string()).into_response()
}

/// A page, in the application's design if it has one. Whose design it is changes nothing of the protection.
pub(crate) fn page(config: &Config, page: &Page) -> Response {
    let html = match &config.render_page {
        Some(render) => (render.0)(page),
        None => html::render(page),
    };
    let mut response = (status_of(page), html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HTML);
    headers.insert(CACHE_CONTROL, NO_STORE);
    html::protect(config, page, headers);
    if let Some(seconds) = page.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub(crate) fn new_page(
    status: u16,
    code: &str,
    title: &str,
    paragraphs: &[&str],
    actions: Vec<PageAction>,
) -> Page {
    Page {
        status,
        code: code.to_owned(),
        title: title.to_owned(),
        paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect(),
        retry_after: None,
        actions,
    }
}

/// The login URL that comes back to `return_to`.
pub(crate) fn login_url(config: &Config, return_to: &ReturnTo) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to.as_str());
    format!("{}?{}", config.login_url(), query.finish())
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Seconds.
const STORE_RETRY_AFTER: u64 = 5;
const AUTH_ROUTE_AMONG_OTHERS: &str = "AuthSessionLayer is around a service that chooses between an auth route and other routes, and \
    cannot tell which it chooses: put the layer around the routers that the service is made of (`router.layer(auth.layer())`).";
const TWO_SESSION_LAYERS: &str = "Two layers provide tower_sessions::Session around this handler: AuthSessionLayer with \
    .application_data(true) and another one, such as SessionManagerLayer. Take one of them away, or turn application_data off.";
