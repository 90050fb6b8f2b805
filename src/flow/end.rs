//! The end of a session: deleted, told to the application, its refresh token revoked.

use std::sync::Arc;

use secrecy::SecretString;

use super::event_session;
use super::relying_party::RelyingParty;
use crate::config::hooks::SessionEnded;
use crate::events::{EventKind, EventSession};
use crate::policy::EndReason;
use crate::provider::TokenTypeHint;
use crate::session::contract::StoreError;
use crate::session::ending::Revoked;
use crate::session::entry::Entry;
use crate::session::revocation::Revocation;
use crate::session::state::SessionState;
use crate::spawn;

/// What becomes of the session's refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is revoked at the provider, in the background (ceiling rule 17).
    RevokeTokens,
    /// It is left alone: some providers revoke with it the grant that the new session lives on.
    KeepTokens,
}

impl Ending {
    /// Of sessions that a revocation ends.
    const fn of(reason: EndReason) -> Self {
        match reason {
            EndReason::SessionLimit => Self::KeepTokens,
            _ => Self::RevokeTokens,
        }
    }
}

/// Ends a session; a store that fails is told, and the record's own lifetime finishes the job (ceiling rule 7).
pub(crate) async fn end(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
    ending: Ending,
) {
    if try_end(rp, entry, reason, ending).await.is_err() {
        log_not_deleted();
    }
}

/// What comes of a failure of the store that was told.
pub(super) fn log_not_deleted() {
    tracing::warn!(code = "session_not_deleted", "an ended session was not deleted");
}

pub(super) fn tell_store_error(rp: &RelyingParty, error: &StoreError) {
    rp.config.tell_with(EventKind::StoreUnavailable {}, error);
}

/// Ends a session, or says that the store did not, which is told. `true` if this call ended it.
///
/// # Errors
///
/// The store failed; the session goes on, unless its time had come.
pub(crate) async fn try_end(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
    ending: Ending,
) -> Result<bool, StoreError> {
    let _ours = rp.sessions.ending(entry);
    if !reason.is_revocation() {
        // Another request may have rotated the refresh token that is to be revoked. The end does not depend on it (rule 7).
        if let Err(error) = rp.sessions.reload(entry).await {
            tell_store_error(rp, &error);
        }
    }
    let mut also = Vec::new();
    let ended = rp.sessions.end(entry, reason, &mut also).await;
    let ended = told_once(rp, (entry, ended), also, (reason, ending));
    if reason.is_revocation() && ended.is_ok() {
        rp.sessions.wait_for_nodes().await;
    }
    ended
}

/// Ends a session in whose place a login comes, whatever id it is moving to. Its tokens are left alone.
pub(super) async fn replace(rp: &Arc<RelyingParty>, entry: &Arc<Entry>) {
    let _ours = rp.sessions.ending(entry);
    let mut also = Vec::new();
    let ended = rp.sessions.replace(entry, &mut also).await;
    let told = (EndReason::Replaced, Ending::KeepTokens);
    if told_once(rp, (entry, ended), also, told).is_err() {
        log_not_deleted();
    }
}

/// A session that ended under another id, too, is told once, and so is one whose time had come and that the store did not
/// delete. `true` if this call ended it.
fn told_once(
    rp: &Arc<RelyingParty>,
    (entry, ended): (&Arc<Entry>, Result<bool, StoreError>),
    also: Vec<Revoked>,
    (reason, ending): (EndReason, Ending),
) -> Result<bool, StoreError> {
    let is_first = match &ended {
        Ok(is_first) => *is_first,
        Err(error) => {
            tell_store_error(rp, error);
            reason.is_limit() && rp.sessions.end_undeleted(entry, reason)
        }
    };
    let any = is_first || !also.is_empty();
    if is_first {
        noticed(rp, entry, reason, ending);
    } else {
        all_noticed(rp, also, reason, ending);
    }
    ended.map(|_| any)
}

