//! An OpenID Provider for development and tests: good enough to develop against, bad on demand.
//!
//! It runs inside your program or test, on 127.0.0.1 or without any socket. There are no passwords: whoever reaches it
//! signs in as anybody. In a browser it shows a page on which one picks a person and types in what the tokens are to
//! say; in a test, [`authorize_as`](DevProviderControl::authorize_as) answers without a page.
//!
//! # Testing your own application
//!
//! 1. Start a provider with one client, whose redirect URI is your base URL and `/auth/callback`.
//! 2. Build your application with the provider's issuer, the client's id and secret, and ES256 as the ID Token signing
//!    algorithm (the provider signs with nothing else).
//! 3. Say who signs in, and take the redirects along with a [`DevBrowser`].
//! 4. Let time pass with the clock that both were given, or make one thing wrong with a [`Fault`].
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::body::Body;
//! use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
//! use axum::http::{Request, StatusCode};
//! use axum::{Router, response::Response, routing::get};
//! use axum_oidc_session::clock::{Clock, ManualClock};
//! use axum_oidc_session::dev_provider::{DevClient, DevProvider, DevUser, Endpoint, SessionExpiryMode};
//! use axum_oidc_session::{AuthSession, MemoryStore, OidcAuth, SigningAlgorithm};
//! use tower::ServiceExt as _;
//!
//! async fn profile(session: AuthSession) -> String {
//!     session.claims().email().unwrap_or_default().to_owned()
//! }
//!
//! /// Your application, with the issuer and the clock in its settings.
//! fn application(issuer: &str, clock: Arc<dyn Clock>) -> Result<Router, Box<dyn std::error::Error>> {
//!     let auth = OidcAuth::builder(issuer, "demo")
//!         .client_secret("a secret")
//!         .base_url("http://127.0.0.1:3000")
//!         .store(MemoryStore::default())
//!         .id_token_signing_alg(SigningAlgorithm::Es256)
//!         .clock(clock)
//!         .build()?;
//!     Ok(Router::new().route("/profile", get(profile)).layer(auth.layer()).merge(auth.routes()))
//! }
//!
//! /// A GET as a browser sends it, with the cookies that `responses` set.
//! fn visit(url: &str, responses: &[&Response]) -> Request<Body> {
//!     let set = responses.iter().flat_map(|response| response.headers().get_all(SET_COOKIE));
//!     let pairs = set.filter_map(|set| set.to_str().ok()?.split(';').next());
//!     let cookies = pairs.collect::<Vec<_>>().join("; ");
//!     let request = Request::get(url).header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
//!     request.header(COOKIE, cookies).body(Body::empty()).unwrap()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let clock = ManualClock::at(1_893_456_000);
//! let client = DevClient::new("demo")
//!     .secret("a secret")
//!     .redirect_uri("http://127.0.0.1:3000/auth/callback");
//! let provider = DevProvider::builder()
//!     .client(client)
//!     .user(DevUser::new("ada").name("Ada Lovelace").email("ada@example.com"))
//!     .clock(Arc::new(clock.clone()))
//!     .start()
//!     .await?;
//! let app = application(provider.issuer(), Arc::new(clock.clone()))?;
//!
//! // The application sends the browser to the provider, which sends it to the callback.
//! let control = provider.control();
//! control.authorize_as("ada");
//! control.set_session_expiry(SessionExpiryMode::At(1_893_456_600));
//! let login = app.clone().oneshot(visit("/auth/login", &[])).await?;
//! let callback = control.browser().redirect(login.headers()[LOCATION].to_str()?).await.ok_or("no redirect")?;
//! let signed_in = app.clone().oneshot(visit(&callback, &[&login])).await?;
//! assert_eq!(signed_in.status(), StatusCode::SEE_OTHER);
//! assert_eq!(control.requests(Endpoint::TokenAuthorizationCode), 1);
//!
//! // The session lives until 30 s before the end that the provider stated.
//! let profile = app.clone().oneshot(visit("/profile", &[&signed_in])).await?;
//! assert_eq!(profile.status(), StatusCode::OK);
//! clock.advance(std::time::Duration::from_secs(570));
//! let over = app.clone().oneshot(visit("/profile", &[&signed_in])).await?;
//! assert_eq!(over.status(), StatusCode::SEE_OTHER);
//! # Ok(())
//! # }
//! ```
//!
//! # What it does
//!
//! - Discovery and a key set with ES256 keys ([`rotate_keys`](DevProviderControl::rotate_keys)).
//! - The authorization code flow with PKCE (S256 is required), exact redirect URIs, `state`, `nonce`, `prompt`,
//!   `max_age`, `login_hint`, `id_token_hint`, `acr_values`, `claims` (for `acr`), and `iss` in the response (RFC 9207). It keeps a session of
//!   its own, so that a second sign-in is silent.
//! - Tokens for `client_secret_basic`, `client_secret_post` and public clients; a refresh token if the scope has
//!   `offline_access`, rotated at every use; a second use of a code or refresh token revokes its family.
//! - UserInfo, revocation (RFC 7009), RP-Initiated Logout, and Back-Channel Logout
//!   ([`backchannel_logout`](DevProviderControl::backchannel_logout), or the button on its start page).
//! - `session_expiry` in ID Tokens, right or wrong ([`SessionExpiryMode`]).
//!
//! # Security
//!
//! Whoever reaches the provider can sign in as anybody: [`start`](DevProviderBuilder::start) listens on loopback only,
//! and a [`router`](DevProviderBuilder::router) must not be mounted where others reach it.

mod backchannel;
mod browser;
mod builder;
mod client;
mod control;
mod endpoint;
mod endpoints;
mod error;
mod fault;
mod grant;
mod guard;
mod incoming;
mod jwt;
mod oauth_error;
mod pages;
mod plain_http;
mod provider;
mod record;
mod reply;
mod router;
mod running;
mod session_expiry;
mod settings;
#[cfg(test)]
mod tests;
mod user;

pub use backchannel::{LogoutReply, LogoutSubject};
pub use browser::DevBrowser;
pub use builder::{DevProvider, DevProviderBuilder};
pub use client::DevClient;
pub use control::DevProviderControl;
pub use endpoint::Endpoint;
pub use error::DevProviderError;
pub use fault::{
    AuthorizationFault, BrokenReply, Fault, IdTokenFault, JwksFault, MetadataFault, RefreshFault,
    TokenFault, UserInfoFault,
};
pub use jwt::OldKey;
pub use record::RecordedRequest;
pub use running::RunningDevProvider;
pub use session_expiry::SessionExpiryMode;
pub use user::DevUser;
