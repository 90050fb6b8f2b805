//! The end of a login: from the authorization response to a session.
//!
//! 1. The response is parsed; a duplicated parameter ends it here.
//! 2. The login attempt is found by `state`, opened, compared in constant time, and not too old.
//! 3. The attempt is used up. Whatever happens from here on, it can't be used again.
//! 4. The response itself is judged: `iss` (RFC 9207), error, code.
//! 5. The code is exchanged, with the PKCE verifier. Where it is refused, the login is sent to the provider once more: when a
//!    session ends in several tabs at once, one has its refresh token revoked while another is sent to sign in, and some
//!    providers revoke with the token all that the user granted, a code on its way included. It stays the same login: whoever
//!    ended all sessions of the user meanwhile has ended it, too.
//! 6. The ID Token is verified.
//! 7. The ceiling is fixed; inside the leeway one retry is begun (ceiling rules 5 and 6).
//! 8. UserInfo adds claims, if it answers for the same `sub`.
//! 9. The application is asked.
//! 10. A session begins under a new id.
//! 11. The browser's older session ends, once somebody is there to take the new one. A session that nobody takes ends.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use super::begin_session::{LoginFacts, sign_in};
use super::callback_error::CallbackError;
use super::end;
use super::login::{self, BegunLogin, LoginError, LoginParameters};
use super::new_session::NewSession;
use super::previous::Previous;
use super::relying_party::RelyingParty;
use crate::events::EventKind;
use crate::policy::CeilingRefusal;
use crate::protocol::authorization_response::{
    AuthorizationCode, AuthorizationResponse, AuthorizationResponseError,
};
use crate::protocol::id_token::{IdTokenExpectations, NonceExpectation, VerifiedIdToken};
use crate::protocol::token_response::TokenResponse;
use crate::provider::TokenTypeHint;
use crate::session::attempt::{ConsumedAttempt, LoginAttempt};
use crate::spawn;

/// How a callback can go well.
#[derive(Debug)]
pub(crate) enum Callback {
    /// A session has begun.
    SignedIn {
        session: NewSession,
        return_to: String,
        /// The browser's session until now, to be ended.
        previous: Option<Previous>,
    },
    /// The same login once more: its code was refused, or its ceiling inside the leeway.
    Retry(Box<BegunLogin>),
}

/// Completes a login, in a task of its own: a client that hangs up leaves no tokens behind that nobody uses. A panic of the
/// application's hook ends that task, and nothing else.
pub(crate) async fn run(
    rp: &Arc<RelyingParty>,
    query: String,
    attempt_cookie: impl FnOnce(&str) -> Option<String> + Send + 'static,
    previous: Option<Previous>,
    device: Option<String>,
) -> Result<Callback, CallbackError> {
    let task = Arc::clone(rp);
    let is_signed_in = previous.as_ref().is_some_and(|previous| previous.over.is_none());
    let work = async move {
        let completed = complete(&task, &query, attempt_cookie, previous, device).await;
        if let Err(error) = &completed {
            tell_refused(&task, error, is_signed_in);
        }
        completed
    };
    let completed = spawn::to_the_end(&*rp.config.spawn, work).await;
    completed.unwrap_or_else(|| {
        let error = CallbackError::Interrupted;
        tell_refused(rp, &error, is_signed_in);
        Err(error)
    })
}

/// In the task, so that it is told also if the client hangs up. The Back button of a browser that is signed in leads on to its
/// page, and is no event.
fn tell_refused(rp: &RelyingParty, error: &CallbackError, is_signed_in: bool) {
    let code = error.code();
    let kind = match error {
        CallbackError::NoAttempt | CallbackError::AttemptUsed if is_signed_in => return,
        CallbackError::AttemptUsed => EventKind::ReplaySeen { code },
        _ => EventKind::SignInRefused { code },
    };
    rp.config.tell_with(kind, error);
}

