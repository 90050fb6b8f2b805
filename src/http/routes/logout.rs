//! POST logout ends the session, here and then at the provider; GET asks whether to.
//!
//! | request | answer |
//! |---|---|
//! | GET | 200, a page with a button |
//! | POST from another site | 403, the session lives on |
//! | POST, a form | 303 to the provider's end of session, or home if it has none |
//! | POST, a fetch | 200 `{"logout_url": …}`: where to go on, absolute |
//! | POST, and the store fails | 503, nothing was ended |
//! | POST, and a hook of the application panics | 500 |

use std::sync::Arc;

use axum::extract::State;
use axum_core::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use crate::config::page::PageAction;
use crate::flow::logout;
use crate::flow::relying_party::RelyingParty;
use crate::http::cookies::{CookieJar, RequestCookies};
use crate::http::facts;
use crate::http::response::answer;
use crate::policy::{Answer, answer as answer_for};
use crate::session::contract::StoreError;
use crate::session::sessions::Lookup;
use crate::spawn;

pub(crate) async fn confirm(State(rp): State<Arc<RelyingParty>>) -> Response {
    let config = &rp.config;
    let actions = vec![
        PageAction::button("Sign out", config.base.below(&config.paths.logout)),
        PageAction::link("Stay signed in", config.base.home()),
    ];
    let text = "You will be signed out of this application and at the sign-in service.";
    answer::page(config, &answer::new_page(200, "confirm_logout", "Sign out?", &[text], actions))
}

pub(crate) async fn logout(
    State(rp): State<Arc<RelyingParty>>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let config = &rp.config;
    let kind = facts::kind(&method, &headers);
    if let Err(refused) = facts::check_cross_site(config, &method, &headers) {
        return answer::cross_site_asked(config, kind, refused);
    }
    let cookies = RequestCookies::scan(&headers, &config.cookies);
    let task = end(Arc::clone(&rp), cookies);
    let url = match spawn::to_the_end(&*config.spawn, task).await {
        Some(Ok(url)) => url.unwrap_or_else(|| config.base.home()),
        Some(Err(_)) => return answer::store_unavailable_asked(config, kind),
        None => return answer::logout_interrupted(config, kind),
    };
    let mut response = match answer_for(kind) {
        Answer::Json401 => answer::json_response(StatusCode::OK, &json!({"logout_url": url})),
        Answer::RedirectToLogin | Answer::Page401 => answer::redirect(&url),
    };
    let headers = response.headers_mut();
    CookieJar::new(&config.cookies, headers).signed_out();
    if config.pages.clear_cache {
        headers.insert(&CLEAR_SITE_DATA, CACHE);
    }
    response
}

/// Ends what there is to end. A session that is over already, even one that is gone, is still ended at the provider.
///
/// A task: a client that hangs up is signed out all the same. A store that fails is told in it.
async fn end(rp: Arc<RelyingParty>, cookies: RequestCookies) -> Result<Option<String>, StoreError> {
    let tell = |error: &StoreError| answer::tell_store_error(&rp.config, error);
    let entry = match &cookies.session {
        None => None,
        Some(cookie) => match rp.sessions.load(cookie).await.inspect_err(tell)? {
            Lookup::Live(live) => Some(Arc::clone(live.entry())),
            Lookup::Over(entry, _) => entry,
            Lookup::Moved(handle) => {
                logout::logout_moved(&rp, handle).await?;
                None
            }
            // Also what only another node, or another version of this program, would take for a session.
            Lookup::Foreign | Lookup::Unknown => {
                rp.sessions.forget(cookie).await.inspect_err(tell)?;
                rp.sessions.wait_for_nodes().await;
                None
            }
        },
    };
    let had_session = cookies.session.is_some() || cookies.marker.is_some();
    let url = match entry {
        Some(entry) => logout::logout(&rp, &entry).await?,
        None if had_session => logout::without_session(&rp).await,
        None => None,
    };
    Ok(url.map(String::from))
}

/// Clear Site Data, section 3.1.
static CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const CACHE: HeaderValue = HeaderValue::from_static("\"cache\"");
