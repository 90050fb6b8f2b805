//! A refresh token that is not sent again: there is none, the provider has refused it, or its answer was lost twice.
//!
//! 7. That it came so far is told once, by the task that saved it; a session that never had a refresh token is no event. Requests
//!    that come later get the same error without a task. What they were given is not older than they are; where their access
//!    token has expired the store is read once more all the same: an answer to another node that was late may have come, and
//!    a handler that runs for long has read its session long ago.

use std::sync::Arc;

use super::access_token::{AccessTokenError, freshness};
use super::refresh;
use super::relying_party::RelyingParty;
use crate::policy::Freshness;
use crate::session::entry::Entry;
use crate::session::state::Refresh;

/// Whether a refresh can come to something.
///
/// # Errors
///
/// Why not.
pub(super) async fn check(rp: &RelyingParty, entry: &Arc<Entry>) -> Result<(), AccessTokenError> {
    let tokens = &entry.state().state.tokens;
    let known = judge(&tokens.refresh);
    // The task that runs here may be the one whose answer is late.
    if known.is_ok() || rp.refreshes.is_running(entry.cookie().finder()) {
        return Ok(());
    }
    // Nothing brings one to a session that began without, and an access token that is still valid serves on.
    if matches!(tokens.refresh, Refresh::Unavailable) || freshness(rp, tokens) != Freshness::Expired
    {
        return known;
    }
    let current = refresh::reload(rp, entry).await?;
    judge(&current.state.tokens.refresh)
}

/// What a request gets whose session has no refresh token that may be sent.
pub(super) fn judge(refresh: &Refresh) -> Result<(), AccessTokenError> {
    match refresh {
        Refresh::Token { .. } => Ok(()),
        Refresh::Unavailable => Err(AccessTokenError::MissingRefreshToken),
        Refresh::Rejected { error, .. } => Err(AccessTokenError::RefreshRejected((*error).into())),
        Refresh::AnswerLost { .. } => Err(AccessTokenError::RefreshAnswerLost),
    }
}
