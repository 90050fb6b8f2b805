//! The session of a request, for handlers.

use std::fmt;
use std::sync::Arc;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::find::find;
use super::missing::Missing;
use crate::clock::UnixTime;
use crate::flow::access_token::{self, AccessToken, AccessTokenError};
use crate::flow::end;
use crate::flow::refresh_on_demand;
use crate::flow::relying_party::RelyingParty;
use crate::flow::user_info::{self, UserInfoRequestError};
use crate::http::response::answer;
use crate::policy::EndReason;
use crate::policy::Limit;
use crate::protocol::claims::Claims;
use crate::session::contract::StoreError;
use crate::session::entry::Versioned;
use crate::session::live_session::LiveSession;

/// A live session: the user's verified claims, and access tokens.
///
/// As an extractor it refuses a request without a live session: 303 to the login for a navigation, 401 otherwise. As
/// `Option<AuthSession>` it lets everyone in and is `None` without one. Both need [`AuthSessionLayer`] around the handler.
///
/// ```
/// use axum_oidc_session::AuthSession;
///
/// async fn profile(session: AuthSession) -> String {
///     format!("Hello {}", session.claims().name().unwrap_or(session.claims().sub()))
/// }
/// ```
///
/// # Security
///
/// There is no other way to make one than the check of the layer (and `TestSession` in the unit tests of applications):
///
/// ```compile_fail,E0451
/// use axum_oidc_session::AuthSession;
///
/// let session = AuthSession { live: todo!(), seen: todo!(), rp: todo!() }; // private fields, no constructor
/// ```
///
/// Claims and tokens are reached through it alone; what the crate itself hands them out for is a `LiveSession`:
///
/// ```compile_fail,E0603
/// use axum_oidc_session::session::entry::LiveSession; // private: no path around the check compiles
/// ```
///
/// [`AuthSessionLayer`]: crate::AuthSessionLayer
#[derive(Clone)]
pub struct AuthSession {
    pub(super) live: LiveSession,
    pub(super) seen: Arc<Versioned>,
    pub(super) rp: Arc<RelyingParty>,
}

impl AuthSession {
    #[cfg(feature = "test-util")]
    pub(crate) fn new(live: LiveSession, rp: Arc<RelyingParty>) -> Self {
        let seen = live.entry().state();
        Self { live, seen, rp }
    }

    #[cfg(any(feature = "test-util", feature = "ws"))]
    pub(crate) fn into_parts(self) -> (LiveSession, Arc<RelyingParty>) {
        (self.live, self.rp)
    }

    /// The claims verified at the login: those of the ID Token, those of UserInfo, and what the application added.
    pub fn claims(&self) -> &Claims {
        &self.seen.state.claims
    }

    /// The ceiling in force (`session_expiry`, as the provider asserted it and as refreshes have lowered it); `None` if the
    /// provider asserted none. The session ends before it, at [`expires_at`](Self::expires_at).
    pub fn ceiling(&self) -> Option<UnixTime> {
        self.live.entry().state().state.session_expires_at.asserted_end()
    }

    /// The deadline that is enforced, all limits included: the first second at which the session is over.
    pub fn expires_at(&self) -> UnixTime {
        self.live.entry().deadline(self.rp.sessions.limits()).at
    }

    /// The limit that [`expires_at`](Self::expires_at) comes from.
    pub fn limit(&self) -> Limit {
        self.live.entry().deadline(self.rp.sessions.limits()).limit
    }

    /// When the user signed in here.
    pub fn signed_in_at(&self) -> UnixTime {
        self.seen.state.logged_in_at
    }

    /// An access token that is fresh, refreshed if it was due: once, however many requests ask.
    ///
    /// It is due in the last min(60 s, a quarter of its life). If the refresh fails while it is still valid, it is handed out all
    /// the same. A caller that is dropped while it waits stops nothing.
    ///
    /// ```
    /// use axum_oidc_session::{AccessTokenError, AuthSession};
    ///
    /// async fn report(session: AuthSession) -> Result<String, AccessTokenError> {
    ///     let token = session.access_token().await?; // `?`: the error is a response
    ///     Ok(format!("call the API with it until {}", token.expires_at().seconds()))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`], which is a response itself. Past the deadline it is `SessionExpired`: no cached token is served
    /// and the provider is not asked.
    pub async fn access_token(&self) -> Result<AccessToken, AccessTokenError> {
        access_token::access_token(&self.rp, &self.live).await
    }

