//! Handlers that are cut off when the session ends: [`AuthSessionLayer::cancel_at_deadline`](super::layer::AuthSessionLayer).

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use axum_core::response::Response;
use futures_util::future::{Either, select};

use super::afterwards::forbid_keeping;
use super::context::Absence;
use super::cookies::CookieJar;
use super::response::answer::{self, Asked};
use super::response::unauthorized;
use crate::flow::end::{self, Ending};
use crate::flow::ended;
use crate::flow::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::entry::Entry;
use crate::session::live_session::LiveSession;

/// What became of a handler.
pub(super) enum Ran<T> {
    Answered(T),
    /// The session ended first: this is the answer.
    Cut(Response),
}

/// Runs the handler, if there is an `asked` no longer than the session lasts.
pub(super) async fn run<T>(
    handler: impl Future<Output = T>,
    rp: &Arc<RelyingParty>,
    live: &LiveSession,
    asked: Option<Asked>,
) -> Ran<T> {
    let Some(asked) = asked else { return Ran::Answered(handler.await) };
    let mut handler = pin!(handler);
    let mut entry = Arc::clone(live.entry());
    loop {
        let ended = ended::ended_as(rp, Arc::clone(&entry));
        let reason = match select(handler.as_mut(), pin!(ended)).await {
            // What the handler did to the session itself is in its answer.
            Either::Left((answered, _)) => return Ran::Answered(answered),
            Either::Right(((now, reason), _)) => {
                entry = now;
                reason
            }
        };
        if live.entry().is_ended_by(live.request()) {
            return Ran::Answered(handler.await);
        }
        if reason == EndReason::IdleLimit && entry.ended().is_none() {
            // Another node may have used it. A store that can't say so signs nobody out.
            match rp.sessions.reload(&entry).await {
                Ok(true) if !rp.sessions.is_over(&entry) => continue,
                Ok(_) => {}
                Err(error) => {
                    answer::tell_store_error(&rp.config, &error);
                    return Ran::Cut(answer::store_unavailable_asked(&rp.config, asked.kind));
                }
            }
        }
        return Ran::Cut(refuse(rp, &entry, &asked, reason).await);
    }
}

async fn refuse(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    asked: &Asked,
    reason: EndReason,
) -> Response {
    let refusal = reason.refusal();
    end::end(rp, entry, reason, Ending::RevokeTokens).await;
    let mut response = unauthorized::refuse_asked(&rp.config, asked, Absence::Ended(refusal));
    forbid_keeping(response.headers_mut());
    if reason != EndReason::Replaced {
        CookieJar::new(&rp.config.cookies, response.headers_mut()).ended(refusal);
    }
    response
}
