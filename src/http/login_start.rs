//! What is answered instead of the start of a login.
//!
//! | request | answer |
//! |---|---|
//! | HEAD | 405 |
//! | prefetch | 403 `prefetch_refused` |
//! | any other that is no navigation | 403 `navigation_required`, JSON or, in a frame, a page |
//! | a navigation that another site starts, while the user is signed in | 303 to `return_to`; nothing is ended or counted (ceiling rule 18), and a count of rounds is cleared: the session was seen |
//! | the same, and the page requires more than the session has | the login |

use axum_core::response::{IntoResponse as _, Response};
use http::header::ALLOW;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::cookies::{CookieJar, RequestCookies};
use super::facts;
use super::response::answer;
use crate::config::page::PageAction;
use crate::config::settings::Config;
use crate::flow::relying_party::RelyingParty;
use crate::flow::requirement::lacks;
use crate::policy::{AuthenticationRequirement, LoginStart, RequestKind, login_start};
use crate::session::live_session::LiveSession;
use crate::session::sessions::Lookup;

/// The answer to a request of this kind for a login that leads to `return_to`; `None`: the login may start. `required`: what
/// the page to return to requires of the sign-in.
pub(crate) async fn instead_of_login(
    rp: &RelyingParty,
    kind: RequestKind,
    headers: &HeaderMap,
    return_to: &str,
    required: Option<&AuthenticationRequirement>,
) -> Option<Response> {
    let config = &rp.config;
    match login_start(kind, facts::fetch_site(headers)) {
        LoginStart::Allowed => None,
        LoginStart::Head => Some(method_not_allowed()),
        LoginStart::Prefetch => Some(prefetch_refused()),
        LoginStart::NotANavigation => Some(no_navigation(config, kind)),
        LoginStart::ByAnotherSite => {
            let sent = RequestCookies::scan(headers, &config.cookies);
            match live_session(rp, kind, &sent).await {
                Ok(Some(live)) if !lacks(config, live.entry(), required) => {
                    let mut response = answer::redirect(&config.base.absolute(return_to));
                    if sent.has_rounds {
                        let mut jar = CookieJar::new(&config.cookies, response.headers_mut());
                        jar.remove(&config.cookies.rounds);
                    }
                    Some(response)
                }
                Ok(_) => None,
                Err(unavailable) => Some(*unavailable),
            }
        }
    }
}

/// The live session of the browser that sent these cookies, for a request of this kind.
///
/// # Errors
///
/// The answer where the store cannot be asked.
pub(crate) async fn live_session(
    rp: &RelyingParty,
    kind: RequestKind,
    sent: &RequestCookies,
) -> Result<Option<LiveSession>, Box<Response>> {
    let Some(cookie) = &sent.session else { return Ok(None) };
    match rp.sessions.load(cookie).await {
        Ok(Lookup::Live(live)) => Ok(Some(live)),
        Ok(_) => Ok(None),
        Err(error) => {
            answer::tell_store_error(&rp.config, &error);
            Err(Box::new(answer::store_unavailable_asked(&rp.config, kind)))
        }
    }
}

pub(crate) fn method_not_allowed() -> Response {
    let allow = [(ALLOW, HeaderValue::from_static("GET"))];
    (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
}

fn prefetch_refused() -> Response {
    let text = "A login is started by a person, not by a prefetch.";
    let body = json!({"error": "prefetch_refused", "error_description": text});
    answer::json_response(StatusCode::FORBIDDEN, &body)
}

pub(crate) fn no_navigation(config: &Config, kind: RequestKind) -> Response {
    let text = "A sign-in needs a page of its own. Open this address in a tab or window.";
    let home = vec![PageAction::link("Go to the front page", config.base.home())];
    let page = answer::new_page(403, "navigation_required", "Not in a frame", &[text], home);
    answer::page_or_json(config, kind, &page)
}
