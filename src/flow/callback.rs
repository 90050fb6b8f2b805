//! The end of a login: from the authorization response to a session.
//!
//! 1. The response is parsed; a duplicated parameter ends it here.
//! 2. The login attempt is opened: it is the `state`, sealed. It must not be too old, and the browser must hold its binding.
//!    If another login of this browser has replaced the binding (a crowd of tabs that were restored at once), the login starts
//!    once more, and the code is not looked at. A browser that is signed in by then goes on to its page.
//!    A callback that comes again, to a browser that has the session of its attempt, leads to the page, however old the attempt.
//! 3. The attempt is used up in this process: whatever happens from here on, it is not exchanged here again. No more exchanges
//!    run at a time than the setting says. If it was used before, a browser that is signed in goes on to its page. Another node
//!    that has the same callback waits for this one (`one_exchange`).
//! 4. The response itself is judged: `iss` (RFC 9207), error, code.
//! 5. The code is exchanged, with the PKCE verifier. Where it is refused, or the connection broke and the code may be spent,
//!    the login is sent to the provider once more: when a
//!    session ends in several tabs at once, one has its refresh token revoked while another is sent to sign in, and some
//!    providers revoke with the token all that the user granted, a code on its way included. It stays the same login: whoever
//!    ended all sessions of the user meanwhile has ended it, too.
//! 6. The ID Token is verified. A login that asks the signed-in user for a context beside the
//!    configured ones is good for that user alone.
//! 7. The attempt is used up on every node: the store remembers it. Not earlier, because anybody can send callbacks with codes
//!    that the provider never issued, and these cost no durable write.
//! 8. The ceiling is fixed; inside the leeway one retry is begun (ceiling rules 5 and 6).
//! 9. UserInfo adds claims, if it answers for the same `sub`.
//! 10. The application is asked.
//! 11. A session begins under a new id. If the user has more than are allowed, the oldest end.
//! 12. The browser's older session ends, once somebody is there to take the new one. A session that nobody takes ends.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tower_sessions::session::Id;

use super::begin_session::{LoginFacts, sign_in};
use super::callback_error::CallbackError;
use super::callback_task::tell_refused;
use super::code_exchanges::NotStarted;
use super::end;
use super::login::BegunLogin;
use super::login_retry::{replaced, retry, with_another_code, with_new_authentication};
use super::new_session::NewSession;
use super::one_exchange::{self, Claim};
use super::previous::Previous;
use super::relying_party::RelyingParty;
use super::user_sessions;
use crate::policy::{CeilingRefusal, attempt_live};
use crate::protocol::authorization_response::{
    AuthorizationCode, AuthorizationResponse, AuthorizationResponseError,
};
use crate::protocol::id_token::{IdTokenExpectations, NonceExpectation, VerifiedIdToken};
use crate::protocol::token_response::TokenResponse;
use crate::provider::TokenTypeHint;
use crate::session::attempt::browser_binding::Bound;
use crate::session::attempt::{Asked, BrowserBinding, ConsumedAttempt, LoginAttempt};
use crate::session::live_session::LiveSession;

/// How a callback can go well.
pub(crate) enum Callback {
    /// A session has begun.
    SignedIn { session: NewSession, return_to: String },
    /// The same login once more: its code was refused, its ceiling inside the leeway, or its binding replaced.
    Retry(Box<BegunLogin>),
    /// This login, or another one of this browser, has finished before, and its session will do.
    SignedInAlready { return_to: String },
}

