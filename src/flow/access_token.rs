//! The access token of a session, fresh.
//!
//! 1. Past the deadline, and after a revocation: refused, nothing is asked, nothing cached is served (ceiling rule 9).
//! 2. Fresh by its own expiry: served.
//! 3. Due: refreshed, once however many ask; if the provider can't be reached an access token that is still valid serves.
//! 4. After the wait, rule 1 again: a refresh that crosses the deadline hands out nothing.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::relying_party::RelyingParty;
use super::{end, refresh};
use crate::clock::UnixTime;
use crate::events::EventKind;
use crate::policy::EndReason;
use crate::policy::{self, Freshness};
use crate::protocol::oauth_error::OAuthError;
use crate::session::confirm::Unconfirmed;
use crate::session::entry::Entry;
use crate::session::live_session::LiveSession;
use crate::session::state::Tokens;

/// An access token, to call an API with.
#[derive(Clone)]
pub struct AccessToken {
    token: SecretString,
    expires_at: UnixTime,
    stated_expiry: Option<UnixTime>,
    scope: Option<String>,
}

impl AccessToken {
    /// The token itself.
    ///
    /// # Security
    ///
    /// Whoever has it can act as the user: keep it out of logs and pages.
    pub fn expose_secret(&self) -> &str {
        self.token.expose_secret()
    }

    /// The value of an `Authorization` header (RFC 6750 section 2.1), marked as sensitive; `None` if the provider issued a
    /// token that no header can carry.
    pub fn authorization_header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// When to stop using it: its own expiry or the session's deadline, whichever is earlier.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// When it expires by the provider's word (`expires_in`), whatever the session's deadline; `None`: the provider did not say.
    pub fn stated_expiry(&self) -> Option<UnixTime> {
        self.stated_expiry
    }

    /// The scopes it was issued for, separated by spaces: what the provider stated last or, as long as it states none, what the
    /// login asked for (RFC 6749 section 5.1). `None`: it was granted none.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("AccessToken");
        debug.field("expires_at", &self.expires_at).field("scope", &self.scope);
        debug.finish_non_exhaustive()
    }
}

/// Why there is no access token. Also a response: see [`code`](Self::code) for its `error`.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// The session is over.
    #[error("the session is over ({0})")]
    SessionExpired(EndReason),
    /// The access token has expired, and the provider issued no refresh token: several issue one only for the scope
    /// `offline_access` ([`offline_access`](crate::OidcAuthBuilder::offline_access)).
    #[error(
        "the access token has expired and the provider issued no refresh token (many do only if .offline_access() is set)"
    )]
    MissingRefreshToken,
    /// The provider refused the refresh token, and only a new login can help. Its error is one of `invalid_grant`,
    /// `interaction_required`, `login_required`, `consent_required`, `account_selection_required`, `unauthorized_client`,
    /// `invalid_token`, `access_denied`; its text is there only when the refusal is new.
    #[error("the provider refused the refresh token")]
    RefreshRejected(#[source] OAuthError),
    /// The refresh token was sent twice without an answer and is not sent again. A new login gets another.
    #[error("the answer to a refresh was lost")]
    RefreshAnswerLost,
    /// The provider refuses to refresh for a reason that the operator has to resolve, such as `invalid_client`. The refresh token
    /// is kept, and sent again after a pause.
    #[error("the provider refuses this application's refreshes; the log has the cause")]
    RefreshPaused(#[source] OAuthError),
    /// The provider answered the refresh with something that can't be used.
    #[error("the provider's answer to a refresh cannot be used ({0})")]
    InvalidRefreshResponse(&'static str),
    /// The provider can't be reached or is overloaded. The session goes on.
    #[error("the provider is unavailable")]
    ProviderUnavailable,
    /// The session store can't be reached.
    #[error("the session store is unavailable")]
    StoreUnavailable,
}

impl AccessTokenError {
    /// A stable code: `session_expired`, `missing_refresh_token`, `refresh_rejected`, `refresh_answer_lost`, `refresh_paused`,
    /// `invalid_refresh_response`, `provider_unavailable`, `store_unavailable`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SessionExpired(_) => "session_expired",
            Self::MissingRefreshToken => "missing_refresh_token",
            Self::RefreshRejected(_) => "refresh_rejected",
            Self::RefreshPaused(_) => "refresh_paused",
            Self::RefreshAnswerLost => "refresh_answer_lost",
            Self::InvalidRefreshResponse(_) => "invalid_refresh_response",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::StoreUnavailable => "store_unavailable",
        }
    }
}

