//! A login begun by a handler, with parameters of its own.

use std::sync::Arc;
use std::time::Duration;

use axum_core::response::Response;
use http::HeaderMap;

use super::facts;
use super::require::RequireAuthentication;
use super::routes::login::{redirect_to_provider, rounds};
use crate::flow::login::LoginParameters;
use crate::flow::relying_party::RelyingParty;
use crate::policy::AuthenticationRequirement;

/// A login with parameters of its own. Made by [`OidcAuth::login`](crate::OidcAuth::login), ended by
/// [`begin`](Self::begin).
///
/// ```
/// use axum::response::Response;
/// use axum::http::HeaderMap;
/// use axum_oidc_session::OidcAuth;
///
/// async fn sign_in_at_work(auth: OidcAuth, headers: HeaderMap) -> Response {
///     auth.login().login_hint("ada@example.com").return_to("/desk").begin(&headers).await
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a login does nothing until `begin` is awaited"]
pub struct Login {
    rp: Arc<RelyingParty>,
    parameters: LoginParameters,
    return_to: Option<String>,
    required: Option<AuthenticationRequirement>,
}

impl Login {
    pub(crate) fn new(rp: Arc<RelyingParty>) -> Self {
        Self { rp, parameters: LoginParameters::default(), return_to: None, required: None }
    }

    /// Who is going to sign in (`login_hint`, OpenID Connect Core 3.1.2.1). It travels in the attempt's cookie: keep it below
    /// 512 bytes, or the cookie may outgrow the 4096 bytes that browsers keep.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.parameters.login_hint = Some(hint.into());
        self
    }

    /// `prompt` of this login instead of the configured one: `login`, `consent`, `select_account` (OpenID Connect Core 3.1.2.1).
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.parameters.prompt = Some(prompt.into());
        self
    }

    /// How old the authentication may be, in whole seconds; the ID Token's `auth_time` is checked.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.parameters.max_age = Some(max_age.as_secs());
        self
    }

    /// Authentication contexts of which the ID Token's `acr` must be one.
    pub fn acr_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.parameters.acr_values = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// Asks for what is required, and refuses at the callback what does not do. For a handler that finds out by
    /// [`AuthSession::meets`](crate::AuthSession::meets) what it needs; the layer and [`SessionWith`](crate::SessionWith) do
    /// this by themselves. What else is asked for, before or after, takes nothing away from it; of several the last counts.
    pub fn require(mut self, requirement: &RequireAuthentication) -> Self {
        self.required = Some(requirement.required().clone());
        self
    }

    /// Languages of the provider's pages, space-separated.
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.parameters.ui_locales = Some(locales.into());
        self
    }

    /// Where to go afterwards: a local path of at most 2 KB; anything else becomes the base path.
    pub fn return_to(mut self, path: impl Into<String>) -> Self {
        self.return_to = Some(path.into());
        self
    }

    /// The redirect to the provider, or a page that says why there is none (503 if the provider cannot be reached, 400 if
    /// logins go round in circles). `headers` are those of the request: its cookies count the pending attempts.
    pub async fn begin(mut self, headers: &HeaderMap) -> Response {
        let return_to = self.return_to.as_deref().unwrap_or_default();
        let return_to = facts::checked_return_to(&self.rp.config, return_to);
        self.parameters.return_to = return_to.as_str().to_owned();
        // `none` shows no sign-in page, so nobody could sign in.
        let prompt = self.parameters.prompt.take();
        self.parameters.prompt =
            prompt.filter(|prompt| !prompt.split(' ').any(|value| value == "none"));
        let parameters = match &self.required {
            Some(required) => self.parameters.requiring(required),
            None => self.parameters,
        };
        let rounds = rounds(&self.rp.config, headers);
        redirect_to_provider(&self.rp, parameters, headers, rounds).await
    }
}
