//! A login that is sent to the provider once more, by itself: its code was refused, its ceiling was inside the leeway, or its
//! binding was replaced. Each happens once in a login.

use super::callback::{Callback, signed_in_already};
use super::callback_error::CallbackError;
use super::login::{self, Instead, LoginError, LoginParameters};
use super::previous::Previous;
use super::relying_party::RelyingParty;
use super::requirement::lacks;
use crate::policy::AuthenticationRequirement;
use crate::session::attempt::{BrowserBinding, LoginAttempt};

/// Sends the browser to the provider once more.
pub(super) async fn retry(
    rp: &RelyingParty,
    parameters: LoginParameters,
    sent: &[BrowserBinding],
) -> Result<Callback, CallbackError> {
    match login::begin(rp, parameters, sent).await {
        Ok(begun) => Ok(Callback::Retry(Box::new(begun))),
        Err(LoginError::Discovery(error)) => Err(error.into()),
        Err(LoginError::Random(error)) => Err(error.into()),
    }
}

/// The binding of the attempt was replaced. Whether it is of this browser cannot be known: a link to the login might have brought
/// the browser here as well. So no more is done than such a link does: beside a live session, a login starts only for what the
/// session lacks. It is the retry that is there once in a login beside the one inside the leeway.
pub(super) async fn replaced(
    rp: &RelyingParty,
    attempt: &LoginAttempt,
    sent: &[BrowserBinding],
    previous: Option<&Previous>,
) -> Result<Callback, CallbackError> {
    let asked = &attempt.asked;
    let required = asked.is_step_up.then(|| AuthenticationRequirement {
        max_age: asked.max_age,
        acr: asked.acr_values.clone(),
        amr: asked.amr.clone(),
    });
    let live = previous.filter(|previous| previous.is_live());
    if live.is_some_and(|live| !lacks(&rp.config, &live.entry, required.as_ref())) {
        return Ok(signed_in_already(attempt));
    }
    retry(rp, LoginParameters { is_code_retry: true, ..again(attempt) }, sent).await
}

/// The same login once more. What it had the user asked itself (`prompt`) is not asked again: the provider's own session has the
/// answers. What the configuration has every login ask is.
pub(super) fn with_another_code(attempt: &LoginAttempt) -> LoginParameters {
    LoginParameters { begun_at: Some(attempt.begun_at), is_code_retry: true, ..again(attempt) }
}

/// Ceiling rule 6: the provider's own session may still be alive and return the same end; a new authentication makes a
/// new one. It stays the same login: a logout that the provider has told of since it began ends it.
pub(super) fn with_new_authentication(attempt: &LoginAttempt) -> LoginParameters {
    let prompt = Some("login".to_owned());
    let begun_at = Some(attempt.begun_at);
    LoginParameters { prompt, begun_at, is_leeway_retry: true, ..again(attempt) }
}

/// What the attempt asked for, as it has been narrowed already.
fn again(attempt: &LoginAttempt) -> LoginParameters {
    let asked = attempt.asked.clone();
    let instead =
        Instead { prompt: None, max_age: asked.max_age, acr_values: Some(asked.acr_values) };
    LoginParameters {
        return_to: asked.return_to,
        login_hint: asked.login_hint,
        prompt: None,
        max_age: None,
        acr_values: Vec::new(),
        amr: asked.amr,
        ui_locales: asked.ui_locales,
        is_step_up: asked.is_step_up,
        user: asked.user,
        instead,
        begun_at: None,
        is_leeway_retry: asked.is_leeway_retry,
        is_code_retry: asked.is_code_retry,
    }
}
