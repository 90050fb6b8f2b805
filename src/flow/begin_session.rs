//! From a verified ID Token to a session: the ceiling is fixed, claims are collected, the application is asked.

use secrecy::SecretString;

use super::callback_error::CallbackError;
use super::relying_party::RelyingParty;
use crate::clock::UnixTime;
use crate::config::hooks::{CompletedLogin, LoginDecision};
use crate::policy::{self, Ceiling, CeilingRefusal};
use crate::protocol::claims::Claims;
use crate::protocol::id_token::VerifiedIdToken;
use crate::protocol::session_expiry;
use crate::protocol::token_response::TokenResponse;
use crate::session::application::ApplicationPart;
use crate::session::creation::CreateError;
use crate::session::index::Handle;
use crate::session::live_session::LiveSession;
use crate::session::state::{Refresh, SessionState, Tokens};
use crate::spawn;

/// What a session remembers of its login.
pub(super) struct LoginFacts {
    pub(super) attempt_begun_at: UnixTime,
    pub(super) handle: Handle,
    /// The scopes that the login asked for.
    pub(super) scope: String,
    pub(super) device: Option<String>,
    /// What the application kept in the session until now.
    pub(super) application: ApplicationPart,
}

/// Step 8.
fn fix_ceiling(rp: &RelyingParty, id_token: &VerifiedIdToken) -> Result<Ceiling, CeilingRefusal> {
    let claim = session_expiry::judge(id_token.session_expiry().as_occurrences());
    let now = rp.config.clock.now();
    policy::fix_at_login(&claim, id_token.issued_at(), now, &rp.config.ceiling)
}

/// Steps 8 to 11.
pub(super) async fn sign_in(
    rp: &RelyingParty,
    id_token: &VerifiedIdToken,
    tokens: &TokenResponse,
    login: &LoginFacts,
) -> Result<LiveSession, CallbackError> {
    let ceiling = fix_ceiling(rp, id_token)?;
    let claims = claims(rp, id_token, &tokens.access_token, ceiling).await?;
    create(rp, (id_token, tokens), login, claims, ceiling).await
}

/// Steps 9 and 10: all claims of the session.
async fn claims(
    rp: &RelyingParty,
    id_token: &VerifiedIdToken,
    access_token: &SecretString,
    ceiling: Ceiling,
) -> Result<Claims, CallbackError> {
    let mut claims = id_token.claims().clone();
    if rp.config.user_info {
        match rp.provider.userinfo(access_token, id_token.subject()).await {
            Ok(Some(userinfo)) => claims = Claims::merge(&claims, &userinfo, None),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(code = error.code(), "UserInfo was not used: {error}");
            }
        }
    }
    let Some(hook) = &rp.config.hooks.after_login else { return Ok(claims) };
    let login = CompletedLogin { claims: claims.clone(), ceiling: ceiling.asserted_end() };
    // In a task of its own: a hook that panics must not keep the fresh tokens from being revoked.
    let decision = spawn::to_the_end(&*rp.config.spawn, hook(login)).await;
    match decision.ok_or(CallbackError::Interrupted)? {
        LoginDecision::Accept => Ok(claims),
        LoginDecision::AcceptWith(more) => Ok(Claims::merge(&claims, &claims, Some(&more))),
        LoginDecision::Reject(why) => Err(CallbackError::Rejected(why)),
    }
}

/// Step 11. The ceiling is checked once more: UserInfo and the application took their time.
async fn create(
    rp: &RelyingParty,
    (id_token, tokens): (&VerifiedIdToken, &TokenResponse),
    login: &LoginFacts,
    claims: Claims,
    ceiling: Ceiling,
) -> Result<LiveSession, CallbackError> {
    fix_ceiling(rp, id_token)?;
    let now = rp.config.clock.now();
    let refresh = match &tokens.refresh_token {
        Some(token) => Refresh::Token { token: token.clone(), unanswered: 0 },
        None => Refresh::Unavailable,
    };
    let state = SessionState {
        handle: login.handle,
        session_expires_at: ceiling,
        ceiling_since: now,
        ordinal: rp.sessions.next_ordinal(),
        renewal_tried: false,
        attempt_begun_at: login.attempt_begun_at,
        logged_in_at: now,
        sid: id_token.claims().sid().map(str::to_owned),
        further_sids: Box::default(),
        device: login.device.clone(),
        claims,
        id_token: id_token.raw().clone(),
        id_token_issued_at: id_token.issued_at(),
        auth_time: id_token.auth_time(),
        shortened_to: None,
        tokens: token_set(tokens, refresh, &login.scope, now),
    };
    rp.sessions.create(state, login.application.clone()).await.map_err(|error| match error {
        CreateError::Full => CallbackError::StoreFull,
        CreateError::Unavailable(error) => CallbackError::Store(error),
        CreateError::Random(error) => CallbackError::Random(error),
        CreateError::Revoked | CreateError::Replaced => CallbackError::LoggedOutMeanwhile,
        CreateError::Over(_) => {
            CallbackError::Ceiling(CeilingRefusal::AlreadyPast { ended_at: now })
        }
    })
}

/// What a token response leaves in the session. It may leave out a scope that is the one `asked` for (RFC 6749 section 5.1).
pub(crate) fn token_set(
    response: &TokenResponse,
    refresh: Refresh,
    asked: &str,
    now: UnixTime,
) -> Tokens {
    Tokens {
        access_token: response.access_token.clone(),
        obtained_at: now,
        expires_at: response.expires_in.map(|lifetime| now.saturating_add(lifetime)),
        scope: response.scope.clone().unwrap_or_else(|| asked.to_owned()),
        is_refreshed: false,
        refresh,
    }
}
