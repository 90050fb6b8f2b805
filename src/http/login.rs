//! A login begun by a handler, with parameters of its own.

use std::sync::Arc;
use std::time::Duration;

use axum_core::response::Response;
use http::{HeaderMap, Method};

use super::cookies::RequestCookies;
use super::facts;
use super::login_start::{instead_of_login, live_session};
use super::require::RequireAuthentication;
use super::routes::login;
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

    /// Who is going to sign in (`login_hint`, OpenID Connect Core 3.1.2.1).
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.parameters.login_hint = Some(hint.into());
        self
    }

    /// What the user is asked beside what the configured [`prompt`](crate::OidcAuthBuilder::prompt) asks: `login`, `consent`,
    /// `select_account` (OpenID Connect Core 3.1.2.1).
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.parameters.prompt = Some(prompt.into());
        self
    }

    /// `prompt` of this login instead of the configured one.
    ///
    /// # Security
    ///
    /// The user may be asked less than at every other login.
    pub fn insecure_widen_prompt(mut self, prompt: impl Into<String>) -> Self {
        self.parameters.instead.prompt = Some(prompt.into());
        self
    }

    /// How old the authentication may be, in whole seconds; the ID Token's `auth_time` is checked. Of this and the configured
    /// [`max_age`](crate::OidcAuthBuilder::max_age) the shorter holds.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.parameters.max_age = Some(max_age.as_secs());
        self
    }

    /// `max_age` of this login, in whole seconds, instead of the configured one.
    ///
    /// # Security
    ///
    /// The authentication may be older than at every other login, and so may that of the session that comes of it.
    pub fn insecure_widen_max_age(mut self, max_age: Duration) -> Self {
        self.parameters.instead.max_age = Some(max_age.as_secs());
        self
    }

    /// Authentication contexts of which the ID Token's `acr` must be one. Where
    /// [`acr_values`](crate::OidcAuthBuilder::acr_values) are configured, those of them count that are configured, too; if none
    /// is, the configured ones.
    pub fn acr_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.parameters.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// Authentication contexts of this login instead of the configured ones. None: any will do.
    ///
    /// # Security
    ///
    /// The session that comes of it opens every page that does not itself require a context. This
    /// call, and no other, lets a user sign in here who has met none of the configured contexts.
    pub fn insecure_widen_acr_values<T: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.parameters.instead.acr_values = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// Asks for what is required, and refuses at the callback what does not do. For a handler that finds out by
    /// [`AuthSession::meets`](crate::AuthSession::meets) what it needs; the layer and [`SessionWith`](crate::SessionWith) do
    /// this by themselves. What else is asked for, before or after, takes nothing away from it; of several the last counts.
    ///
    /// A requirement narrows what is configured. Where none of its contexts is among the configured
    /// [`acr_values`](crate::OidcAuthBuilder::acr_values) (or those of
    /// [`insecure_widen_acr_values`](Self::insecure_widen_acr_values)), it is asked of the user who
    /// is signed in. Without a live session the configured contexts are asked
    /// for, and the page that requires more asks afterwards
    /// ([`RequireAuthentication::acr`](crate::RequireAuthentication::acr)).
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
    /// logins go round in circles). `headers` are those of the request.
    ///
    /// Only a navigation starts a login; anything else gets 403 `navigation_required`. A navigation that another site starts
    /// (`Sec-Fetch-Site`), while the user is signed in, leads straight to [`return_to`](Self::return_to), unless this login asks
    /// for more than a session ([`require`](Self::require), [`max_age`](Self::max_age), [`acr_values`](Self::acr_values)):
    /// otherwise other sites could end sessions.
    pub async fn begin(mut self, headers: &HeaderMap) -> Response {
        let (rp, config) = (&self.rp, &self.rp.config);
        let return_to = self.return_to.as_deref().unwrap_or_default();
        let return_to = facts::checked_return_to(config, return_to);
        self.parameters.return_to = return_to.as_str().to_owned();
        // `none` shows no sign-in page, so nobody could sign in.
        let prompt = self.parameters.prompt.take();
        self.parameters.prompt =
            prompt.filter(|prompt| !prompt.split(' ').any(|value| value == "none"));
        let kind = facts::kind(&Method::GET, headers);
        let own = AuthenticationRequirement {
            max_age: self.parameters.max_age,
            acr: self.parameters.acr_values.clone(),
            amr: Vec::new(),
        };
        let required = self.required.as_ref().unwrap_or(&own).clone();
        let instead = instead_of_login(rp, kind, headers, return_to.as_str(), Some(&required));
        if let Some(response) = instead.await {
            return response;
        }
        let Some(asked) = &self.required else {
            return login::begin(rp, self.parameters, headers, Some(&required)).await;
        };
        let sent = RequestCookies::scan(headers, &config.cookies);
        let live = match live_session(rp, kind, &sent).await {
            Ok(live) => live,
            Err(unavailable) => return *unavailable,
        };
        let state = live.map(|live| live.entry().state());
        let user = state.as_ref().map(|version| version.state.claims.sub());
        let parameters = self.parameters.requiring(asked, &config.requests, user);
        login::begin(rp, parameters, headers, Some(&required)).await
    }
}