    /// Another access token, refreshed now, whatever the clock says of the one that is there: a resource server refused it, or
    /// the provider did not say how long it lives.
    ///
    /// Once, however many ask on however many nodes, and at most once a second per session: within a second after a refresh the
    /// tokens that are there are returned. If the refresh fails nothing is handed out in its place.
    ///
    /// ```
    /// use axum_oidc_session::{AccessToken, AccessTokenError, AuthSession};
    ///
    /// # async fn call_api(token: &AccessToken) -> u16 { 200 }
    /// async fn report(session: AuthSession) -> Result<String, AccessTokenError> {
    ///     let mut status = call_api(&session.access_token().await?).await;
    ///     if status == 401 {
    ///         status = call_api(&session.refresh_access_token().await?).await;
    ///     }
    ///     Ok(format!("the API answered {status}"))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`], as for [`access_token`](Self::access_token).
    pub async fn refresh_access_token(&self) -> Result<AccessToken, AccessTokenError> {
        refresh_on_demand::refresh_access_token(&self.rp, &self.live).await
    }

    /// What the provider's UserInfo endpoint says at this moment, asked with [`access_token`](Self::access_token), and once more
    /// with a refreshed one if it answers 401. The claims of the session stay as they are. What UserInfo says of the sign-in (`session_expiry`, `acr`, `tenant`, …) is
    /// neither enforced nor trusted: the session's own [`claims`](Self::claims) are those that count.
    ///
    /// ```
    /// use axum::Json;
    /// use axum_oidc_session::{AuthSession, Claims, UserInfoRequestError};
    ///
    /// async fn profile(session: AuthSession) -> Result<Json<Claims>, UserInfoRequestError> {
    ///     session.user_info().await.map(Json)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`UserInfoRequestError`], which is a response itself: 401 without an access token, 503 if the provider is down, 502 if its
    /// answer cannot be used or is about somebody else.
    pub async fn user_info(&self) -> Result<Claims, UserInfoRequestError> {
        user_info::user_info(&self.rp, &self.live).await
    }
}

impl AuthSession {
    /// Ends the session here, and revokes its refresh token in the background. The response to this request does to the browser
    /// what that of the logout route does: it removes the cookies, those of logins that are under way too, and clears the cache if
    /// [`clear_browser_cache_at_logout`](crate::OidcAuthBuilder::clear_browser_cache_at_logout) says so. The user stays signed in at the provider: send users who want to sign out to the logout route.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: the store can't be asked. The response removes the cookies even then, since the browser may be a shared one;
    /// the session itself may live on elsewhere, until it runs out or is ended again. Tell the user.
    pub async fn end(&self) -> Result<(), StoreError> {
        let (rp, entry) = (&self.rp, self.live.entry());
        entry.note_ended_by(self.live.request());
        let ended = end::try_end_with_successors(rp, entry, EndReason::EndedByApplication).await;
        // The session of this request may have moved meanwhile: its response knows either.
        let mut last = entry.successor();
        while let Some(moved) = last {
            moved.note_ended_by(self.live.request());
            last = moved.successor();
        }
        entry.note_ended_by(self.live.request());
        ended.map(drop)
    }
}

impl fmt::Debug for AuthSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AuthSession").field("expires_at", &self.expires_at()).finish()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AuthSession {
    type Rejection = AuthSessionRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let auth = find(parts)?;
        let missing = match Self::find_now(auth) {
            // Moved once: each request pays for it.
            Some(Ok(session)) => return Ok(session),
            Some(Err(missing)) => missing,
            None => match Self::find_in_store(auth).await {
                Ok(session) => return Ok(session),
                Err(missing) => missing,
            },
        };
        Err(missing.reject(&auth.rp.config, parts))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for AuthSession {
    type Rejection = AuthSessionRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        let auth = find(parts)?;
        let found = match Self::find_now(auth) {
            Some(found) => found,
            None => Self::find_in_store(auth).await,
        };
        match found {
            Ok(session) => Ok(Some(session)),
            Err(Missing::Absent(_)) => Ok(None),
            // Nobody is taken for anonymous.
            Err(missing) => Err(missing.reject(&auth.rp.config, parts)),
        }
    }
}

/// Why a handler did not get its session.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthSessionRejection {
    /// There is no live session; the response says what to do.
    NoSession(Box<Response>),
    /// 503: a middleware waited, and the store that had to be asked again gives no answer.
    StoreUnavailable(Box<Response>),
    /// 500: `AuthSessionLayer` is not around this handler.
    MissingLayer,
    /// 500: another layer provides `tower_sessions::Session` under `.application_data(true)`.
    TwoSessionLayers,
}

impl IntoResponse for AuthSessionRejection {
    fn into_response(self) -> Response {
        match self {
            Self::NoSession(response) | Self::StoreUnavailable(response) => *response,
            Self::MissingLayer => {
                tracing::error!(code = "missing_layer", "{MISSING_LAYER}");
                (StatusCode::INTERNAL_SERVER_ERROR, MISSING_LAYER).into_response()
            }
            Self::TwoSessionLayers => answer::two_session_layers(),
        }
    }
}

const MISSING_LAYER: &str = "AuthSessionLayer is missing around this handler: add `.layer(auth.layer())` to the router, after \
    the route.";
