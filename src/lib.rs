//! OpenID Connect Relying Party for Axum whose sessions never outlive what the OpenID Provider allows.
//!
//! It signs users in (authorization code flow with PKCE), keeps their sessions, hands out access tokens that are refreshed
//! when due, and signs users out here and at the provider. Where the provider's ID Token says when the session must be over
//! (`session_expiry`, IPSIE SL1), everything built on the session ends 30 s before that: the session itself, its cookie, its
//! access tokens. This end is called the **ceiling**.
//!
//! # What happens to a request
//!
//! [`AuthSessionLayer`] decides before any handler runs. The first rule that fits counts:
//!
//! 1. A request to one of the auth routes goes through; they see to the session themselves.
//! 2. An unsafe method or a WebSocket handshake that `Sec-Fetch-Site` or `Origin` ascribes to another site: 403.
//! 3. No session cookie: the handler runs. `Option<AuthSession>` is `None`, [`SessionStatus`] says whether there was a session
//!    until a moment ago; [`AuthSession`] and [`require_login`] refuse.
//! 4. The session store cannot be asked: 503 with `Retry-After`. The cookie stays; nobody is taken for signed out.
//! 5. The session is over, because the ceiling, the idle limit or the absolute limit is reached or because it was revoked:
//!    it is deleted, its cookie is removed, and the request is refused. With
//!    [`continue_anonymous`](AuthSessionLayer::continue_anonymous) the handler runs without a session instead.
//! 6. The session is live: the handler runs and has an [`AuthSession`]. The response is marked `Cache-Control: no-store`,
//!    unless the handler set that header.
//!
//! To refuse means:
//!
//! | request | answer |
//! |---|---|
//! | a page that the user opened (GET) | 303 to the login, which comes back to that page |
//! | a form post, or a page in a frame | a page with status 401: nothing is repeated behind the user's back |
//! | anything else: `fetch`, WebSocket, HEAD, prefetch, a program | 401 with `{"error": "login_required" or "session_expired", …}` |
//!
//! # Example
//!
//! ```
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use axum_oidc_session::{AuthSession, MemoryStore, OidcAuth};
//! use tower::ServiceExt as _;
//!
//! async fn profile(session: AuthSession) -> String {
//!     format!("Hello {}", session.claims().name().unwrap_or(session.claims().sub()))
//! }
//!
//! async fn home(session: Option<AuthSession>) -> &'static str {
//!     if session.is_some() { "Welcome back" } else { "Welcome" }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = OidcAuth::builder("https://op.example.com", "my-client")
//!     .client_secret("from the provider's console")
//!     .base_url("https://app.example.com")
//!     .store(MemoryStore::default())
//!     .build()?;
//!
//! let app: Router = Router::new()
//!     .route("/", get(home))
//!     .route("/profile", get(profile))
//!     .layer(auth.layer())
//!     .merge(auth.routes()); // /auth/login, /auth/callback, /auth/logout, …
//!
//! // Nobody is signed in: the public page is served …
//! let request = Request::get("/").body(Body::empty())?;
//! assert_eq!(app.clone().oneshot(request).await?.status(), 200);
//!
//! // … a script is told so …
//! let request = Request::get("/profile").body(Body::empty())?;
//! assert_eq!(app.clone().oneshot(request).await?.status(), 401);
//!
//! // … and a browser is sent to the login, which will come back.
//! let request = Request::get("/profile").header("accept", "text/html").body(Body::empty())?;
//! let response = app.oneshot(request).await?;
//! assert_eq!(response.status(), 303);
//! assert_eq!(
//!     response.headers()["location"],
//!     "https://app.example.com/auth/login?return_to=%2Fprofile"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # Deployment caveat
//!
//! Every URL that is emitted comes from [`base_url`](OidcAuthBuilder::base_url), never from `Host` or `X-Forwarded-*`: it
//! must be what browsers see, and `base_url` + `/auth/callback` must be registered at the provider as a redirect URI.
//! Proxies must pass `Cookie`, `Set-Cookie`, `Origin` and the `Sec-Fetch-*` headers on, and must not cache responses that
//! are marked `no-store`. With [`MemoryStore`] there is one process, and its sessions end with it; [`manual::stores`] has the
//! others. [`manual::deployment`] has the whole list.
//!
//! # Feature flags
//!
//! None is on by default, and features only add.
//!
//! | feature | adds |
//! |---|---|
//! | `sqlite` | `SqliteStore`: sessions in a file, for the processes of one machine |
//! | `postgres` | `PostgresStore`: sessions in PostgreSQL 13 or later, for several nodes |
//! | `redis` | `RedisStore`: sessions in Redis or Valkey, for several nodes |
//! | `dev-provider` | `dev_provider`: an OpenID Provider for development and tests, with faults on demand |
//! | `metrics` | events as numbers, by the facade of the crate `metrics` |
//! | `ws` | `SessionWebSocketUpgrade`, `SessionListener`: WebSockets that end with the session |
//! | `test-util` | `TestSession` for the unit tests of handlers, `clock::ManualClock` for tests of time, `store_laws` for tests of stores |
//!
//! # Where to read on
//!
//! - [`OidcAuthBuilder`]: every setting; [`manual::defaults`]: why each default is what it is.
//! - [`manual::life_of_a_session`]: when a session begins, when it ends, and what a refresh may change.
//! - [`manual::long_responses`]: what becomes of streams, sockets and running handlers at the end.
//! - [`manual::pages`]: the script that warns before the end and takes the page away at it; what browsers keep.
//! - [`manual::stores`]: where sessions are kept, several nodes, keys, back-channel logout.
//! - [`require_authentication`], [`require_claims`]: pages that ask for a fresh or strong sign-in, or for a role;
//!   [`manual::requirements`]: what is asked, checked and answered.
//! - [`manual::errors_and_codes`]: every stable code, its status and its meaning.
//! - [`OidcAuthBuilder::on_event`], [`manual::events`]: what is told for an audit log, in the log and as numbers.
//! - [`manual::trust`]: what must always hold, what attacks it, and how to repeat that.
//! - [`manual::checks`]: each check that the standards ask for, clause by clause, with its code and its test.
//! - [`manual::testing`]: how to test your application without a network.
//! - `SECURITY.md` in the repository: the threat model, and how to report a vulnerability.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod config;
mod events;
mod flow;
#[cfg(fuzzing)]
#[doc(hidden)]
#[allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
pub mod fuzzing;
mod http;
mod policy;
mod protocol;
mod provider;
mod secret;
mod session;
mod store;

