//! What comes of the token endpoint's answer to a refresh. (Rules 1 to 3 are in `refresh`.)
//!
//! 4. A refreshed ID Token must continue the one of the login (OIDC Core 12.2), or the session ends: the provider has just
//!    described somebody else. One that is right but for its times is as if it could not be verified yet. Its `session_expiry` may lower the ceiling, down to an end that has come (ceiling rule 10); a
//!    new `sid` is indexed beside the old one.
//! 5. The new tokens are saved at once, unless the session is gone: then they are revoked, and it stays dead. So they are if a
//!    logout came in between.
//! 6. A refusal that only the user can resolve is final for the refresh token, and by option ends the session. One that the
//!    operator resolves changes nothing, nor does a provider that can't be reached: both begin a pause (rule 8).

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::access_token::{AccessTokenError, freshness};
use super::begin_session::token_set;
use super::end::{self, Ending};
use super::end_in_refresh::end_in_refresh;
use super::event_session;
use super::refresh::still_live;
use super::refreshed_id_token::{Unverified, apply, verify};
use super::relying_party::RelyingParty;
use super::update::{FIRST_PAUSE, LONGEST_PAUSE, Patience, update};
use crate::events::EventKind;
use crate::policy::{EndReason, Freshness, RefreshRejected};
use crate::protocol::token_response::TokenResponse;
use crate::provider::{TokenEndpointError, TokenTypeHint};
use crate::session::entry::Entry;
use crate::session::state::{Refresh, SessionState, Tokens};

/// Rule 6: the provider answered, and not with tokens.
pub(super) async fn refused(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    (sent, unanswered): (SecretString, u8),
    error: &TokenEndpointError,
) -> Result<(), AccessTokenError> {
    let before = || Refresh::Token { token: sent.clone(), unanswered };
    let (refresh, outcome) = match error {
        TokenEndpointError::Rejected(refusal) => match refusal.login_need() {
            Some(need) => {
                // A token that the provider does not know any more need not be revoked.
                let token = (!refusal.is_invalid_grant()).then(|| sent.clone());
                let rejected = Refresh::Rejected { error: need, token };
                (rejected, AccessTokenError::RefreshRejected(refusal.clone()))
            }
            None => (before(), AccessTokenError::RefreshPaused(refusal.clone())),
        },
        TokenEndpointError::Unavailable { .. } | TokenEndpointError::Discovery(_) => {
            (before(), AccessTokenError::ProviderUnavailable)
        }
        error => (before(), AccessTokenError::InvalidRefreshResponse(error.code())),
    };
    let mut outrun = false;
    let saved = update(rp, entry, Patience::Short, |state| {
        outrun = !holds(state, &sent);
        if !outrun {
            state.tokens.refresh = refresh.clone();
        }
        Ok(())
    });
    saved.await?;
    if outrun {
        return others_count(rp, entry);
    }
    let ends = rp.config.tokens.on_refresh_rejected == RefreshRejected::EndSession;
    match &outcome {
        AccessTokenError::RefreshRejected(refusal) if ends => {
            let session = event_session::of_state(&entry.state().state);
            let (code, provider) = (outcome.code(), Some(refusal.clone()));
            rp.config.tell_with(EventKind::RefreshFailed { session, code, provider }, &outcome);
            Err(end_in_refresh(rp, entry, EndReason::RefreshRejected, None).await)
        }
        _ => Err(outcome),
    }
}

/// Another node has newer tokens: those count, if they are fresh.
fn others_count(rp: &RelyingParty, entry: &Entry) -> Result<(), AccessTokenError> {
    match freshness(rp, &entry.state().state.tokens) {
        Freshness::Fresh => Ok(()),
        _ => Err(AccessTokenError::ProviderUnavailable),
    }
}

/// Whether the refresh token that was sent is still the session's.
fn holds(state: &SessionState, sent: &SecretString) -> bool {
    state.tokens.refresh.token().is_some_and(|token| is_same(token, sent))
}