/// Completes a login. `attempt_cookie` gives the value of the attempt cookie with the suffix it is called with;
/// `previous` is the session of this browser, if it has one.
async fn complete(
    rp: &Arc<RelyingParty>,
    query: &str,
    attempt_cookie: impl FnOnce(&str) -> Option<String>,
    previous: Option<Previous>,
    device: Option<String>,
) -> Result<Callback, CallbackError> {
    let response = match AuthorizationResponse::parse(query) {
        Ok(response) => response,
        Err(error) => {
            use_up(rp, query, attempt_cookie).await;
            return Err(error.into());
        }
    };
    let state = response.state().ok_or(AuthorizationResponseError::MissingState)?;
    let attempt = find_attempt(rp, state, attempt_cookie)?;
    let metadata = rp.provider.metadata().await?;
    let until = attempt.begun_at.saturating_add(rp.config.requests.attempt_lifetime);
    let attempt = attempt.consume(&rp.sessions, until).await?.ok_or(CallbackError::AttemptUsed)?;
    let iss_required = metadata.authorization_response_iss_parameter_supported;
    let code = response.validate(&rp.config.issuer, iss_required)?;
    let (id_token, tokens) = match exchange(rp, &attempt, &code).await {
        Err(CallbackError::Exchange(error))
            if error.is_invalid_grant() && !attempt.is_code_retry =>
        {
            tell_refused(rp, &CallbackError::Exchange(error), false);
            return retry(rp, with_another_code(&attempt)).await;
        }
        exchanged => exchanged?,
    };
    let stepped_up = previous.as_ref().filter(|_| attempt.is_step_up);
    let application = stepped_up.map(|previous| previous.application_for(&id_token));
    let application = application.unwrap_or_default();
    let (attempt_begun_at, scope) = (attempt.begun_at, attempt.scope.clone());
    let login = LoginFacts { attempt_begun_at, scope, device, application };
    match sign_in(rp, &id_token, &tokens, &login).await {
        Ok(session) => {
            let session = NewSession::new(rp, session);
            Ok(Callback::SignedIn { session, return_to: attempt.return_to.clone(), previous })
        }
        Err(error) => {
            revoke_fresh(rp, &tokens);
            let CallbackError::Ceiling(refusal) = error else { return Err(error) };
            if matches!(refusal, CeilingRefusal::InsideLeeway { .. }) && !attempt.is_leeway_retry {
                return retry(rp, with_new_authentication(&attempt)).await;
            }
            if let Some(previous) = previous
                && matches!(
                    refusal,
                    CeilingRefusal::InsideLeeway { .. } | CeilingRefusal::AlreadyPast { .. }
                )
            {
                previous.ends_with(rp, &id_token).await;
            }
            Err(refusal.into())
        }
    }
}

/// A response that is not in order still uses up the attempt it names.
async fn use_up(
    rp: &RelyingParty,
    query: &str,
    attempt_cookie: impl FnOnce(&str) -> Option<String>,
) {
    let mut states =
        url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
    let (Some((_, state)), None) = (states.next(), states.next()) else { return };
    let Ok(attempt) = find_attempt(rp, &state, attempt_cookie) else { return };
    let until = attempt.begun_at.saturating_add(rp.config.requests.attempt_lifetime);
    if let Err(error) = attempt.consume(&rp.sessions, until).await {
        rp.config.tell_with(EventKind::StoreUnavailable {}, &error);
    }
}

/// Step 2.
fn find_attempt(
    rp: &RelyingParty,
    state: &str,
    attempt_cookie: impl FnOnce(&str) -> Option<String>,
) -> Result<LoginAttempt, CallbackError> {
    let value = attempt_cookie(login::cookie_suffix(state)).ok_or(CallbackError::NoAttempt)?;
    let attempt =
        LoginAttempt::open(&rp.config.keys, &rp.owner, &value).ok_or(CallbackError::NoAttempt)?;
    let same = attempt.state.expose_secret().as_bytes().ct_eq(state.as_bytes());
    if !bool::from(same) {
        return Err(CallbackError::NoAttempt);
    }
    let age = rp.config.clock.now().seconds_since(attempt.begun_at);
    let lifetime = rp.config.requests.attempt_lifetime.as_secs();
    if age < -CLOCK_STEP || age >= i64::try_from(lifetime).unwrap_or(i64::MAX) {
        return Err(CallbackError::AttemptExpired);
    }
    Ok(attempt)
}

