//! The session of a request, if it is good enough for the handler.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use super::auth_session::{AuthSession, AuthSessionRejection};
use crate::http::require::{Judge as _, SessionRequirement};
use crate::http::response::answer::Asked;
use crate::http::response::insufficient;
use crate::policy::{Authentication, AuthenticationRequirement, Insufficient, has_scope};
use crate::session::entry::Entry;

/// What a handler requires, as a type of the application; see [`SessionWith`].
pub trait Require: 'static {
    /// The requirement. Asked for at every request.
    fn requirement() -> impl SessionRequirement;
}

/// A live session that meets what `R` requires. It is an [`AuthSession`] in all else.
///
/// ```
/// use std::time::Duration;
///
/// use axum_oidc_session::{
///     Require, SessionRequirement, SessionWith, require_authentication, require_claims,
/// };
///
/// struct RecentAdmin;
///
/// impl Require for RecentAdmin {
///     fn requirement() -> impl SessionRequirement {
///         (
///             require_claims().contains("groups", "admins"),
///             require_authentication().max_age(Duration::from_secs(60)),
///         )
///     }
/// }
///
/// async fn shut_down(session: SessionWith<RecentAdmin>) -> String {
///     format!("Good night, {}", session.claims().sub())
/// }
/// ```
///
/// Without a live session it refuses as [`AuthSession`] does; what a request is answered whose session does not do is in
/// [`manual::requirements`](crate::manual::requirements).
pub struct SessionWith<R> {
    session: AuthSession,
    requirement: PhantomData<fn() -> R>,
}

impl<R> SessionWith<R> {
    /// The session.
    pub fn into_inner(self) -> AuthSession {
        self.session
    }
}

impl<R> Deref for SessionWith<R> {
    type Target = AuthSession;

    fn deref(&self) -> &AuthSession {
        &self.session
    }
}

impl<R> Clone for SessionWith<R> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), requirement: PhantomData }
    }
}

impl<R> fmt::Debug for SessionWith<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SessionWith").field(&self.session).finish()
    }
}

impl<R: Require, S: Send + Sync> FromRequestParts<S> for SessionWith<R> {
    type Rejection = RequireRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session =
            <AuthSession as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let Err(unmet) = R::requirement().judge(&session) else {
            return Ok(Self { session, requirement: PhantomData });
        };
        let (rp, headers) = (Arc::clone(&session.rp), parts.headers.clone());
        let asked = Asked::of_parts(&rp.config, parts);
        let response = insufficient::refuse(&rp, &asked, &headers, unmet, session.entry()).await;
        Err(RequireRejection::Insufficient(Box::new(response)))
    }
}

impl AuthSession {
    /// Whether the session meets a requirement now: for a handler that shows more to some than to others.
    ///
    /// ```
    /// use axum_oidc_session::{AuthSession, require_claims};
    ///
    /// async fn menu(session: AuthSession) -> &'static str {
    ///     let admins = require_claims().contains("groups", "admins");
    ///     if session.meets(&admins) { "home, settings" } else { "home" }
    /// }
    /// ```
    pub fn meets(&self, requirement: &impl SessionRequirement) -> bool {
        requirement.judge(self).is_ok()
    }

    pub(in crate::http) fn entry(&self) -> &Arc<Entry> {
        self.live.entry()
    }

    /// Whether the provider granted this scope, at the login or at the latest refresh.
    pub(in crate::http) fn has_scope(&self, wanted: &str) -> bool {
        has_scope(&self.seen.state.tokens.scope, wanted)
    }

    pub(in crate::http) fn check_authentication(
        &self,
        required: &AuthenticationRequirement,
    ) -> Result<(), Insufficient> {
        let config = &self.rp.config;
        let claims = self.claims();
        let amr = if required.amr.is_empty() { Vec::new() } else { claims.amr() };
        let authentication = Authentication {
            auth_time: claims.auth_time(),
            acr: claims.acr(),
            amr: &amr,
            signed_in_at: self.signed_in_at(),
        };
        let now = self.live.entry().now(&*config.clock).time();
        required.check(&authentication, config.tokens.clock_tolerance, now)
    }
}

/// Why a handler did not get its session.
#[derive(Debug)]
#[non_exhaustive]
pub enum RequireRejection {
    /// There is no session.
    Session(AuthSessionRejection),
    /// There is one, and it does not do; the response says what to do.
    Insufficient(Box<Response>),
}

impl From<AuthSessionRejection> for RequireRejection {
    fn from(rejection: AuthSessionRejection) -> Self {
        Self::Session(rejection)
    }
}

impl IntoResponse for RequireRejection {
    fn into_response(self) -> Response {
        match self {
            Self::Session(rejection) => rejection.into_response(),
            Self::Insufficient(response) => *response,
        }
    }
}
