//! One refresh of a session's tokens.
//!
//! 1. Once per session, however many requests ask, in a task that a client's hanging up does not stop.
//! 2. The intent is saved before the refresh token is sent: a token whose answer was lost is sent once more at most.
//! 3. Past the deadline, or once the session has ended, the token endpoint is not called.
//! 4. A refreshed ID Token must continue the one of the login (OIDC Core 12.2); its `session_expiry` may lower the ceiling
//!    (ceiling rule 10).
//! 5. The new tokens are saved at once, unless the session is gone: then they are revoked, and it stays dead.
//! 6. `invalid_grant` is final. A provider that can't be reached changes nothing.

use std::sync::Arc;

use secrecy::SecretString;

use super::access_token::{AccessTokenError, freshness};
use super::begin_session::token_set;
use super::end::{self, Ending};
use super::refreshed_id_token::{Unverified, apply, verify};
use super::relying_party::RelyingParty;
use super::renewal;
use super::update::{Patience, update};
use crate::policy::EndReason;
use crate::policy::Freshness;
use crate::protocol::token_response::TokenResponse;
use crate::provider::{MalformedResponse, TokenEndpointError, TokenTypeHint};
use crate::session::entry::{Entry, Versioned};
use crate::session::sessions::Lookup;
use crate::session::state::{Refresh, SessionState};

/// Why a refresh is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The access token is due.
    AccessToken,
    /// The ceiling is near and may be renewed (ceiling rule 10).
    Renewal,
}

/// Refreshes the access token if it is due, or waits for the refresh that is under way.
pub(crate) async fn refresh(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
) -> Result<(), AccessTokenError> {
    join(rp, entry, Purpose::AccessToken).await
}

/// Starts the one background refresh that may renew the ceiling.
pub(crate) fn renew_in_background(rp: &Arc<RelyingParty>, entry: &Arc<Entry>) {
    let (task_rp, entry) = (Arc::clone(rp), Arc::clone(entry));
    rp.config.spawn.spawn(Box::pin(async move {
        if let Err(error) = join(&task_rp, &entry, Purpose::Renewal).await {
            tracing::info!(code = error.code(), "the session was not renewed: {error}");
        }
    }));
}

async fn join(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: Purpose,
) -> Result<(), AccessTokenError> {
    let finder = entry.cookie().finder();
    let task = || {
        let (rp, entry) = (Arc::clone(rp), Arc::clone(entry));
        async move { run(&rp, &entry, purpose).await.map_err(Arc::new) }
    };
    let outcome = rp.refreshes.join(finder, &*rp.config.spawn, task);
    let patience = rp.config.clock.sleep(rp.config.tokens.refresh_patience);
    let outcome = match futures_util::future::select(std::pin::pin!(outcome), patience).await {
        futures_util::future::Either::Left((outcome, _)) => outcome,
        // The task holds the new tokens and the store does not take them.
        futures_util::future::Either::Right(_) => return Err(AccessTokenError::StoreUnavailable),
    };
    match outcome {
        Some(Ok(())) => take_over(rp, entry).await,
        Some(Err(error)) => Err((*error).clone()),
        None => Err(AccessTokenError::ProviderUnavailable),
    }
}

/// With a shared store every request has a copy of its own, and the task changed only one of them.
async fn take_over(rp: &RelyingParty, entry: &Arc<Entry>) -> Result<(), AccessTokenError> {
    if freshness(rp, &entry.state().state.tokens) == Freshness::Fresh {
        return Ok(());
    }
    reload(rp, entry).await.map(drop)
}

pub(super) async fn reload(
    rp: &RelyingParty,
    entry: &Arc<Entry>,
) -> Result<Arc<Versioned>, AccessTokenError> {
    match rp.sessions.reload(entry).await {
        Ok(true) => Ok(entry.state()),
        Ok(false) => {
            Err(AccessTokenError::SessionExpired(entry.ended().unwrap_or(EndReason::Revoked)))
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(code = "store_unavailable", error, "the session was not read again");
            Err(AccessTokenError::StoreUnavailable)
        }
    }
}

/// The task: rules 2 to 6.
async fn run(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: Purpose,
) -> Result<(), AccessTokenError> {
    // What another task, or another node, has done since this request loaded its session.
    let current = reload(rp, entry).await?;
    if !is_wanted(rp, &current.state, purpose) {
        return Ok(());
    }
    let token = intend(rp, entry, purpose).await?;
    still_live(rp, entry)?;
    match rp.provider.refresh(&token).await {
        Ok(response) => adopt(rp, entry, token, response).await,
        // The provider may have rotated the token: the intent stays.
        Err(TokenEndpointError::ReplyLost(_)) => Err(AccessTokenError::ProviderUnavailable),
        Err(
            error @ TokenEndpointError::Malformed(
                MalformedResponse::TokenResponse(_) | MalformedResponse::TooLarge,
            ),
        ) => {
            tracing::warn!(code = error.code(), "the tokens were not refreshed: {error}");
            Err(AccessTokenError::InvalidRefreshResponse(error.code()))
        }
        Err(error) => Err(refused(rp, entry, token, &error).await),
    }
}

