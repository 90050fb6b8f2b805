//! `AuthSession`s made by hand, for the unit tests of applications: the one exception to "one constructor".

use std::sync::Arc;

use axum_core::response::Response;
use http::header::SET_COOKIE;
use http::{HeaderMap, Request};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use tower_layer::Layer;
use tower_service::Service;

use super::OidcAuth;
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::flow::relying_party::RelyingParty;
use crate::http::context::{Presence, RequestAuth};
use crate::http::cookies::CookieJar;
use crate::http::extract::AuthSession;
use crate::policy::Ceiling;
use crate::protocol::claims::Claims;
use crate::random;
use crate::session::application::ApplicationPart;
use crate::session::entry::{Entry, Versioned};
use crate::session::id::SessionCookie;
use crate::session::index::Handle;
use crate::session::live_session::LiveSession;
use crate::session::state::{Refresh, SessionState, Tokens};
use crate::store::memory::MemoryStore;

/// Makes an [`AuthSession`] for the unit test of a handler (feature `test-util`).
///
/// ```
/// use axum_oidc_session::{AuthSession, TestSession};
///
/// async fn greet(session: AuthSession) -> String {
///     format!("Hello {}", session.claims().name().unwrap_or_default())
/// }
///
/// # futures_executor(async {
/// let session = TestSession::new("ada").claim("name", "Ada").build();
/// assert_eq!(greet(session).await, "Hello Ada");
/// # });
/// # fn futures_executor(future: impl Future<Output = ()>) {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
/// # }
/// ```
///
/// # Security
///
/// For tests: nothing is verified. The feature belongs into `[dev-dependencies]`.
#[derive(Clone, Debug)]
#[must_use]
pub struct TestSession {
    claims: Map<String, Value>,
    ceiling: Option<i64>,
    access_token: String,
    scope: Option<String>,
}

impl TestSession {
    /// A session of the user `sub`, with no ceiling.
    pub fn new(sub: impl Into<String>) -> Self {
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), json!(sub.into()));
        claims.insert("iss".to_owned(), json!(ISSUER));
        let access_token = "test-access-token".to_owned();
        Self { claims, ceiling: None, access_token, scope: None }
    }

    /// Adds a claim.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Sets the ceiling, in seconds since the epoch. It must be in the future, or [`build`](Self::build) panics.
    pub fn ceiling(mut self, seconds: i64) -> Self {
        self.ceiling = Some(seconds);
        self
    }

    /// Sets the access token, which never expires.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = token.into();
        self
    }

    /// Sets the scope that was granted, its words separated by spaces; otherwise it is what the configuration asks for.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// The session.
    ///
    /// # Panics
    ///
    /// If the ceiling has been reached already, or the claims are too large.
    #[expect(clippy::expect_used, reason = "a test that asks for the impossible is to fail")]
    pub fn build(self) -> AuthSession {
        let auth = OidcAuth::builder(ISSUER, "test-client")
            .base_url("https://app.test")
            .store(MemoryStore::default())
            .build()
            .expect("the configuration of test sessions is valid");
        let (rp, clock) = (auth.rp, SystemClock);
        let now = clock.now();
        let state = self.state(&rp, now);
        let cookie = SessionCookie::generate(&*rp.config.random).expect("there is randomness");
        let index = rp.sessions.index(&state);
        let state = Versioned { version: 1, state };
        let entry = Entry::new((cookie, index), state, now, ApplicationPart::default(), &clock);
        let live = LiveSession::admit(Arc::new(entry), rp.sessions.limits(), &clock)
            .expect("the session is not over yet");
        AuthSession::new(live, rp)
    }

    /// Stores the session as a login at `auth` would have: the value of the `Cookie` header that a browser sends with it.
    /// For benches and tests of loads, with as many sessions as it takes.
    ///
    /// ```
    /// use axum::{Router, body::Body, http::Request, routing::get};
    /// use axum_oidc_session::{AuthSession, MemoryStore, OidcAuth, TestSession};
    /// use tower::ServiceExt as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = OidcAuth::builder("https://op.test", "client")
    ///     .base_url("https://app.test")
    ///     .store(MemoryStore::default())
    ///     .build()?;
    /// let cookies = TestSession::new("ada").store_at(&auth).await;
    ///
    /// let app: Router = Router::new()
    ///     .route("/", get(async |session: AuthSession| session.claims().sub().to_owned()))
    ///     .layer(auth.layer());
    /// let request = Request::get("/").header("cookie", cookies).body(Body::empty())?;
    /// assert_eq!(app.oneshot(request).await?.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build), and if the store has no room or does not answer.
    #[expect(clippy::expect_used, reason = "a test that asks for the impossible is to fail")]
    pub async fn store_at(self, auth: &OidcAuth) -> String {
        let rp = &auth.rp;
        let now = rp.config.clock.now();
        let state = self.state(rp, now);
        let created = rp.sessions.create(state, ApplicationPart::default()).await;
        let live = created.expect("the store takes the session");
        let mut headers = HeaderMap::new();
        let cookie = live.entry().cookie();
        CookieJar::new(&rp.config.cookies, &mut headers).issue(cookie, live.deadline(), now);
        let set = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs: Vec<&str> = set.filter_map(|cookie| cookie.split(';').next()).collect();
        pairs.join("; ")
    }

    #[expect(clippy::expect_used, reason = "a test that asks for the impossible is to fail")]
    fn state(self, rp: &RelyingParty, now: UnixTime) -> SessionState {
        let claims = Value::Object(self.claims).to_string();
        let handle =
            Handle::from_bytes(random::bytes(&*rp.config.random).expect("there is randomness"));
        SessionState {
            handle,
            session_expires_at: self
                .ceiling
                .map_or(Ceiling::None, |at| Ceiling::At(UnixTime::from_seconds(at))),
            ceiling_since: now,
            ordinal: rp.sessions.next_ordinal(),
            renewal_tried: false,
            attempt_begun_at: now,
            logged_in_at: now,
            sid: None,
            further_sids: Box::default(),
            device: None,
            claims: Claims::from_json(&claims).expect("the claims are within the limits"),
            id_token: SecretString::from(String::new()),
            id_token_issued_at: now,
            auth_time: None,
            shortened_to: None,
            tokens: Tokens {
                is_refreshed: false,
                access_token: SecretString::from(self.access_token),
                obtained_at: now,
                expires_at: None,
                scope: self.scope.unwrap_or_else(|| rp.config.requests.scopes.join(" ")),
                refresh: Refresh::Unavailable,
            },
        }
    }

    /// A layer that gives this session to every request, in the place of
    /// [`AuthSessionLayer`](crate::AuthSessionLayer).
    pub fn layer(self) -> TestSessionLayer {
        TestSessionLayer { session: self.build() }
    }
}

/// See [`TestSession::layer`].
#[derive(Clone, Debug)]
pub struct TestSessionLayer {
    session: AuthSession,
}

impl<S> Layer<S> for TestSessionLayer {
    type Service = TestSessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TestSessionService { inner, session: self.session.clone() }
    }
}

/// See [`TestSession::layer`].
#[derive(Clone, Debug)]
pub struct TestSessionService<S> {
    inner: S,
    session: AuthSession,
}

impl<S, B> Service<Request<B>> for TestSessionService<S>
where
    S: Service<Request<B>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (live, rp) = self.session.clone().into_parts();
        request.extensions_mut().insert(RequestAuth { rp, presence: Presence::Live(live) });
        self.inner.call(request)
    }
}

const ISSUER: &str = "https://op.test";