/// Completes a login. `sent`: the bindings of this browser; `previous`: its session, if it has one.
pub(super) async fn complete(
    rp: &Arc<RelyingParty>,
    query: &str,
    sent: &[BrowserBinding],
    previous: Option<Previous>,
    device: Option<String>,
) -> Result<Callback, CallbackError> {
    let response = match AuthorizationResponse::parse(query) {
        Ok(response) => response,
        Err(error) => {
            use_up(rp, query, sent);
            return Err(error.into());
        }
    };
    let state = response.state().ok_or(AuthorizationResponseError::MissingState)?;
    let attempt = open(rp, state)?;
    if has_signed_in(&attempt, previous.as_ref()) {
        return Ok(signed_in_already(&attempt));
    }
    if is_replaced(rp, &attempt, sent)? {
        return replaced(rp, &attempt, sent, previous.as_ref()).await;
    }
    let metadata = rp.provider.metadata().await?;
    match rp.exchanges.check(attempt.used_key()) {
        Err(NotStarted::Used) if previous.as_ref().is_some_and(Previous::is_live) => {
            return Ok(signed_in_already(&attempt));
        }
        may_start => may_start?,
    }
    let Claim::Ours(_lease) = one_exchange::claim(rp, &attempt).await? else {
        return Ok(signed_in_already(&attempt));
    };
    let running = rp.exchanges.start(attempt.used_key())?;
    let iss_required = metadata.authorization_response_iss_parameter_supported;
    let code = response.validate(&rp.config.issuer, iss_required)?;
    let (id_token, tokens) = match exchange(rp, &attempt, &code).await {
        Err(CallbackError::Exchange(error))
            if error.is_retried_with_another_code() && !attempt.asked.is_code_retry =>
        {
            tell_refused(rp, &CallbackError::Exchange(error), false);
            return retry(rp, with_another_code(&attempt), sent).await;
        }
        exchanged => exchanged?,
    };
    drop(running);
    let attempt = consume(rp, attempt, &tokens).await?;
    finish(rp, attempt, (id_token, tokens), sent, (previous, device)).await
}

/// Steps 8 to 11.
async fn finish(
    rp: &Arc<RelyingParty>,
    attempt: ConsumedAttempt,
    (id_token, tokens): (VerifiedIdToken, TokenResponse),
    sent: &[BrowserBinding],
    (previous, device): (Option<Previous>, Option<String>),
) -> Result<Callback, CallbackError> {
    let application = previous.as_ref().map(|previous| previous.application_for(&id_token));
    let application = application.unwrap_or_default();
    let (attempt_begun_at, scope) = (attempt.begun_at, attempt.asked.scope.clone());
    let handle = attempt.handle();
    let login = LoginFacts { attempt_begun_at, handle, scope, device, application };
    match sign_in(rp, &id_token, &tokens, &login).await {
        Ok(session) => Ok(signed_in(rp, session, &attempt, previous.as_ref()).await),
        Err(error) => {
            revoke_fresh(rp, &tokens);
            let CallbackError::Ceiling(refusal) = error else { return Err(error) };
            if matches!(refusal, CeilingRefusal::InsideLeeway { .. })
                && !attempt.asked.is_leeway_retry
            {
                return retry(rp, with_new_authentication(&attempt), sent).await;
            }
            let is_past = matches!(
                refusal,
                CeilingRefusal::InsideLeeway { .. } | CeilingRefusal::AlreadyPast { .. }
            );
            if let Some(previous) = previous.filter(|_| is_past) {
                previous.ends_with(rp, &id_token).await;
            }
            Err(refusal.into())
        }
    }
}

/// The end of step 11.
async fn signed_in(
    rp: &Arc<RelyingParty>,
    session: LiveSession,
    attempt: &ConsumedAttempt,
    previous: Option<&Previous>,
) -> Callback {
    let own = session.entry().state().state.handle;
    let session = NewSession::new(rp, session);
    let leaving = previous.map(Previous::handle);
    user_sessions::end_surplus(rp, &session.subject(), (own, leaving)).await;
    Callback::SignedIn { session, return_to: attempt.asked.return_to.clone() }
}

/// A response that is not in order still uses up the attempt it names.
fn use_up(rp: &RelyingParty, query: &str, sent: &[BrowserBinding]) {
    let mut states =
        url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
    let (Some((_, state)), None) = (states.next(), states.next()) else { return };
    if let Some(key) = key_of_browser(rp, &state, sent) {
        rp.exchanges.use_up(key);
    }
}

/// Step 7.
async fn consume(
    rp: &RelyingParty,
    attempt: LoginAttempt,
    tokens: &TokenResponse,
) -> Result<ConsumedAttempt, CallbackError> {
    let until = attempt.begun_at.saturating_add(rp.config.requests.attempt_lifetime);
    let consumed = match attempt.consume(&rp.sessions, until).await {
        Ok(Some(consumed)) => return Ok(consumed),
        Ok(None) => Err(CallbackError::AttemptUsed),
        Err(error) => Err(error.into()),
    };
    revoke_fresh(rp, tokens);
    consumed
}

/// The attempt that `state` names, of whatever age and browser.
fn open(rp: &RelyingParty, state: &str) -> Result<LoginAttempt, CallbackError> {
    LoginAttempt::open(&rp.config.keys, &rp.owner, state).ok_or(CallbackError::NoAttempt)
}