/// Rules 4 and 5.
pub(super) async fn adopt(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    sent: SecretString,
    response: TokenResponse,
) -> Result<(), AccessTokenError> {
    let now = rp.config.clock.now();
    let token = response.refresh_token.clone().unwrap_or_else(|| sent.clone());
    let fresh = Refresh::Token { token, unanswered: 0 };
    let tokens = token_set(&response, fresh.clone(), &entry.state().state.tokens.scope, now);
    let tokens = Tokens { is_refreshed: true, ..tokens };
    let verified = match verify(rp, entry, &response).await {
        Err(Unverified::Refused) => {
            return Err(end_in_refresh(rp, entry, EndReason::Continuity, Some(&fresh)).await);
        }
        Err(Unverified::Later) => None,
        Ok(id_token) => Some(id_token),
    };
    let (mut outrun, mut ends) = (false, None);
    let saved = update(rp, entry, Patience::UntilDeadline, |state| {
        // A token that was refused to another node is none: these are newer. They may be there already, saved by a store that
        // could not say so.
        let now_held = state.tokens.refresh.token();
        outrun = now_held.is_some_and(|token| !is_same(token, &sent));
        let Some(id_token) = verified.as_ref().filter(|_| !outrun) else {
            // The access token that came with an unverified ID Token is never handed out. The refresh token is not lost.
            if !outrun {
                state.tokens.refresh = fresh.clone();
            }
            return Ok(());
        };
        // Left out, it is what was granted before (RFC 6749 section 6).
        let kept = std::mem::take(&mut state.tokens.scope);
        let scope = response.scope.clone().unwrap_or(kept);
        state.tokens = Tokens { scope, ..tokens.clone() };
        let applied =
            id_token.as_ref().map_or(Ok(()), |id_token| apply(rp, entry, state, id_token));
        applied.map_err(|reason| AccessTokenError::SessionExpired(*ends.insert(reason)))
    })
    .await;
    match saved {
        Ok(()) if was_logged_out(rp, entry, &fresh).await => {
            Err(AccessTokenError::SessionExpired(EndReason::Revoked))
        }
        // Another node sent the token, too, and was faster; or these very tokens were saved before.
        Ok(()) if outrun => others_count(rp, entry),
        Ok(()) if verified.is_none() => Err(AccessTokenError::ProviderUnavailable),
        Ok(()) => done(rp, entry),
        Err(error) => Err(not_saved(rp, entry, (error, ends), &fresh).await),
    }
}

/// There is no session any more that could hold the tokens, or it ends with them.
async fn not_saved(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    (error, ends): (AccessTokenError, Option<EndReason>),
    fresh: &Refresh,
) -> AccessTokenError {
    match (ends, &error) {
        (Some(reason), _) => end_in_refresh(rp, entry, reason, Some(fresh)).await,
        // Some providers revoke with the token the grant that the session in its place lives on.
        (None, AccessTokenError::SessionExpired(EndReason::Replaced)) => error,
        // The deadline has come while the provider or the store took their time.
        (None, AccessTokenError::SessionExpired(reason)) if reason.is_limit() => {
            end_in_refresh(rp, entry, *reason, Some(fresh)).await
        }
        (None, _) => {
            revoke(rp, fresh);
            error
        }
    }
}

fn done(rp: &RelyingParty, entry: &Entry) -> Result<(), AccessTokenError> {
    if let Some(at) = entry.state().state.tokens.refreshed_at() {
        rp.last_refreshes.note(entry.cookie().finder(), at, &*rp.config.clock);
    }
    let session = event_session::of_state(&entry.state().state);
    rp.config.tell(EventKind::TokensRefreshed { session });
    Ok(())
}

/// Rule 5: whether a logout came while the tokens were being saved, and has looked at the session before they were. A store
/// that does not say is asked again, as long as the session could be used.
async fn was_logged_out(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, refresh: &Refresh) -> bool {
    let mut pause = FIRST_PAUSE;
    loop {
        match rp.sessions.was_revoked(entry).await {
            Ok(false) => return false,
            Ok(true) => {
                revoke(rp, refresh);
                end::end(rp, entry, EndReason::Revoked, Ending::KeepTokens).await;
                return true;
            }
            Err(error) => {
                rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
            }
        }
        match still_live(rp, entry).await {
            Ok(()) | Err(AccessTokenError::StoreUnavailable) => {}
            // The logout itself has been heard of meanwhile.
            Err(AccessTokenError::SessionExpired(reason)) if reason.is_revocation() => {
                revoke(rp, refresh);
                return true;
            }
            Err(_) => return false,
        }
        rp.config.clock.sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

pub(super) fn revoke(rp: &RelyingParty, refresh: &Refresh) {
    if let Some(token) = refresh.token() {
        end::revoke_in_background(rp, token.clone(), TokenTypeHint::RefreshToken);
    }
}

pub(super) fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