pub mod clock;
#[cfg(feature = "dev-provider")]
pub mod dev_provider;
#[cfg(feature = "test-util")]
pub mod http_client {
    //! The HTTP client as a port: in a simulation the OpenID Provider is reached without a network.

    pub use crate::provider::{HttpClient, HttpError, ResponseFuture};
}
pub mod manual;
pub mod random;
pub mod spawn;
#[cfg(feature = "test-util")]
pub mod store_laws;

pub use tower_sessions;

pub use auth::{OidcAuth, OidcAuthBuilder};
#[cfg(feature = "test-util")]
pub use auth::{TestSession, TestSessionLayer, TestSessionService};
pub use config::error::{ConfigError, ConfigErrors};
pub use config::hooks::{
    AuthRequest, AuthRequestKind, CompletedLogin, LoginDecision, SessionEnded,
};
pub use config::page::{Page, PageAction};
pub use config::paths::AuthPaths;
pub use config::settings::{ClientAuthentication, LoginParameter};
pub use events::{Event, EventKind, EventSession};
pub use flow::access_token::{AccessToken, AccessTokenError};
pub use flow::user_info::UserInfoRequestError;
pub use http::application_data_error::ApplicationDataError;
pub use http::extract::{
    AuthSession, AuthSessionRejection, ClaimsRejection, CustomClaims, Require, RequireRejection,
    SessionStatus, SessionWith, UserSession,
};
pub use http::future::ResponseFuture;
pub use http::layer::AuthSessionLayer;
pub use http::login::Login;
pub use http::require::{
    RequireAuthentication, RequireClaims, RequireLogin, RequireService, SessionRequirement,
    require_authentication, require_claims, require_login,
};
pub use http::response::answer::Refused;
pub use http::service::AuthSessionService;
#[cfg(feature = "ws")]
pub use http::websocket::{
    SessionConnection, SessionIo, SessionListener, SessionWebSocket, SessionWebSocketUpgrade,
    WebSocketRejection,
};
pub use policy::{
    ClaimPath, CrossSite, EndReason, Limit, MalformedPolicy, RefreshRejected, Refusal, Renewal,
};
pub use protocol::algorithm::{SigningAlgorithm, UnsupportedAlgorithm};
pub use protocol::claims::Claims;
pub use provider::HttpClientSettings;
pub use secret::key_ring::{KeyRing, KeyRingError};
pub use session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Listing, Marker, Part, Saved, SealedPart,
    SessionIndex, Store, StoreError, StoreEvent, StoreListener, StoredSession, Touch,
};
pub use store::adapter::TowerSessionsStore;
pub use store::memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use store::postgres::{PostgresSettings, PostgresStore};
#[cfg(feature = "redis")]
pub use store::redis::{RedisSettings, RedisStore};
#[cfg(feature = "sqlite")]
pub use store::sqlite::{SqliteError, SqliteStore};

pub mod error {
    //! Every error, with a stable `code()`: what the extensions of refusing responses hold, and what `build()` returns.

    pub use crate::config::error::{ConfigError, ConfigErrors};
    pub use crate::flow::access_token::AccessTokenError;
    pub use crate::flow::backchannel_logout_error::BackchannelLogoutError;
    pub use crate::flow::callback_error::CallbackError;
    pub use crate::flow::login::LoginError;
    pub use crate::flow::user_info::UserInfoRequestError;
    pub use crate::http::application_data_error::ApplicationDataError;
    pub use crate::http::extract::{AuthSessionRejection, ClaimsRejection, RequireRejection};
    pub use crate::http::response::answer::Refused;
    pub use crate::policy::{CeilingRefusal, CrossSite, LoopBroken, ProbableCause, Refusal};
    pub use crate::protocol::MalformedSessionExpiry;
    pub use crate::protocol::authorization_response::{
        AuthorizationResponseError, ProviderErrorResponse,
    };
    pub use crate::protocol::claims::ClaimsError;
    pub use crate::protocol::id_token::{ContinuityError, IdTokenError};
    pub use crate::protocol::jwt::JwtError;
    pub use crate::protocol::logout_token::LogoutTokenError;
    pub use crate::protocol::oauth_error::OAuthError;
    pub use crate::protocol::token_response::TokenResponseError;
    pub use crate::provider::{
        DiscoveryError, DocumentError, HttpClientSettingsError, HttpError,
        IdTokenVerificationError, JwksError, KeySetError, LogoutTokenVerificationError,
        MalformedResponse, MetadataError, TokenEndpointError, Unavailable, UserInfoError,
    };
    pub use crate::random::RandomUnavailable;
    pub use crate::secret::key_ring::KeyRingError;
    pub use crate::session::contract::StoreError;
    #[cfg(feature = "postgres")]
    pub use crate::store::postgres::PostgresStoreError;
    #[cfg(feature = "redis")]
    pub use crate::store::redis::RedisConfigError;
}

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
