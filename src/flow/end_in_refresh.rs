//! The end of a session in a refresh: what the provider has just said leaves nothing to go on with.
//!
//! | what it said | reason |
//! |---|---|
//! | an ID Token that does not verify, or does not continue the login's | `continuity` |
//! | an end that has come already | that limit |
//! | a malformed end, where there was none | `malformed_session_expiry` |
//! | that only a new login can help, and the configuration ends the session then | `refresh_rejected` |
//!
//! It is an end like any other (event, line of the log, revocation of the newest refresh token, record deleted; the response
//! of a request that waited removes the cookie), and it counts in this process before the store has taken it: whoever
//! uses the session here gets neither the new access token nor the old one.

use std::sync::Arc;

use super::access_token::AccessTokenError;
use super::end::{self, Ending};
use super::refresh_answer::revoke;
use super::relying_party::RelyingParty;
use super::update::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::policy::EndReason;
use crate::session::contract::Saved;
use crate::session::entry::Entry;
use crate::session::state::{Refresh, SessionState};

/// Ends the session; `fresh` is a refresh token that the session's state does not have. What the requests that wait get.
pub(super) async fn end_in_refresh(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
    fresh: Option<&Refresh>,
) -> AccessTokenError {
    let _ours = rp.sessions.ending(entry);
    if rp.sessions.end_in_refresh(entry, reason) {
        let ending = if fresh.is_some() { Ending::KeepTokens } else { Ending::RevokeTokens };
        end::noticed(rp, entry, reason, ending);
    }
    let reason = entry.ended().unwrap_or(reason);
    // Some providers revoke with the token the grant that a session in its place lives on.
    if let Some(fresh) = fresh.filter(|_| reason != EndReason::Replaced) {
        revoke(rp, fresh);
    }
    end_in_store(rp, entry, reason).await;
    AccessTokenError::SessionExpired(reason)
}

/// As long as the session could be used elsewhere: deleted, or at least over.
async fn end_in_store(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, reason: EndReason) {
    let mut pause = FIRST_PAUSE;
    let deadline = entry.deadline(rp.sessions.limits()).at;
    loop {
        match rp.sessions.end(entry, reason, &mut Vec::new()).await {
            Ok(_) => return,
            Err(error) => end::tell_store_error(rp, &error),
        }
        if shorten(rp, entry).await {
            end::log_not_deleted();
            return;
        }
        if entry.now(&*rp.config.clock).time() >= deadline {
            return;
        }
        rp.config.clock.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// A store that deletes nothing may still take a state that is over, and holds no tokens to refresh with.
async fn shorten(rp: &Arc<RelyingParty>, entry: &Arc<Entry>) -> bool {
    let current = entry.state();
    let state = SessionState { shortened_to: Some(rp.config.clock.now()), ..current.state.clone() };
    match rp.sessions.save(entry, current.version, state).await {
        Ok(Saved::Done | Saved::Gone) => true,
        Ok(Saved::Stale) => {
            drop(rp.sessions.reset(entry).await);
            false
        }
        Err(_) => false,
    }
}
