//! What a request is, as far as its answer depends on it.

use axum::extract::OriginalUri;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};

use crate::config::settings::Config;
use crate::policy::{CrossSite, RequestHeaders, RequestKind, cross_site, request_kind};
use crate::protocol::return_to::ReturnTo;

/// The kind of a request, by its method and headers.
pub(crate) fn kind(method: &Method, headers: &HeaderMap) -> RequestKind {
    request_kind(&RequestHeaders {
        method: method.as_str(),
        sec_fetch_mode: text(headers, &SEC_FETCH_MODE),
        sec_fetch_dest: text(headers, &SEC_FETCH_DEST),
        accept: text(headers, &header::ACCEPT),
        upgrade: text(headers, &header::UPGRADE),
        purpose: [&SEC_PURPOSE, &PURPOSE, &X_MOZ].into_iter().find_map(|name| text(headers, name)),
        x_requested_with: text(headers, &REQUESTED_WITH),
    })
}

/// Refuses what another site must not ask for.
pub(crate) fn check_cross_site(
    config: &Config,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), CrossSite> {
    let is_websocket = headers.contains_key(&header::SEC_WEBSOCKET_KEY)
        || text(headers, &header::UPGRADE).is_some_and(|it| it.eq_ignore_ascii_case("websocket"));
    if !is_websocket && method.is_safe() {
        return Ok(());
    }
    // What can't be read is not absent: absent means "no browser", and is allowed.
    let readable = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let (site, origin) = (readable(&SEC_FETCH_SITE), readable(&header::ORIGIN));
    cross_site(method.as_str(), is_websocket, site, origin, config.base.origin())
}

/// Which site a request comes from, as the browser says. What cannot be read is not absent: it is empty.
pub(crate) fn fetch_site(headers: &HeaderMap) -> Option<&str> {
    headers.get(&SEC_FETCH_SITE).map(|value| value.to_str().unwrap_or_default())
}

/// Where a login that this request needs should return to.
pub(crate) fn return_to(config: &Config, parts: &Parts) -> ReturnTo {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    return_to_uri(config, uri)
}

pub(crate) fn return_to_of<B>(config: &Config, request: &Request<B>) -> ReturnTo {
    let original = request.extensions().get::<OriginalUri>();
    return_to_uri(config, original.map_or(request.uri(), |original| &original.0))
}

/// The router may be nested under the base URL's prefix, or a proxy may have taken the prefix off.
fn return_to_uri(config: &Config, uri: &Uri) -> ReturnTo {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let prefix = config.base.path();
    let has_prefix = uri.path() == prefix || uri.path().starts_with(&format!("{prefix}/"));
    let path = if has_prefix { path.to_owned() } else { format!("{prefix}{path}") };
    checked_return_to(config, &path)
}

/// A checked local path, or the base path.
pub(crate) fn checked_return_to(config: &Config, candidate: &str) -> ReturnTo {
    let refused = config.paths.all().map(|path| format!("{}{path}", config.base.path()));
    let refused = refused.each_ref().map(String::as_str);
    ReturnTo::parse_or_base(Some(candidate), config.base.path(), &refused)
}

/// What the user signs in with, coarsely.
pub(crate) fn device(headers: &HeaderMap) -> Option<String> {
    text(headers, &header::USER_AGENT).and_then(crate::policy::device)
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

static SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
static SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
static PURPOSE: HeaderName = HeaderName::from_static("purpose");
static X_MOZ: HeaderName = HeaderName::from_static("x-moz");
static REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");
