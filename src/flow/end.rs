//! The end of a session: deleted, told to the application, its refresh token revoked.

use std::sync::Arc;

use secrecy::SecretString;

use super::relying_party::RelyingParty;
use crate::config::hooks::SessionEnded;
use crate::policy::EndReason;
use crate::provider::TokenTypeHint;
use crate::session::entry::Entry;
use crate::session::store::StoreError;

/// What becomes of the session's refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is revoked at the provider, in the background (ceiling rule 17).
    RevokeTokens,
    /// It is left alone: some providers revoke with it the grant that the new session lives on.
    KeepTokens,
}

/// Ends a session; a store that fails is logged, and the record's own lifetime finishes the job (ceiling rule 7).
pub(crate) async fn end(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
    ending: Ending,
) {
    if let Err(error) = try_end(rp, entry, reason, ending).await {
        let error: &dyn std::error::Error = &error;
        tracing::error!(code = "session_not_deleted", error, "an ended session was not deleted");
    }
}

/// Ends a session, or says that the store did not. `true` if this call ended it.
///
/// # Errors
///
/// The store failed; the session goes on.
pub(crate) async fn try_end(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
    ending: Ending,
) -> Result<bool, StoreError> {
    // Another request may have rotated the refresh token that is to be revoked. A store that fails says so below.
    drop(rp.sessions.reload(entry).await);
    let ended = rp.sessions.end(entry, reason).await?;
    if ended {
        noticed(rp, entry, reason, ending);
    }
    Ok(ended)
}

/// As [`try_end`], and what the session has become under a new id: a rotation that is under way is waited for.
///
/// # Errors
///
/// The store failed; the session goes on.
pub(crate) async fn try_end_with_successors(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    reason: EndReason,
) -> Result<Arc<Entry>, StoreError> {
    let mut entry = Arc::clone(entry);
    loop {
        try_end(rp, &entry, reason, Ending::RevokeTokens).await?;
        if !entry.is_moving() {
            return Ok(entry);
        }
        rp.refreshes.settled(entry.cookie().finder()).await;
        match entry.successor() {
            Some(next) => entry = next,
            None => return Ok(entry),
        }
    }
}

/// Tells the application, and revokes.
fn noticed(rp: &Arc<RelyingParty>, entry: &Entry, reason: EndReason, ending: Ending) {
    tracing::info!(code = "session_ended", reason = reason.code(), "a session has ended");
    let state = entry.state();
    let token = state.state.tokens.refresh.token();
    if let Some(token) = token.filter(|_| ending == Ending::RevokeTokens) {
        revoke_in_background(rp, token.clone(), TokenTypeHint::RefreshToken);
    }
    if let Some(hook) = &rp.config.hooks.session_ended {
        let claims = &state.state.claims;
        rp.config.spawn.spawn(hook(SessionEnded {
            reason,
            subject: claims.sub().to_owned(),
            sid: claims.sid().map(str::to_owned),
            noticed_at: rp.config.clock.now(),
        }));
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
            tracing::warn!(code = error.code(), "a token was not revoked at the provider: {error}");
        }
    }));
}
