//! Settings of the builder that concern what is around the crate: the application's code, and the operating system.

use std::future::Future;
use std::sync::Arc;

use axum_core::response::Response;

use super::builder::OidcAuthBuilder;
use crate::clock::Clock;
use crate::config::hooks::{AuthRequest, CompletedLogin, LoginDecision, SessionEnded};
use crate::config::page::{Page, RenderPage};
use crate::events::{Event, Events};
use crate::provider::HttpClientSettings;
use crate::random::Random;
use crate::spawn::Spawn;

impl OidcAuthBuilder {
    /// Timeouts, size limits, certificates and proxy of the requests to the provider.
    pub fn http_client(mut self, settings: HttpClientSettings) -> Self {
        self.http_client = settings;
        self
    }

    /// Asked after each verified login, before the session begins: may add claims or reject. The login waits for it.
    ///
    /// ```
    /// use axum_oidc_session::{LoginDecision, OidcAuth};
    ///
    /// let builder = OidcAuth::builder("https://op.example.com", "my-client").after_login(|login| async move {
    ///     match login.claims.verified_email() {
    ///         Some(email) if email.ends_with("@example.com") => LoginDecision::Accept,
    ///         _ => LoginDecision::Reject("Only people of example.com can sign in.".into()),
    ///     }
    /// });
    /// ```
    ///
    /// # Security
    ///
    /// Decide by [`verified_email`](crate::Claims::verified_email), never by `email` alone: many providers let their users enter
    /// any address. A flag of UserInfo counts only for the address that UserInfo has, so that one that is about another address
    /// than the ID Token's is not there.
    pub fn after_login<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(CompletedLogin) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = LoginDecision> + Send + 'static,
    {
        self.hooks.after_login = Some(Arc::new(move |login| Box::pin(hook(login))));
        self
    }

    /// Sees each request to the routes for login, callback and logout tokens before any work is
    /// done for it: nothing is checked, read from the store or asked of the provider yet. An `Err`
    /// is the answer. It is the place for rate limits by address, because anybody can send these
    /// requests.
    ///
    /// | login | seen here |
    /// |---|---|
    /// | a page that needs a session, and a link to the login | its start (the browser is sent to the login route first), its callback |
    /// | [`Login::begin`](crate::Login::begin) in a handler | its callback |
    /// | a navigation to a page that requires more of the sign-in than the session has | its callback |
    ///
    /// The starts that are not seen belong to requests to the application's own routes, which it
    /// can limit itself (the last kind comes from users who are signed in only). They cost what
    /// such a request costs: a sealed `state`, at most two reads of the session, and the provider's
    /// metadata if it is not cached. Nothing is written to the store, the token endpoint is not
    /// called, and no memory is kept. All that a login costs beyond that comes after its callback,
    /// which is seen.
    ///
    /// ```
    /// use axum::http::StatusCode;
    /// use axum::response::IntoResponse;
    /// use axum_oidc_session::OidcAuth;
    ///
    /// # fn is_too_busy(address: &axum::http::HeaderValue) -> bool { false }
    /// let builder = OidcAuth::builder("https://op.example.com", "my-client").before_auth_request(|request| async move {
    ///     // Set by the proxy in front; without one, `axum::extract::ConnectInfo` is in `request.parts.extensions`.
    ///     match request.parts.headers.get("x-real-ip") {
    ///         Some(address) if is_too_busy(address) => Err(StatusCode::TOO_MANY_REQUESTS.into_response()),
    ///         _ => Ok(()),
    ///     }
    /// });
    /// ```
    pub fn before_auth_request<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(AuthRequest) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Response>> + Send + 'static,
    {
        self.hooks.before_auth_request = Some(Arc::new(move |request| Box::pin(hook(request))));
        self
    }

    /// Told, in a task of its own, when this process notices that a session has ended, and why.
    ///
    /// A session that nobody uses again is noticed by the sweep of a [`MemoryStore`](crate::MemoryStore), within a minute or so, and
    /// runs out unnoticed in any other store. With a shared store two requests may notice the same end.
    pub fn on_session_ended<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(SessionEnded) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hooks.session_ended = Some(Arc::new(move |ended| Box::pin(hook(ended))));
        self
    }

    /// Told each [`Event`](crate::Event), as it happens: for an audit log, or to answer why somebody was signed out
    /// ([`manual::events`](crate::manual::events) lists them). It is called where the event happens and must not block; one that
    /// panics costs its event and nothing else. One sink: a second call replaces the first.
    ///
    /// ```
    /// use axum_oidc_session::{EventKind, OidcAuth};
    ///
    /// let builder = OidcAuth::builder("https://op.example.com", "my-client").on_event(|event| {
    ///     if let EventKind::SessionEnded { session, reason, .. } = &event.kind {
    ///         println!("{} {} {}: {reason}", event.at.seconds(), session.reference, session.subject);
    ///     }
    /// });
    /// ```
    pub fn on_event(mut self, sink: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.hooks.events = Events::to(sink);
        self
    }

    /// Renders the pages that the crate shows (errors, the logout question) in the application's design.
    ///
    /// The page keeps the headers of the crate's own: a `Content-Security-Policy` that allows inline styles and nothing else, no
    /// frame, `nosniff`, `no-store`. A design that loads style sheets or images names them in
    /// [`error_page_content_security_policy`](Self::error_page_content_security_policy).
    ///
    /// # Security
    ///
    /// All texts are plain: escape them.
    pub fn error_page(mut self, render: impl Fn(&Page) -> String + Send + Sync + 'static) -> Self {
        self.render_page = Some(RenderPage(Arc::new(render)));
        self
    }

    /// The `Content-Security-Policy` of the pages that [`error_page`](Self::error_page) renders, in place of
    /// `default-src 'none'; style-src 'unsafe-inline'`. Whatever it says, the pages are shown in no frame and have no `base`.
    ///
    /// ```
    /// use axum_oidc_session::OidcAuth;
    ///
    /// let builder = OidcAuth::builder("https://op.example.com", "my-client")
    ///     .error_page(|page| format!("<link rel=stylesheet href=/app.css><h1>{}</h1>", page.status))
    ///     .error_page_content_security_policy("default-src 'none'; style-src 'self'; img-src 'self'");
    /// ```
    ///
    /// # Security
    ///
    /// The page may show text that the provider or a link has brought: allow no inline scripts. `build()` refuses a policy
    /// without a `default-src`, and one that cannot be a header's value.
    pub fn error_page_content_security_policy(mut self, policy: impl Into<String>) -> Self {
        self.pages.content_security_policy = Some(policy.into());
        self
    }

    /// The clock. Default: the operating system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The source of randomness. Default: the operating system's.
    ///
    /// # Security
    ///
    /// For simulations only.
    pub fn insecure_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// What runs background tasks. Default: Tokio, which stores outside of this process use in any case.
    pub fn spawner(mut self, spawn: Arc<dyn Spawn>) -> Self {
        self.spawn = spawn;
        self
    }
}