/// Step 2: whether the attempt's binding was replaced.
fn is_replaced(
    rp: &RelyingParty,
    attempt: &LoginAttempt,
    sent: &[BrowserBinding],
) -> Result<bool, CallbackError> {
    let lifetime = rp.config.requests.attempt_lifetime;
    if !attempt_live(attempt.begun_at, lifetime, rp.config.clock.now()) {
        return Err(CallbackError::AttemptExpired);
    }
    match attempt.browser.among(sent) {
        Bound::ToThisBrowser => Ok(false),
        Bound::Replaced if attempt.asked.is_first_of_browser => Ok(true),
        Bound::Replaced | Bound::ToAnother => Err(CallbackError::NoAttempt),
    }
}

/// Names the attempt of `state`, if it is live and this browser holds its binding.
pub(super) fn key_of_browser(
    rp: &RelyingParty,
    state: &str,
    sent: &[BrowserBinding],
) -> Option<Id> {
    let attempt = open(rp, state).ok()?;
    matches!(is_replaced(rp, &attempt, sent), Ok(false)).then(|| attempt.used_key())
}

/// Whether the browser has the live session that this very attempt began. Nothing proves better which browser finished it, so
/// neither the attempt's age nor its binding counts.
fn has_signed_in(attempt: &LoginAttempt, previous: Option<&Previous>) -> bool {
    previous.is_some_and(|previous| {
        previous.is_live() && previous.entry.state().state.handle == attempt.handle()
    })
}

pub(super) fn signed_in_already(attempt: &LoginAttempt) -> Callback {
    Callback::SignedInAlready { return_to: attempt.asked.return_to.clone() }
}

/// Steps 5 and 6.
async fn exchange(
    rp: &RelyingParty,
    attempt: &LoginAttempt,
    code: &AuthorizationCode,
) -> Result<(VerifiedIdToken, TokenResponse), CallbackError> {
    let redirect_uri = rp.config.redirect_uri();
    let tokens =
        rp.provider.exchange_code(&code.0, &attempt.pkce_verifier(), &redirect_uri).await?;
    let Some(raw) = tokens.id_token.clone() else {
        revoke_fresh(rp, &tokens);
        return Err(CallbackError::MissingIdToken);
    };
    let (nonce, asked) = (attempt.nonce(), &attempt.asked);
    let expected = IdTokenExpectations {
        issuer: &rp.config.issuer,
        client_id: &rp.config.client_id,
        trusted_audiences: &rp.config.tokens.trusted_audiences,
        algorithm: rp.config.tokens.algorithm,
        nonce: NonceExpectation::Exactly(nonce.expose_secret()),
        access_token: Some(tokens.access_token.expose_secret()),
        max_age: asked.max_age.map(Duration::from_secs),
        acr_values: &asked.acr_values,
        amr: &asked.amr,
        clock_tolerance: rp.config.tokens.clock_tolerance,
        max_token_age: MAX_ID_TOKEN_AGE,
        now: rp.config.clock.now(),
    };
    let refusal = match rp.provider.verify_id_token(raw.expose_secret(), &expected).await {
        Ok(id_token) if may_finish(asked, &id_token) => return Ok((id_token, tokens)),
        Ok(_) => CallbackError::AnotherUser,
        Err(error) => error.into(),
    };
    revoke_fresh(rp, &tokens);
    Err(refusal)
}

/// Whether the attempt is good for the user who has signed in.
fn may_finish(asked: &Asked, id_token: &VerifiedIdToken) -> bool {
    asked.user.as_ref().is_none_or(|user| user == id_token.subject())
}

/// Tokens that no session will use are revoked, best effort (RFC 7009).
fn revoke_fresh(rp: &RelyingParty, tokens: &TokenResponse) {
    match &tokens.refresh_token {
        Some(token) => end::revoke_in_background(rp, token.clone(), TokenTypeHint::RefreshToken),
        None => {
            let token = tokens.access_token.clone();
            end::revoke_in_background(rp, token, TokenTypeHint::AccessToken);
        }
    }
}

impl From<NotStarted> for CallbackError {
    fn from(reason: NotStarted) -> Self {
        match reason {
            NotStarted::Busy => Self::Busy,
            NotStarted::Used => Self::AttemptUsed,
        }
    }
}

/// An ID Token that comes straight from the token endpoint is new.
const MAX_ID_TOKEN_AGE: Duration = Duration::from_secs(600);
