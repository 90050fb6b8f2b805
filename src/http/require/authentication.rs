//! A sign-in that is fresh or strong enough, required of a session.

use std::sync::Arc;
use std::time::Duration;

use super::{Judge, Unmet};
use crate::http::extract::AuthSession;
use crate::policy::AuthenticationRequirement;

/// Requires a live session, and of its sign-in what is added: how long ago it may be, and how the user proved who they are.
///
/// It is a layer for `route_layer`, and what a [`SessionWith`](crate::SessionWith) extracts by.
/// [`AuthSessionLayer`](crate::AuthSessionLayer) must be around it.
///
/// ```
/// use std::time::Duration;
///
/// use axum::{Router, routing::get};
/// use axum_oidc_session::{OidcAuth, require_authentication};
///
/// fn payments(auth: &OidcAuth) -> Router {
///     let recent = require_authentication().max_age(Duration::from_secs(300)).amr("otp");
///     Router::new()
///         .route("/payments", get(|| async { "signed in with a second factor, five minutes ago at most" }))
///         .route_layer(recent)
///         .layer(auth.layer())
/// }
/// ```
///
/// What a request is answered whose session does not do is in [`manual::requirements`](crate::manual::requirements).
pub fn require_authentication() -> RequireAuthentication {
    RequireAuthentication { required: Arc::default() }
}

/// See [`require_authentication`].
#[derive(Clone, Debug)]
#[must_use]
pub struct RequireAuthentication {
    required: Arc<AuthenticationRequirement>,
}

impl RequireAuthentication {
    /// How long ago the user may have authenticated, in whole seconds, by the ID Token's `auth_time` (OpenID Connect Core
    /// 3.1.2.1, RFC 9470). Of several the shortest counts.
    ///
    /// Signing in here is not authenticating: the provider may have done it silently. A session whose ID Token had no
    /// `auth_time` is therefore not fresh; a sign-in with `max_age` brings one. A refresh makes no session fresher (Core 12.2).
    pub fn max_age(self, max_age: Duration) -> Self {
        let seconds = max_age.as_secs();
        self.with(|it| it.max_age = Some(it.max_age.map_or(seconds, |age| age.min(seconds))))
    }

    /// An authentication context, without spaces, that `acr` may be (Core section 2). Of several, one will do.
    ///
    /// Contexts have no order that could be known here. Where
    /// [`acr_values`](crate::OidcAuthBuilder::acr_values) are configured, those of them that are
    /// required here are asked for. If none is, the ones required here are asked for in place of
    /// the configured ones: of the user who is signed in, who has met those by the session until
    /// then. If another user signs in instead, the callback refuses that (403
    /// `login_another_user`). The new session has the context required here, and is as good for the
    /// rest of the application as any.
    ///
    /// # Security
    ///
    /// If the context required here is weaker than the configured ones, the new session has only
    /// the weaker one, and lasts as long as any. Require stronger contexts here, and list all
    /// others in `acr_values`.
    pub fn acr(self, value: impl Into<String>) -> Self {
        self.with(|it| it.acr.push(value.into()))
    }

    /// A method that `amr` must have, such as `otp` or `hwk` (RFC 8176). Of several, all must be there.
    ///
    /// No parameter asks a provider for methods, so the user is always asked to sign in anew (`prompt=login`); prefer
    /// [`acr`](Self::acr) where the provider has a context for it.
    pub fn amr(self, method: impl Into<String>) -> Self {
        self.with(|it| it.amr.push(method.into()))
    }

    pub(in crate::http) fn required(&self) -> &AuthenticationRequirement {
        &self.required
    }

    fn with(mut self, change: impl FnOnce(&mut AuthenticationRequirement)) -> Self {
        change(Arc::make_mut(&mut self.required));
        self
    }
}

impl Judge for RequireAuthentication {
    fn judge(&self, session: &AuthSession) -> Result<(), Unmet> {
        session
            .check_authentication(&self.required)
            .map_err(|lack| Unmet::Authentication(Arc::clone(&self.required), lack))
    }
}
