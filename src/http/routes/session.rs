//! GET session: JSON for scripts. Never redirects, never 401, and is no use of the session: polling keeps nothing alive.
//!
//! | member | with a session | without |
//! |---|---|---|
//! | `authenticated` | `true` | `false` |
//! | `sub` | the user's, for pages to notice that it is another one's session now | `null` |
//! | `expires_at` | the deadline, Unix seconds | `null` |
//! | `expires_in` | seconds until then, by the server's clock | `null` |
//! | `limit` | what sets the deadline: `ceiling`, `idle`, `absolute` | `null` |
//! | `reason` | `null` | what ended it: `ceiling`, `idle`, `absolute`, `continuity`, `refresh_rejected`, `malformed_session_expiry`, `revoked`; `null` without one, or after a logout here |
//! | `login_url` | absolute | absolute |
//!
//! The answer is `no-store`. With the seconds left a script needs no clock that agrees with the server's.

use std::sync::Arc;

use axum::extract::State;
use axum_core::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::flow::end::{self, Ending};
use crate::flow::relying_party::RelyingParty;
use crate::http::cookies::{CookieJar, RequestCookies};
use crate::http::response::answer;
use crate::policy::{EndReason, Refusal, RequestKind, max_age};
use crate::session::sessions::Lookup;

pub(crate) async fn session(State(rp): State<Arc<RelyingParty>>, headers: HeaderMap) -> Response {
    let cookies = RequestCookies::scan(&headers, &rp.config.cookies);
    let lookup = match &cookies.session {
        None => Lookup::Unknown,
        Some(cookie) => match rp.sessions.load(cookie).await {
            Ok(lookup) => lookup,
            Err(error) => {
                answer::tell_store_error(&rp.config, &error);
                return answer::store_unavailable_asked(&rp.config, RequestKind::Fetch);
            }
        },
    };
    match lookup {
        Lookup::Live(live) => {
            let deadline = live.deadline();
            let body = json!({
                "authenticated": true,
                "sub": live.entry().state().state.claims.sub(),
                "expires_at": deadline.at.seconds(),
                "expires_in": max_age(deadline, live.entry().now(&*rp.config.clock).time()).as_secs(),
                "limit": deadline.limit.as_str(),
                "reason": null,
                "login_url": rp.config.login_url(),
            });
            let mut response = answer::json_response(StatusCode::OK, &body);
            if cookies.has_rounds {
                // The sign-in has led to a session that works: it was no round of a loop (ceiling rule 6).
                let rounds = &rp.config.cookies.rounds;
                CookieJar::new(&rp.config.cookies, response.headers_mut()).remove(rounds);
            }
            response
        }
        Lookup::Over(entry, reason) => {
            if let Some(entry) = entry {
                end::end(&rp, &entry, reason, Ending::RevokeTokens).await;
            }
            let mut response = signed_out(&rp, Some(reason.refusal()));
            if reason != EndReason::Replaced {
                CookieJar::new(&rp.config.cookies, response.headers_mut()).ended(reason.refusal());
            }
            response
        }
        // The browser has the newer session's cookie already, or is about to.
        Lookup::Moved(_) => signed_out(&rp, Some(EndReason::Replaced.refusal())),
        // Another version of this program may know what to do with it: its cookie stays. Without the marker, which comes with
        // every session, it is no cookie of ours.
        Lookup::Foreign => signed_out(&rp, cookies.marker.map(|_| EndReason::Revoked.refusal())),
        Lookup::Unknown => {
            let Some(marker) = cookies.marker else { return signed_out(&rp, None) };
            if cookies.session.is_none() {
                return signed_out(&rp, Some(marker.refusal));
            }
            let refusal = marker.of_gone_session(rp.config.clock.now());
            let mut response = signed_out(&rp, Some(refusal));
            CookieJar::new(&rp.config.cookies, response.headers_mut()).ended(refusal);
            response
        }
    }
}

fn signed_out(rp: &RelyingParty, refusal: Option<Refusal>) -> Response {
    let body = json!({
        "authenticated": false,
        "sub": null,
        "expires_at": null,
        "expires_in": null,
        "limit": null,
        "reason": refusal.map(Refusal::reason),
        "login_url": rp.config.login_url(),
    });
    answer::json_response(StatusCode::OK, &body)
}