fn is_wanted(rp: &RelyingParty, state: &SessionState, purpose: Purpose) -> bool {
    match purpose {
        Purpose::AccessToken => freshness(rp, &state.tokens) != Freshness::Fresh,
        // Whoever waits for this task may want the other thing too.
        Purpose::Renewal => {
            renewal::is_due(rp, state) || freshness(rp, &state.tokens) != Freshness::Fresh
        }
    }
}

/// Rule 2: saves that the refresh token is about to be sent, and gives it.
async fn intend(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    purpose: Purpose,
) -> Result<SecretString, AccessTokenError> {
    let mut sent = None;
    update(rp, entry, Patience::Short, |state| {
        let (token, unanswered) = match &state.tokens.refresh {
            Refresh::Token { token, unanswered } => (token.clone(), *unanswered),
            Refresh::Unavailable => return Err(AccessTokenError::MissingRefreshToken),
            Refresh::Rejected => return Err(AccessTokenError::RefreshRejected),
            Refresh::AnswerLost => return Err(AccessTokenError::RefreshAnswerLost),
        };
        state.renewal_tried |= purpose == Purpose::Renewal;
        if unanswered >= MOST_SENDS {
            state.tokens.refresh = Refresh::AnswerLost;
            sent = None;
            return Ok(());
        }
        let unanswered = unanswered + 1;
        state.tokens.refresh = Refresh::Token { token: token.clone(), unanswered };
        sent = Some(token);
        Ok(())
    })
    .await?;
    sent.ok_or(AccessTokenError::RefreshAnswerLost)
}

/// Rule 3.
pub(super) fn still_live(rp: &RelyingParty, entry: &Arc<Entry>) -> Result<(), AccessTokenError> {
    match rp.sessions.admit(Arc::clone(entry)) {
        Lookup::Live(_) => Ok(()),
        Lookup::Over(_, reason) => Err(AccessTokenError::SessionExpired(reason)),
        Lookup::Unknown => Err(AccessTokenError::SessionExpired(EndReason::Revoked)),
    }
}

/// Rule 6: the provider answered, and not with tokens.
async fn refused(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    token: SecretString,
    error: &TokenEndpointError,
) -> AccessTokenError {
    let (refresh, outcome) = match error {
        TokenEndpointError::Rejected(answer) if answer.is_invalid_grant() => {
            (Refresh::Rejected, AccessTokenError::RefreshRejected)
        }
        TokenEndpointError::Unavailable { .. } | TokenEndpointError::Discovery(_) => {
            (Refresh::Token { token, unanswered: 0 }, AccessTokenError::ProviderUnavailable)
        }
        error => {
            let outcome = AccessTokenError::InvalidRefreshResponse(error.code());
            (Refresh::Token { token, unanswered: 0 }, outcome)
        }
    };
    tracing::warn!(code = error.code(), "the tokens were not refreshed: {error}");
    let saved = update(rp, entry, Patience::Short, |state| {
        state.tokens.refresh = refresh.clone();
        Ok(())
    });
    saved.await.err().unwrap_or(outcome)
}

/// Rules 4 and 5.
async fn adopt(
    rp: &Arc<RelyingParty>,
    entry: &Arc<Entry>,
    sent: SecretString,
    response: TokenResponse,
) -> Result<(), AccessTokenError> {
    let now = rp.config.clock.now();
    let token = response.refresh_token.clone().unwrap_or(sent);
    let tokens = token_set(&response, Refresh::Token { token, unanswered: 0 }, now);
    let verified = verify(rp, entry, &response).await;
    let saved = update(rp, entry, Patience::UntilDeadline, |state| {
        match &verified {
            Ok(id_token) => {
                state.tokens = tokens.clone();
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
        (Ok(()), Ok(_)) => Ok(()),
        (Ok(()), Err(Unverified::Later)) => Err(AccessTokenError::ProviderUnavailable),
        (Ok(()), Err(Unverified::Refused(code))) => {
            revoke(rp, &tokens.refresh);
            Err(AccessTokenError::InvalidRefreshResponse(code))
        }
        (Err(error), _) => {
            revoke(rp, &tokens.refresh);
            if let AccessTokenError::SessionExpired(EndReason::MalformedSessionExpiry) = error {
                // In the store, too, before anything else can go wrong: there is no ceiling that would end it.
                let over = update(rp, entry, Patience::UntilDeadline, |state| {
                    state.shortened_to = Some(now);
                    Ok(())
                });
                drop(over.await);
                let reason = EndReason::MalformedSessionExpiry;
                end::end(rp, entry, reason, Ending::KeepTokens).await;
            }
            Err(error)
        }
    }
}

fn revoke(rp: &RelyingParty, refresh: &Refresh) {
    if let Some(token) = refresh.token() {
        end::revoke_in_background(rp, token.clone(), TokenTypeHint::RefreshToken);
    }
}

/// After a death or a lost reply the refresh token is sent once more.
const MOST_SENDS: u8 = 2;
