//! GET login: begins a login.
//!
//! 1. HEAD and prefetches begin nothing.
//! 2. On another host name of ours the browser is first sent to the base URL, once, so that the cookie and the
//!    callback meet.
//! 3. A login that is one round of a loop is stopped (ceiling rule 6).
//! 4. `return_to` is checked; of the other parameters only those on the allow-list are heard.
//! 5. `again=1` adds `prompt=login`: where the provider's own session sets the end, a sign-in without a question would lead
//!    to the same end. All that a link can do with it is to have the user asked.
//! 6. A requirement that this application sealed into the link is asked for; one that it did not seal is not heard.
//! 7. The attempt travels in `state`; the browser keeps one small cookie, whatever number of logins it has started.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum_core::response::{IntoResponse as _, Response};
use http::header::{ALLOW, HOST};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use serde_json::json;

use crate::config::settings::{Config, LoginParameter};
use crate::flow::login::{self, BegunLogin, LoginParameters};
use crate::flow::relying_party::RelyingParty;
use crate::flow::requirement;
use crate::http::cookies::{self, CookieJar};
use crate::http::facts;
use crate::http::response::{answer, errors};
use crate::policy::{LOGIN_ROUNDS_LIFETIME, LoginRounds, Outcome, RequestKind};

pub(crate) async fn login(
    State(rp): State<Arc<RelyingParty>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let config = &rp.config;
    match facts::kind(&method, &headers) {
        RequestKind::Head => return method_not_allowed(),
        RequestKind::Prefetch => return prefetch_refused(),
        _ => {}
    }
    let query = Query::parse(query.as_deref().unwrap_or_default());
    if is_foreign_host(config, &uri, &headers) && !query.has(AT_BASE) {
        let url = format!("{}?{}", config.login_url(), query.with_at_base());
        let mut response = answer::redirect(&url);
        let rounds = rounds(config, &headers).ended(Outcome::SentToBaseHost);
        set_rounds(config, response.headers_mut(), rounds);
        return response;
    }
    let mut parameters = parameters(config, &query);
    let sealed = query.get(REQUIREMENT).filter(|sealed| sealed.len() <= LONGEST_REQUIREMENT);
    if let Some(required) = sealed.and_then(|sealed| requirement::open(&rp, sealed)) {
        parameters = parameters.requiring(&required);
    }
    let rounds = rounds(config, &headers);
    redirect_to_provider(&rp, parameters, &headers, rounds).await
}

/// Steps 3 and 6, and the redirect.
pub(crate) async fn redirect_to_provider(
    rp: &RelyingParty,
    parameters: LoginParameters,
    headers: &HeaderMap,
    rounds: LoginRounds,
) -> Response {
    let config = &rp.config;
    if let Err(broken) = rounds.begin() {
        let mut response = answer::page(config, &errors::loop_page(config, &broken));
        let mut jar = CookieJar::new(&config.cookies, response.headers_mut());
        jar.remove(&config.cookies.rounds);
        response.extensions_mut().insert(broken);
        return response;
    }
    let sent = cookies::bindings(headers, &config.cookies);
    match login::begin(rp, parameters, &sent).await {
        Ok(begun) => sent_to_provider(config, &begun),
        Err(error) => {
            let mut response = answer::page(config, &errors::login_page(config, &error));
            response.extensions_mut().insert(Arc::new(error));
            response
        }
    }
}

/// The redirect of a login that has started, with the cookie that ties it to the browser.
pub(crate) fn sent_to_provider(config: &Config, begun: &BegunLogin) -> Response {
    let mut response = answer::redirect(begun.url.as_str());
    let mut jar = CookieJar::new(&config.cookies, response.headers_mut());
    jar.bind(&begun.browser, config.requests.attempt_lifetime);
    response
}

pub(crate) fn rounds(config: &Config, headers: &HeaderMap) -> LoginRounds {
    cookies::value(headers, &config.cookies.rounds)
        .and_then(|value| LoginRounds::parse(&value))
        .unwrap_or_default()
}

pub(crate) fn set_rounds(config: &Config, headers: &mut HeaderMap, rounds: LoginRounds) {
    let lifetime = LOGIN_ROUNDS_LIFETIME.as_secs();
    CookieJar::new(&config.cookies, headers).set(
        &config.cookies.rounds,
        &rounds.encode(),
        lifetime,
    );
}

pub(crate) fn method_not_allowed() -> Response {
    let allow = [(ALLOW, HeaderValue::from_static("GET"))];
    (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
}

fn prefetch_refused() -> Response {
    let text = "A login is begun by a person, not by a prefetch.";
    let body = json!({"error": "prefetch_refused", "error_description": text});
    answer::json_response(StatusCode::FORBIDDEN, &body)
}

/// Step 2. A proxy that rewrites `Host` costs one redirect: the second request says that it was there.
fn is_foreign_host(config: &Config, uri: &Uri, headers: &HeaderMap) -> bool {
    // HTTP/2 has the host in the URI.
    let authority = uri.authority().map(Authority::as_str);
    let host = authority.or_else(|| facts::text(headers, &HOST));
    host.is_some_and(|host| !host.eq_ignore_ascii_case(config.base.authority()))
}

/// Steps 4 and 5.
fn parameters(config: &Config, query: &Query) -> LoginParameters {
    let allowed = |parameter: LoginParameter, name: &str| {
        let value = query.get(name).filter(|value| value.len() <= LONGEST_PARAMETER)?;
        config.requests.from_query.contains(&parameter).then(|| value.to_owned())
    };
    let return_to = query.get("return_to").unwrap_or_default();
    let return_to = facts::checked_return_to(config, return_to);
    let acr_values = allowed(LoginParameter::AcrValues, "acr_values");
    let prompt = allowed(LoginParameter::Prompt, "prompt")
        .filter(|prompt| !prompt.split(' ').any(|value| value == "none"));
    let prompt = match query.get("again") {
        Some("1") => Some(with_login(prompt.as_deref().or(config.requests.prompt.as_deref()))),
        _ => prompt,
    };
    LoginParameters {
        return_to: return_to.as_str().to_owned(),
        login_hint: allowed(LoginParameter::LoginHint, "login_hint"),
        prompt,
        acr_values: acr_values.map(|values| values.split(' ').map(str::to_owned).collect()),
        ui_locales: allowed(LoginParameter::UiLocales, "ui_locales"),
        ..LoginParameters::default()
    }
}

/// `prompt`, with `login` among its values (OpenID Connect Core 3.1.2.1).
fn with_login(prompt: Option<&str>) -> String {
    match prompt {
        None => "login".to_owned(),
        Some(prompt) if prompt.split(' ').any(|value| value == "login") => prompt.to_owned(),
        Some(prompt) => format!("login {prompt}"),
    }
}

/// The query's pairs; of a repeated name the first counts.
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn with_at_base(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0).append_pair(AT_BASE, "1");
        query.finish()
    }
}

/// Says that the browser has been sent to the base URL already.
const AT_BASE: &str = "at_base";
/// The sealed requirement of a link.
pub(crate) const REQUIREMENT: &str = "requirement";
const LONGEST_PARAMETER: usize = 512;
const LONGEST_REQUIREMENT: usize = 2048;
