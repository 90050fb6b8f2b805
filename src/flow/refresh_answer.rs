//! What comes of the token endpoint's answer to a refresh. (Rules 1 to 3 are in `refresh`.)
//!
//! 4. A refreshed ID Token must continue the one of the login (OIDC Core 12.2); its `session_expiry` may lower the ceiling
//!    (ceiling rule 10).
//! 5. The new tokens are saved at once, unless the session is gone: then they are revoked, and it stays dead. So they are if a
//!    logout came in between.
//! 6. `invalid_grant` is final. A provider that can't be reached changes nothing.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::access_token::{AccessTokenError, freshness};
use super::begin_session::token_set;
use super::end::{self, Ending};
use super::event_session;
use super::refresh::still_live;
use super::refreshed_id_token::{Unverified, apply, verify};
use super::relying_party::RelyingParty;
use super::update::{FIRST_PAUSE, LONGEST_PAUSE, Patience, update};
use crate::clock::UnixTime;
use crate::events::EventKind;
use crate::policy::{EndReason, Freshness};
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
        error if error.is_invalid_grant() => (Refresh::Rejected, AccessTokenError::RefreshRejected),
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
    if outrun { others_count(rp, entry) } else { Err(outcome) }
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
    let tokens = Refresh::Token { token, unanswered: 0 };
    let tokens = token_set(&response, tokens, &entry.state().state.tokens.scope, now);
    let verified = verify(rp, entry, &response).await;
    let mut outrun = false;
    let saved = update(rp, entry, Patience::UntilDeadline, |state| {
        // A token that was refused to another node is none: these are newer. They may be there already, saved by a store that
        // could not say so.
        let now_held = state.tokens.refresh.token();
        outrun = now_held.is_some_and(|token| !is_same(token, &sent));
        match &verified {
            _ if outrun => Ok(()),
            Ok(id_token) => {
                // Left out, it is what was granted before (RFC 6749 section 6).
                let kept = std::mem::take(&mut state.tokens.scope);
                let scope = response.scope.clone().unwrap_or(kept);
                state.tokens = Tokens { scope, ..tokens.clone() };
                id_token.as_ref().map_or(Ok(()), |id_token| apply(rp, state, id_token))
            }
            // The access token that came with it is never handed out. The refresh token is not lost.
            Err(Unverified::Later) => {
                state.tokens.refresh = tokens.refresh.clone();
                Ok(())
            }
            Err(Unverified::Refused(_)) => {
                state.tokens.refresh = Refresh::Rejected;
                Ok(())
            }
        }
    })
    .await;
    match (saved, verified) {
        (Ok(()), _) if was_logged_out(rp, entry, &tokens.refresh).await => {
            Err(AccessTokenError::SessionExpired(EndReason::Revoked))
        }
        // Another node sent the token, too, and was faster; or these very tokens were saved before.
        (Ok(()), _) if outrun => others_count(rp, entry),
        (Ok(()), Ok(_)) => done(rp, entry),
        (Ok(()), Err(Unverified::Later)) => Err(AccessTokenError::ProviderUnavailable),
        (Ok(()), Err(Unverified::Refused(code))) => {
            revoke(rp, &tokens.refresh);
            Err(AccessTokenError::InvalidRefreshResponse(code))
        }
        // Some providers revoke with the token the grant that the session in its place lives on.
        (Err(error @ AccessTokenError::SessionExpired(EndReason::Replaced)), _) => Err(error),
        (Err(error), _) => {
            revoke(rp, &tokens.refresh);
            if let AccessTokenError::SessionExpired(EndReason::MalformedSessionExpiry) = error {
                end_without_ceiling(rp, entry, now).await;
            }
            Err(error)
        }
    }
}

fn done(rp: &RelyingParty, entry: &Entry) -> Result<(), AccessTokenError> {
    let session = event_session::of_state(&entry.state().state);
    rp.config.tell(EventKind::TokensRefreshed { session });
    Ok(())
}

/// In the store, too, before anything else can go wrong: there is no ceiling that would end it.
async fn end_without_ceiling(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, now: UnixTime) {
    let over = update(rp, entry, Patience::UntilDeadline, |state| {
        state.shortened_to = Some(now);
        Ok(())
    });
    drop(over.await);
    end::end(rp, entry, EndReason::MalformedSessionExpiry, Ending::KeepTokens).await;
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
            Ok(()) => {}
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

fn revoke(rp: &RelyingParty, refresh: &Refresh) {
    if let Some(token) = refresh.token() {
        end::revoke_in_background(rp, token.clone(), TokenTypeHint::RefreshToken);
    }
}

pub(super) fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
