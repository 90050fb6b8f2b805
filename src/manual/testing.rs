//! How an application is tested: without a network, without waiting.
//!
//! # A handler alone
//!
//! With the feature `test-util`, `TestSession` makes an `AuthSession` to call a handler with. It is the one exception to the
//! rule that a session comes only from the layer's check; keep the feature in `[dev-dependencies]`.
//!
//! ```toml
//! [dev-dependencies]
//! axum-oidc-session = { version = "0.1", features = ["dev-provider", "test-util"] }
//! ```
//!
//! `TestSession::layer` takes the place of `auth.layer()`, so that a router is tested with its extractors:
//!
//! ```
//! # #[cfg(feature = "test-util")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use axum_oidc_session::{AuthSession, TestSession};
//! use tower::ServiceExt as _;
//!
//! async fn profile(session: AuthSession) -> String {
//!     session.claims().sub().to_owned()
//! }
//!
//! let app: Router = Router::new()
//!     .route("/profile", get(profile))
//!     .layer(TestSession::new("ada").claim("groups", vec!["staff"]).layer());
//! let response = app.oneshot(Request::get("/profile").body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "test-util"))]
//! # fn main() {}
//! ```
//!
//! # The whole flow
//!
//! With the feature `dev-provider` there is an OpenID Provider that runs in the test, on a loopback port of its own. People can
//! sign in on its pages; a test tells it who signs in and skips them (`authorize_as`). It is as strict as a provider should be,
//! and wrong in exactly one way when `set_fault` says so. Its documentation is in `dev_provider`.
//!
//! ```
//! # #[cfg(feature = "dev-provider")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use axum_oidc_session::dev_provider::{DevClient, DevProvider, SessionExpiryMode};
//! use axum_oidc_session::{MemoryStore, OidcAuth, SigningAlgorithm};
//! use std::time::Duration;
//!
//! let base_url = "http://127.0.0.1:3000"; // where the test serves the application
//! let provider = DevProvider::builder()
//!     .client(
//!         DevClient::new("app")
//!             .secret("app-secret")
//!             .redirect_uri(format!("{base_url}/auth/callback"))
//!             .post_logout_redirect_uri(format!("{base_url}/")),
//!     )
//!     .session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(600)))
//!     .start()
//!     .await?;
//! provider.control().authorize_as("ada");
//!
//! let auth = OidcAuth::builder(provider.issuer(), "app")
//!     .client_secret("app-secret")
//!     .base_url(base_url)
//!     .id_token_signing_alg(SigningAlgorithm::Es256) // the development provider's
//!     .store(MemoryStore::default())
//!     .build()?;
//! # let _ = auth;
//! # provider.stop().await;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "dev-provider"))]
//! # fn main() {}
//! ```
//!
//! # Time
//!
//! `ManualClock` (feature `test-util`) stands still until the test moves it. Hand clones of one clock to
//! [`OidcAuthBuilder::clock`](crate::OidcAuthBuilder::clock) and to the development provider, and a session of eight hours
//! ends in a microsecond:
//!
//! | to test | do |
//! |---|---|
//! | the ceiling | `advance` to 31 s before `E`: served; one second more: 303 or 401 with reason `ceiling` |
//! | the idle limit | `advance` past it without a request |
//! | a clock that is set back | `step` by a negative number: an ended session stays ended |
//! | an access token that is due | `advance` past its life; count the requests to the token endpoint |
//!
//! # Against your own provider
//!
//! The development provider is a tool, not a certificate. Run one test of the main flow against the provider that you will use,
//! or against an independent one: this crate's own tests do so with the npm package `oidc-provider`.