impl AccessTokenError {
    /// Whether a new login is what helps.
    pub(crate) const fn needs_a_login(&self) -> bool {
        match self {
            Self::SessionExpired(_)
            | Self::MissingRefreshToken
            | Self::RefreshRejected(_)
            | Self::RefreshAnswerLost => true,
            Self::RefreshPaused(_)
            | Self::InvalidRefreshResponse(_)
            | Self::ProviderUnavailable
            | Self::StoreUnavailable => false,
        }
    }

    /// What the provider said when it refused the refresh.
    pub fn provider_error(&self) -> Option<&OAuthError> {
        match self {
            Self::RefreshRejected(refusal) | Self::RefreshPaused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// The session's access token, refreshed if it is due.
pub(crate) async fn access_token(
    rp: &Arc<RelyingParty>,
    session: &LiveSession,
) -> Result<AccessToken, AccessTokenError> {
    fresh(rp, session).await.inspect_err(|error| claim_end(session, error))
}

/// The response to a request that learns by its refresh that the session has ended removes the cookie.
pub(super) fn claim_end(session: &LiveSession, error: &AccessTokenError) {
    if matches!(error, AccessTokenError::SessionExpired(_)) {
        session.entry().claim_end_in_refresh(session.request());
    }
}

async fn fresh(
    rp: &Arc<RelyingParty>,
    session: &LiveSession,
) -> Result<AccessToken, AccessTokenError> {
    let live = readmit(rp, session).await?;
    let versioned = live.entry().state();
    let tokens = &versioned.state.tokens;
    let freshness = freshness(rp, tokens);
    if freshness == Freshness::Fresh {
        return Ok(hand_out(tokens, &live));
    }
    let mut refreshed = refresh::refresh(rp, live.entry()).await;
    if refreshed.is_ok() && is_expired(rp, &live) {
        // It was a move to a new id that was waited for, and it failed.
        refreshed = refresh::refresh(rp, live.entry()).await;
    }
    let live = readmit(rp, session).await.inspect_err(|error| {
        // Whoever revoked the session without its cookie could not read what a refresh had just saved.
        if let AccessTokenError::SessionExpired(reason) = error
            && reason.is_revocation()
            && refreshed.is_ok()
            && session.entry().sees_to_tokens()
        {
            end::revoke_refresh_token(rp, &session.entry().state().state);
        }
    })?;
    let versioned = live.entry().state();
    let tokens = &versioned.state.tokens;
    match refreshed {
        Ok(()) if self::freshness(rp, tokens) == Freshness::Expired => {
            Err(AccessTokenError::ProviderUnavailable)
        }
        Ok(()) => Ok(hand_out(tokens, &live)),
        // The old one is good for a while yet, whatever became of the refresh.
        Err(over @ AccessTokenError::SessionExpired(_)) => Err(over),
        Err(_) if self::freshness(rp, tokens) != Freshness::Expired => Ok(hand_out(tokens, &live)),
        Err(error) => Err(error),
    }
}

pub(super) fn is_expired(rp: &RelyingParty, live: &LiveSession) -> bool {
    freshness(rp, &live.entry().state().state.tokens) == Freshness::Expired
}

/// Rules 1 and 4.
pub(crate) async fn readmit(
    rp: &RelyingParty,
    session: &LiveSession,
) -> Result<LiveSession, AccessTokenError> {
    confirm(rp, session.entry()).await
}

/// What other nodes do to the session is known here within 2 s, or within the staleness bound of push invalidation.
pub(super) async fn confirm(
    rp: &RelyingParty,
    entry: &Arc<Entry>,
) -> Result<LiveSession, AccessTokenError> {
    rp.sessions.confirm(entry).await.map_err(|error| unconfirmed(rp, error))
}

/// Reports a store that failed: nobody is signed out by that.
pub(super) fn unconfirmed(rp: &RelyingParty, unconfirmed: Unconfirmed) -> AccessTokenError {
    match unconfirmed {
        Unconfirmed::Over(reason) => AccessTokenError::SessionExpired(reason),
        Unconfirmed::Store(error) => {
            rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
            AccessTokenError::StoreUnavailable
        }
    }
}

pub(crate) fn freshness(rp: &RelyingParty, tokens: &Tokens) -> Freshness {
    policy::refresh_due(tokens.obtained_at, tokens.expires_at, rp.config.clock.now())
}

pub(super) fn hand_out(tokens: &Tokens, live: &LiveSession) -> AccessToken {
    AccessToken {
        token: tokens.access_token.clone(),
        expires_at: policy::reported_expiry(tokens.expires_at, live.deadline()),
        stated_expiry: tokens.expires_at,
        scope: Some(tokens.scope.clone()).filter(|scope| !scope.is_empty()),
    }
}
