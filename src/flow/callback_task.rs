//! The task that completes a login, and the requests that share it.

use std::sync::Arc;

use tower_sessions::session::Id;

use super::callback::{Callback, complete, key_of_browser};
use super::callback_error::CallbackError;
use super::previous::Previous;
use super::relying_party::RelyingParty;
use crate::events::EventKind;
use crate::protocol::authorization_response::AuthorizationResponse;
use crate::session::attempt::BrowserBinding;
use crate::spawn;

/// How a callback has ended. All requests that bring the same one while it is under way share it.
pub(crate) type Completed = Result<Arc<Callback>, Arc<CallbackError>>;

/// Completes a login, in a task of its own: a client that hangs up leaves no tokens behind that nobody uses. A panic of the
/// application's hook ends that task, and nothing else.
///
/// A browser that brings its callback again while the first is under way (a reload, a double click) gets what comes of the first.
pub(crate) async fn run(
    rp: &Arc<RelyingParty>,
    query: String,
    sent: Vec<BrowserBinding>,
    previous: Option<Previous>,
    device: Option<String>,
) -> Completed {
    let task = Arc::clone(rp);
    let is_signed_in = previous.as_ref().is_some_and(Previous::is_live);
    let attempt = attempt_of_browser(rp, &query, &sent);
    let work = async move {
        let completed = complete(&task, &query, &sent, previous, device).await;
        if let Err(error) = &completed {
            tell_refused(&task, error, is_signed_in);
        }
        completed.map(Arc::new).map_err(Arc::new)
    };
    let spawn = &*rp.config.spawn;
    let completed = match attempt {
        Some(attempt) => rp.callbacks.join(attempt, spawn, || work).await,
        None => spawn::to_the_end(spawn, work).await,
    };
    completed.unwrap_or_else(|| {
        let error = CallbackError::Interrupted;
        tell_refused(rp, &error, is_signed_in);
        Err(Arc::new(error))
    })
}

/// The attempt that a response in order names, if this browser began it. A response that is not in order shares nothing.
fn attempt_of_browser(rp: &RelyingParty, query: &str, sent: &[BrowserBinding]) -> Option<Id> {
    let response = AuthorizationResponse::parse(query).ok()?;
    key_of_browser(rp, response.state()?, sent)
}

/// In the task, so that it is told also if the client hangs up. The Back button of a browser that is signed in leads on to its
/// page, and is no event.
pub(super) fn tell_refused(rp: &RelyingParty, error: &CallbackError, is_signed_in: bool) {
    let code = error.code();
    let kind = match error {
        error if is_signed_in && error.is_replay() => return,
        CallbackError::AttemptUsed => EventKind::ReplaySeen { code },
        _ => EventKind::SignInRefused { code, provider: error.said_by_provider() },
    };
    rp.config.tell_with(kind, error);
}
