//! GET callback: completes a login.
//!
//! The answer is at the callback's own URL, except for a success (303 to `return_to`), an automatic retry (303 to the
//! provider), and a callback that comes again while its user is signed in: where it is known for this browser's own it leads to
//! its `return_to`, otherwise home. One that comes again while the first is under way is answered as the first.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum_core::response::Response;
use http::{HeaderMap, Method};

use super::login::{rounds, sent_to_provider, set_rounds};
use crate::events::EventKind;
use crate::flow::callback::Callback;
use crate::flow::callback_error::CallbackError;
use crate::flow::callback_task;
use crate::flow::event_session;
use crate::flow::new_session::NewSession;
use crate::flow::previous::{self, Previous};
use crate::flow::relying_party::RelyingParty;
use crate::http::cookies::{self, CookieJar, RequestCookies};
use crate::http::facts;
use crate::http::login_start::{method_not_allowed, no_navigation};
use crate::http::response::{answer, errors};
use crate::policy::{CeilingRefusal, Outcome, RequestKind};
use crate::session::attempt::BrowserBinding;
use crate::session::sessions::Lookup;

pub(crate) async fn callback(
    State(rp): State<Arc<RelyingParty>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let kind = facts::kind(&method, &headers);
    if kind == RequestKind::Head {
        return method_not_allowed();
    }
    let config = &rp.config;
    let query = query.unwrap_or_default();
    let previous = match RequestCookies::scan(&headers, &config.cookies).session {
        None => Lookup::Unknown,
        Some(cookie) => match rp.sessions.load(&cookie).await {
            Ok(lookup) => lookup,
            Err(error) => {
                answer::tell_store_error(config, &error);
                return answer::store_unavailable_asked(config, kind);
            }
        },
    };
    let moved = match &previous {
        Lookup::Moved(handle) => Some(*handle),
        _ => None,
    };
    let (is_signed_in, previous) = match previous {
        Lookup::Live(live) => {
            let entry = Arc::clone(live.entry());
            (true, Some(Previous { entry, over: None }))
        }
        Lookup::Over(entry, reason) => {
            (false, entry.map(|entry| Previous { entry, over: Some(reason) }))
        }
        Lookup::Moved(_) | Lookup::Foreign | Lookup::Unknown => (false, None),
    };
    let user_before = previous.as_ref().map(Previous::subject);
    let sent = cookies::bindings(&headers, &config.cookies);
    let device = facts::device(&headers);
    let completed = callback_task::run(&rp, query, sent.clone(), previous.clone(), device).await;
    match completed.as_deref() {
        Ok(Callback::SignedIn { session, return_to }) => {
            // This request's own: another one may have brought the callback first.
            previous::give_way(&rp, session, previous, moved).await;
            let mut response = signed_in(&rp, &headers, session, return_to);
            if user_before.is_some_and(|before| before != session.subject()) {
                bind_anew(&rp, &sent, response.headers_mut());
            }
            response
        }
        // A script, a frame or a prefetch can show nobody the provider's page.
        Ok(Callback::Retry(_)) if kind != RequestKind::Navigation => no_navigation(config, kind),
        Ok(Callback::Retry(begun)) => sent_to_provider(config, begun),
        Ok(Callback::SignedInAlready { return_to }) => {
            answer::redirect(&config.base.absolute(return_to))
        }
        Err(error) if is_signed_in && error.is_replay() => answer::redirect(&config.base.home()),
        Err(error) => refused(&rp, &headers, Arc::clone(error)),
    }
}

fn signed_in(
    rp: &RelyingParty,
    headers: &HeaderMap,
    session: &NewSession,
    return_to: &str,
) -> Response {
    let config = &rp.config;
    let (session, is_first) = session.delivered();
    if is_first {
        let begun = event_session::of_state(&session.entry().state().state);
        config.tell(EventKind::SignedIn { session: begun });
    }
    let mut response = answer::redirect(&config.base.absolute(return_to));
    let entry = session.entry();
    let deadline = entry.deadline(rp.sessions.limits());
    let mut jar = CookieJar::new(&config.cookies, response.headers_mut());
    jar.issue(entry.cookie(), deadline, config.clock.now());
    let ended = rounds(config, headers).ended(Outcome::SessionIssued);
    set_rounds(config, response.headers_mut(), ended);
    response
}

/// The browser has another user than before, who may have begun logins in it: none of them is finished in it now (login CSRF).
/// Those that began at the same time as this one lead to their pages.
fn bind_anew(rp: &RelyingParty, sent: &[BrowserBinding], headers: &mut HeaderMap) {
    let config = &rp.config;
    let mut jar = CookieJar::new(&config.cookies, headers);
    for old in sent {
        match BrowserBinding::generate(old.slot(), &*config.random) {
            Ok(new) => jar.bind(&new, config.requests.attempt_lifetime),
            Err(_) => jar.unbind(old),
        }
    }
}

fn refused(rp: &RelyingParty, headers: &HeaderMap, error: Arc<CallbackError>) -> Response {
    let config = &rp.config;
    let sends_cookies = cookies::sends_any(headers, &config.cookies);
    let page = errors::callback_page(config, &error, sends_cookies);
    let mut response = answer::page(config, &page);
    let outcome = match &*error {
        CallbackError::Ceiling(
            CeilingRefusal::InsideLeeway { .. } | CeilingRefusal::AlreadyPast { .. },
        ) => Outcome::RefusedCeiling,
        _ => Outcome::Failed,
    };
    let ended = rounds(config, headers).ended(outcome);
    set_rounds(config, response.headers_mut(), ended);
    response.extensions_mut().insert(error);
    response
}
