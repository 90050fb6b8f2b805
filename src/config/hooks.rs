//! Where the application is asked or told: after a login, and when a session has ended.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum_core::response::Response;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::clock::UnixTime;
use crate::events::Events;
use crate::policy::EndReason;
use crate::protocol::claims::Claims;

/// A login whose ID Token is verified and whose ceiling is fixed, before there is a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompletedLogin {
    /// The verified claims, those of UserInfo included.
    pub claims: Claims,
    /// The ceiling that the session will have, if the provider asserted one.
    pub ceiling: Option<UnixTime>,
}

/// What the session-ended hook is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionEnded {
    /// Why the session ended.
    pub reason: EndReason,
    /// The `sub` of its ID Token.
    pub subject: String,
    /// The OpenID Provider's session (`sid`), if it named one.
    pub sid: Option<String>,
    /// When this process noticed the end.
    pub noticed_at: UnixTime,
}

/// What the application makes of a login.
#[derive(Clone, Debug)]
pub enum LoginDecision {
    /// The session begins.
    Accept,
    /// The session begins with these claims added. Claims that the provider asserted stay as they are, and claims that say
    /// who signed in, how, for whom and for how long (`sub`, `acr`, `tenant`, `session_expiry`, …) cannot be added. A flag
    /// such as `email_verified` is added only together with its value: `email`, the same as the provider's if it has one.
    AcceptWith(Map<String, Value>),
    /// No session; the user sees this text (plain text, it is escaped) and status 403.
    Reject(String),
}

/// A request to an auth route, before any work is done for it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthRequest {
    /// What it asks for.
    pub kind: AuthRequestKind,
    /// Its method, URI, headers and extensions, such as `axum::extract::ConnectInfo`. Nothing in it has been checked.
    pub parts: Parts,
}

/// Which requests [`before_auth_request`](crate::OidcAuthBuilder::before_auth_request) sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthRequestKind {
    /// The start of a login.
    Login,
    /// The callback of a login.
    Callback,
    /// A logout token of the provider (Back-Channel Logout 1.0).
    LogoutToken,
}

type HookFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The application's hooks.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) after_login:
        Option<Arc<dyn Fn(CompletedLogin) -> HookFuture<LoginDecision> + Send + Sync>>,
    pub(crate) session_ended: Option<Arc<dyn Fn(SessionEnded) -> HookFuture<()> + Send + Sync>>,
    pub(crate) before_auth_request: Option<BeforeAuthRequest>,
    pub(crate) events: Events,
}

type BeforeAuthRequest = Arc<dyn Fn(AuthRequest) -> HookFuture<Result<(), Response>> + Send + Sync>;

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Hooks")
            .field("after_login", &self.after_login.is_some())
            .field("session_ended", &self.session_ended.is_some())
            .field("before_auth_request", &self.before_auth_request.is_some())
            .field("events", &self.events)
            .finish()
    }
}