/// Steps 5 and 6.
async fn exchange(
    rp: &RelyingParty,
    attempt: &ConsumedAttempt,
    code: &AuthorizationCode,
) -> Result<(VerifiedIdToken, TokenResponse), CallbackError> {
    let redirect_uri = rp.config.redirect_uri();
    let tokens = rp.provider.exchange_code(&code.0, &attempt.pkce_verifier, &redirect_uri).await?;
    let Some(raw) = tokens.id_token.clone() else {
        revoke_fresh(rp, &tokens);
        return Err(CallbackError::MissingIdToken);
    };
    let expected = IdTokenExpectations {
        issuer: &rp.config.issuer,
        client_id: &rp.config.client_id,
        algorithm: rp.config.tokens.algorithm,
        nonce: NonceExpectation::Exactly(attempt.nonce.expose_secret()),
        access_token: Some(tokens.access_token.expose_secret()),
        max_age: attempt.max_age.map(Duration::from_secs),
        acr_values: &attempt.acr_values,
        amr: &attempt.amr,
        clock_tolerance: rp.config.tokens.clock_tolerance,
        max_token_age: MAX_ID_TOKEN_AGE,
        now: rp.config.clock.now(),
    };
    match rp.provider.verify_id_token(raw.expose_secret(), &expected).await {
        Ok(id_token) => Ok((id_token, tokens)),
        Err(error) => {
            revoke_fresh(rp, &tokens);
            Err(error.into())
        }
    }
}

/// Sends the browser to the provider once more.
async fn retry(rp: &RelyingParty, parameters: LoginParameters) -> Result<Callback, CallbackError> {
    match login::begin(rp, parameters).await {
        Ok(begun) => Ok(Callback::Retry(Box::new(begun))),
        Err(LoginError::Discovery(error)) => Err(error.into()),
        Err(LoginError::Random(error)) => Err(error.into()),
    }
}

/// The same login once more. What it had the user asked itself (`prompt`) is not asked again: the provider's own session has the
/// answers. What the configuration has every login ask is.
fn with_another_code(attempt: &ConsumedAttempt) -> LoginParameters {
    LoginParameters { begun_at: Some(attempt.begun_at), is_code_retry: true, ..again(attempt) }
}

/// Ceiling rule 6: the provider's own session may still be alive and return the same end; a new authentication makes a
/// new one.
fn with_new_authentication(attempt: &ConsumedAttempt) -> LoginParameters {
    let prompt = Some("login".to_owned());
    LoginParameters { prompt, is_leeway_retry: true, ..again(attempt) }
}

/// What the attempt asked for.
fn again(attempt: &ConsumedAttempt) -> LoginParameters {
    LoginParameters {
        return_to: attempt.return_to.clone(),
        login_hint: attempt.login_hint.clone(),
        prompt: None,
        max_age: attempt.max_age,
        acr_values: Some(attempt.acr_values.clone()),
        amr: attempt.amr.clone(),
        ui_locales: attempt.ui_locales.clone(),
        is_step_up: attempt.is_step_up,
        begun_at: None,
        is_leeway_retry: attempt.is_leeway_retry,
        is_code_retry: attempt.is_code_retry,
    }
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

/// An ID Token that comes straight from the token endpoint is new.
const MAX_ID_TOKEN_AGE: Duration = Duration::from_secs(600);
/// How far, in seconds, the clocks of two nodes may be apart in the age of a login attempt.
const CLOCK_STEP: i64 = 60;
