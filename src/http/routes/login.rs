//! GET login: begins a login.
//!
//! 1. Only a navigation starts a login; one that another site starts leads a signed-in user straight to `return_to`.
//! 2. On another host name of ours the browser is first sent to the base URL, once, so that the cookie and the
//!    callback meet.
//! 3. A login that is one round of a loop is stopped (ceiling rule 6). A live session clears the count, unless it is not enough for
//!    the page to return to.
//! 4. `return_to` is checked; of the other parameters only those on the allow-list are heard, and they only narrow what is
//!    configured.
//! 5. `again=1` adds `prompt=login`: where the provider's own session sets the end, a sign-in without a question would lead
//!    to the same end. All that a link can do with it is to have the user asked.
//! 6. A requirement that this application sealed into the link is asked for, if the browser has the
//!    session that it was sealed for and the link is not too old; any other is not heard.
//! 7. The attempt travels in `state`; the browser keeps one small cookie, whatever number of logins it has started.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum_core::response::Response;
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Method, Uri};

use crate::config::settings::{Config, LoginParameter};
use crate::flow::login::{self, BegunLogin, LoginParameters};
use crate::flow::relying_party::RelyingParty;
use crate::flow::requirement;
use crate::http::cookies::{self, CookieJar, RequestCookies};
use crate::http::facts;
use crate::http::login_start::{instead_of_login, live_session};
use crate::http::response::{answer, errors};
use crate::policy::{
    AuthenticationRequirement, LOGIN_ROUNDS_LIFETIME, LoginRounds, LoginStart, Outcome,
    RequestKind, login_start, narrow_prompt, prompt_of_link,
};
use crate::session::sessions::Lookup;

pub(crate) async fn login(
    State(rp): State<Arc<RelyingParty>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let config = &rp.config;
    let kind = facts::kind(&method, &headers);
    let query = Query::parse(query.as_deref().unwrap_or_default());
    // On another host name of ours there is no session, and the base URL's own login decides.
    let is_navigation = kind == RequestKind::Navigation;
    if is_navigation && is_foreign_host(config, &uri, &headers) && !query.has(AT_BASE) {
        let url = format!("{}?{}", config.login_url(), query.with_at_base());
        let mut response = answer::redirect(&url);
        // What another site starts counts nothing.
        if login_start(kind, facts::fetch_site(&headers)) == LoginStart::Allowed {
            let rounds = rounds(config, &headers).ended(Outcome::SentToBaseHost);
            set_rounds(config, response.headers_mut(), rounds);
        }
        return response;
    }
    let mut parameters = parameters(config, &query);
    let required = match required_by_link(&rp, kind, &query, &headers).await {
        Ok(required) => required,
        Err(unavailable) => return *unavailable,
    };
    let (required, user) = required.unzip();
    let return_to = &parameters.return_to;
    let instead = instead_of_login(&rp, kind, &headers, return_to, required.as_ref());
    if let Some(response) = instead.await {
        return response;
    }
    if let Some(required) = &required {
        parameters = parameters.requiring(required, &config.requests, user.as_deref());
    }
    begin(&rp, parameters, &headers, required.as_ref()).await
}

/// Step 6: what the link requires, and of which user.
async fn required_by_link(
    rp: &RelyingParty,
    kind: RequestKind,
    query: &Query,
    headers: &HeaderMap,
) -> Result<Option<(AuthenticationRequirement, String)>, Box<Response>> {
    let sealed = query.get(REQUIREMENT).filter(|sealed| sealed.len() <= LONGEST_REQUIREMENT);
    let Some(sealed) = sealed.filter(|_| kind == RequestKind::Navigation) else { return Ok(None) };
    let sent = RequestCookies::scan(headers, &rp.config.cookies);
    let Some(live) = live_session(rp, kind, &sent).await? else { return Ok(None) };
    let required = requirement::open(rp, sealed, live.entry());
    Ok(required.map(|required| (required, live.entry().state().state.claims.sub().to_owned())))
}

/// Step 3 and the redirect. `required`: what this login is for.
pub(crate) async fn begin(
    rp: &RelyingParty,
    parameters: LoginParameters,
    headers: &HeaderMap,
    required: Option<&AuthenticationRequirement>,
) -> Response {
    let config = &rp.config;
    let counted = rounds(config, headers);
    if counted == LoginRounds::default()
        || parameters.is_step_up
        || !has_live_session(rp, headers, required).await
    {
        return redirect_to_provider(rp, parameters, headers, counted).await;
    }
    let none = LoginRounds::default();
    let mut response = redirect_to_provider(rp, parameters, headers, none).await;
    CookieJar::new(&config.cookies, response.headers_mut()).remove(&config.cookies.rounds);
    response
}

/// Then the sign-in before was no round of a loop. A store that fails leaves the count.
async fn has_live_session(
    rp: &RelyingParty,
    headers: &HeaderMap,
    required: Option<&AuthenticationRequirement>,
) -> bool {
    let Some(cookie) = RequestCookies::scan(headers, &rp.config.cookies).session else {
        return false;
    };
    match rp.sessions.load(&cookie).await {
        Ok(Lookup::Live(live)) => !requirement::lacks(&rp.config, live.entry(), required),
        _ => false,
    }
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
    let acr_values = allowed(LoginParameter::AcrValues, "acr_values").unwrap_or_default();
    let max_age =
        allowed(LoginParameter::MaxAge, "max_age").and_then(|seconds| seconds.parse().ok());
    let asked = allowed(LoginParameter::Prompt, "prompt").and_then(|asked| prompt_of_link(&asked));
    let again = (query.get("again") == Some("1")).then_some("login");
    LoginParameters {
        return_to: return_to.as_str().to_owned(),
        login_hint: allowed(LoginParameter::LoginHint, "login_hint"),
        prompt: narrow_prompt(asked.as_deref(), again),
        max_age,
        acr_values: acr_values.split_ascii_whitespace().map(str::to_owned).collect(),
        ui_locales: allowed(LoginParameter::UiLocales, "ui_locales"),
        ..LoginParameters::default()
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