/// Ends all sessions that do not pass, in a task of its own: a client that hangs up stops nothing half-way. How many ended.
///
/// # Errors
///
/// The store failed; some of the sessions go on.
pub(crate) async fn revoke(
    rp: &Arc<RelyingParty>,
    revocations: Vec<Revocation>,
    reason: EndReason,
) -> Result<usize, StoreError> {
    let task = Arc::clone(rp);
    let work = async move {
        let mut ended = Vec::new();
        let outcome = task.sessions.revoke(&revocations, reason, &mut ended).await;
        let count = ended.len();
        all_noticed(&task, ended, reason, Ending::of(reason));
        outcome.inspect_err(|error| tell_store_error(&task, error))?;
        if reason != EndReason::SessionLimit {
            task.sessions.wait_for_nodes().await;
        }
        Ok(count)
    };
    let done = spawn::to_the_end(&*rp.config.spawn, work).await;
    done.unwrap_or_else(|| Err(StoreError::new("the work was cut off")))
}

/// As [`try_end`] in a task of its own, and what the session has become under a new id: a rotation that is under way is
/// waited for.
///
/// # Errors
///
/// The store failed; the session goes on.
pub(crate) async fn try_end_with_successors(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
) -> Result<EndedChain, StoreError> {
    let (task, entry) = (Arc::clone(rp), Arc::clone(entry));
    let work = async move { end_chain(&task, entry, reason).await };
    let done = spawn::to_the_end(&*rp.config.spawn, work).await;
    done.unwrap_or_else(|| Err(StoreError::new("the work was cut off")))
}

/// A session that was ended with what it had become.
pub(crate) struct EndedChain {
    /// Under its last id.
    pub(crate) last: Arc<Entry>,
    /// Whether this call ended it.
    pub(crate) first: bool,
}

async fn end_chain(
    rp: &Arc<RelyingParty>,
    mut entry: Arc<Entry>,
    reason: EndReason,
) -> Result<EndedChain, StoreError> {
    let mut first = false;
    loop {
        let mut next = entry.successor();
        if next.is_none() || !entry.is_moving() {
            first |= try_end(rp, &entry, reason, Ending::RevokeTokens).await?;
            if !entry.is_moving() {
                return Ok(EndedChain { last: entry, first });
            }
            rp.refreshes.settled(entry.cookie().finder()).await;
            next = entry.successor();
        }
        match next {
            Some(next) => entry = next,
            None => return Ok(EndedChain { last: entry, first }),
        }
    }
}

/// As [`noticed`], for sessions that were found without their cookie: their tokens can be revoked only if they are in use in this
/// process.
fn all_noticed(rp: &Arc<RelyingParty>, ended: Vec<Revoked>, reason: EndReason, ending: Ending) {
    for Revoked { summary, entry } in ended {
        match entry {
            Some(entry) => noticed(rp, &entry, reason, ending),
            None => tell(rp, reason, event_session::of_summary(summary)),
        }
    }
}

/// Tells the application, and revokes.
pub(super) fn noticed(rp: &Arc<RelyingParty>, entry: &Entry, reason: EndReason, ending: Ending) {
    let state = &entry.state().state;
    if ending == Ending::RevokeTokens {
        revoke_refresh_token(rp, state);
    }
    tell(rp, reason, event_session::of_state(state));
}

pub(super) fn revoke_refresh_token(rp: &RelyingParty, state: &SessionState) {
    if let Some(token) = state.tokens.refresh.to_revoke() {
        revoke_in_background(rp, token.clone(), TokenTypeHint::RefreshToken);
    }
}

pub(super) fn tell(rp: &RelyingParty, reason: EndReason, session: EventSession) {
    let (subject, sid) = (session.subject.clone(), session.sid.clone());
    rp.config.tell(EventKind::SessionEnded { session, reason });
    if let Some(hook) = &rp.config.hooks.session_ended {
        let noticed_at = rp.config.clock.now();
        rp.config.spawn.spawn(hook(SessionEnded { reason, subject, sid, noticed_at }));
    }
}

/// Revokes a token at the provider, if the configuration says so, in a task of its own.
pub(crate) fn revoke_in_background(rp: &RelyingParty, token: SecretString, hint: TokenTypeHint) {
    if !rp.config.revoke_tokens {
        return;
    }
    let provider = Arc::clone(&rp.provider);
    rp.config.spawn.spawn(Box::pin(async move {
        if let Err(error) = provider.revoke(&token, hint).await {
            let (code, error): (_, &(dyn std::error::Error + 'static)) = (error.code(), &error);
            tracing::warn!(code, error, "a token was not revoked at the provider");
        }
    }));
}
