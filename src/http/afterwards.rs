//! What is done to the response of a handler that had a session (ceiling rules 12 and 14).

use std::sync::Arc;

use axum_core::response::Response;
use http::header::{self, CACHE_CONTROL, VARY};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::body;
use super::cookies::CookieJar;
use super::response::answer::{self, Refused};
use super::response::login_url;
use super::signed_out::sign_out;
#[cfg(feature = "ws")]
use super::websocket::Upgraded;
use crate::flow::relying_party::RelyingParty;
use crate::policy::{Limit, Refusal, max_age};
use crate::session::entry::Entry;
use crate::session::live_session::{LiveSession, RequestNumber};

/// What remains to be done when the handler has answered.
pub(super) struct Afterwards {
    pub(super) live: LiveSession,
    /// The request that was admitted, whatever id its session has now.
    request: RequestNumber,
    pub(super) reissue: bool,
    /// Whether the browser may be sent this session's cookie: not if it may hold a newer one.
    may_reissue: bool,
    clear_rounds: bool,
    /// The application data ended the session, or tried to.
    pub(super) has_signed_out: bool,
    #[cfg(feature = "ws")]
    pub(super) upgraded: Option<Upgraded>,
}

impl Afterwards {
    /// `clear_rounds`: the browser counts logins that led to no session, and there is one.
    pub(super) fn new(live: LiveSession, reissue: bool, clear_rounds: bool) -> Self {
        let request = live.request();
        Self {
            live,
            request,
            reissue,
            may_reissue: true,
            clear_rounds,
            has_signed_out: false,
            #[cfg(feature = "ws")]
            upgraded: None,
        }
    }

    /// For a session that another node may have replaced, unheard so far: the next touch looks, and sends the cookies.
    pub(super) fn without_reissue(mut self) -> Self {
        self.may_reissue = false;
        self
    }
}

/// Marks the response to a request with a session (ceiling rules 12 and 14).
pub(super) fn finish(rp: &Arc<RelyingParty>, afterwards: &Afterwards, response: &mut Response) {
    login_url::complete(&rp.config, response);
    // What a route requires may never be met: that is a round of a loop, too (ceiling rule 6).
    let clear_rounds = afterwards.clear_rounds
        && response.extensions().get() != Some(&Refused::InsufficientAuthentication);
    let headers = response.headers_mut();
    let entry = afterwards.live.entry();
    let mut sends = true;
    let has_ended_it = afterwards.has_signed_out || entry.is_ended_by(afterwards.request);
    match entry.ended() {
        // It ended in a refresh that this request waited for.
        Some(reason) if has_ended_it && reason.refusal() != Refusal::Revoked => {
            jar(rp, headers).ended(reason.refusal());
        }
        // Also where the store failed. What the browser sent is with the handler.
        _ if has_ended_it => sign_out(&rp.config, headers, None),
        None if must_reissue(rp, afterwards) => {
            let deadline = entry.deadline(rp.sessions.limits());
            jar(rp, headers).issue(entry.cookie(), deadline, rp.config.clock.now());
        }
        // A refresh has brought a ceiling that was reached already: the browser's marker tells of a later one. Should the browser hold a
        // newer session, that one's end may be called by this name until it is used next.
        Some(reason) if reason.is_limit() && ends_earlier(rp, afterwards) => {
            jar(rp, headers).mark_ended(reason.refusal());
        }
        // A session that ended meanwhile must not come back into a browser that may hold a newer one.
        _ => sends = false,
    }
    if clear_rounds {
        jar(rp, headers).remove(&rp.config.cookies.rounds);
    }
    // A handler that says nothing is the usual case, and costs one look-up.
    match headers.entry(CACHE_CONTROL) {
        header::Entry::Vacant(none) => {
            none.insert(NO_STORE);
        }
        header::Entry::Occupied(_) => {
            if sends {
                forbid_keeping(headers);
            }
            keep_for_this_session(headers);
        }
    }
    if rp.config.pages.expires_in_header && entry.ended().is_none() && !has_ended_it {
        tell_seconds_left(rp, entry, headers);
    }
    // A response to the request that ended the session is not part of what ends with it.
    if !has_ended_it {
        body::bind(rp, entry, response);
        #[cfg(feature = "ws")]
        if let Some(upgraded) = &afterwards.upgraded {
            upgraded.bind(rp, entry, response);
        }
    }
}

fn jar<'a>(rp: &'a RelyingParty, headers: &'a mut HeaderMap) -> CookieJar<'a> {
    CookieJar::new(&rp.config.cookies, headers)
}

/// A user's own number is not for a response that is kept for others.
fn tell_seconds_left(rp: &RelyingParty, entry: &Entry, headers: &mut HeaderMap) {
    if !is_for_shared_caches(headers) {
        let now = entry.now(&*rp.config.clock).time();
        let left = max_age(entry.deadline(rp.sessions.limits()), now).as_secs();
        headers.insert(&SESSION_EXPIRES_IN, HeaderValue::from(left));
    }
}

/// A shared cache would hand this user's cookies, or their removal, to others.
pub(super) fn forbid_keeping(headers: &mut HeaderMap) {
    if is_for_shared_caches(headers) {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
}

/// What the handler lets the browser keep is not for whoever signs in next, or for nobody: their cookies are others.
fn keep_for_this_session(headers: &mut HeaderMap) {
    let is_for_all = |directive: &str| {
        let name = directive.split('=').next().unwrap_or_default();
        ["no-store", "public", "s-maxage"].iter().any(|all| name.eq_ignore_ascii_case(all))
    };
    if !directives(headers).any(is_for_all) {
        headers.append(VARY, COOKIE);
    }
}

fn directives(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

fn is_for_shared_caches(headers: &HeaderMap) -> bool {
    !directives(headers).any(|directive| {
        ["no-store", "private"].iter().any(|name| directive.eq_ignore_ascii_case(name))
    })
}

/// As [`finish`], where another request may have ended the session without this one's copy knowing it.
pub(super) async fn finish_in_store(
    rp: &Arc<RelyingParty>,
    mut afterwards: Afterwards,
    response: &mut Response,
) {
    let entry = afterwards.live.entry();
    if must_reissue(rp, &afterwards) && entry.ended().is_none() {
        match rp.sessions.reload(entry).await {
            Ok(is_there) => afterwards.may_reissue = is_there,
            Err(error) => answer::tell_store_error(&rp.config, &error),
        }
    }
    finish(rp, &afterwards, response);
}

/// After a touch, and where the deadline moved while the handler ran; its use by other requests is theirs to tell.
fn must_reissue(rp: &RelyingParty, afterwards: &Afterwards) -> bool {
    if !afterwards.may_reissue || afterwards.reissue {
        return afterwards.may_reissue;
    }
    let live = &afterwards.live;
    live.deadline_if_moved(rp.sessions.limits()).is_some_and(|after| {
        let before = live.deadline();
        after.at < before.at || before.limit == Limit::Ceiling && after.at > before.at
    })
}

fn ends_earlier(rp: &RelyingParty, afterwards: &Afterwards) -> bool {
    let live = &afterwards.live;
    live.deadline_if_moved(rp.sessions.limits()).is_some_and(|now| now.at < live.deadline().at)
}

static SESSION_EXPIRES_IN: HeaderName = HeaderName::from_static("session-expires-in");
const COOKIE: HeaderValue = HeaderValue::from_static("cookie");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
