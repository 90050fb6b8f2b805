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
use crate::session::contract::StoreError;
use crate::session::entry::Entry;
use crate::session::live_session::LiveSession;

/// What became of a handler.
pub(super) enum Ran<T> {
    Answered(T),
    /// The session ended first: this is the answer.
    Cut(Response),
}

/// Why a handler is cut off.
enum Cut {
    Ended(Arc<Entry>, EndReason),
    InDoubt(StoreError),
}

/// Runs the handler, if there is an `asked` no longer than the session lasts.
pub(super) async fn run<T>(
    handler: impl Future<Output = T>,
    rp: &Arc<RelyingParty>,
    live: &LiveSession,
    asked: Option<Asked>,
) -> Ran<T> {
    let Some(asked) = asked else { return Ran::Answered(handler.await) };
    // A handler that is cut off is dropped first: it may hold what the end of the session needs.
    match while_it_lasts(handler, rp, live).await {
        Ok(answered) => Ran::Answered(answered),
        Err(Cut::Ended(entry, reason)) => Ran::Cut(refuse(rp, &entry, &asked, reason).await),
        Err(Cut::InDoubt(error)) => {
            answer::tell_store_error(&rp.config, &error);
            Ran::Cut(answer::store_unavailable_asked(&rp.config, asked.kind))
        }
    }
}

async fn while_it_lasts<T>(
    handler: impl Future<Output = T>,
    rp: &Arc<RelyingParty>,
    live: &LiveSession,
) -> Result<T, Cut> {
    let mut handler = pin!(handler);
    let mut entry = Arc::clone(live.entry());
    loop {
        let ended = ended::ended_as(rp, Arc::clone(&entry));
        let reason = match select(handler.as_mut(), pin!(ended)).await {
            // What the handler did to the session itself is in its answer.
            Either::Left((answered, _)) => return Ok(answered),
            Either::Right(((now, reason), _)) => {
                entry = now;
                reason
            }
        };
        if live.entry().is_ended_by(live.request()) {
            return Ok(handler.await);
        }
        if reason == EndReason::IdleLimit && entry.ended().is_none() {
            // Another node may have used it. A store that can't say so signs nobody out. The handler runs on meanwhile: the
            // store may wait for what it holds.
            let goes_on = match select(handler.as_mut(), pin!(rp.sessions.reload(&entry))).await {
                Either::Left((answered, _)) => return Ok(answered),
                Either::Right((goes_on, _)) => goes_on.map_err(Cut::InDoubt)?,
            };
            if goes_on && !rp.sessions.is_over(&entry) {
                continue;
            }
        }
        return Err(Cut::Ended(entry, reason));
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
