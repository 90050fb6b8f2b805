//! How a development provider is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::grant::Grants;
use super::jwt::KeySet;
use super::provider::{Inner, Provider};
use super::record::Record;
use super::running::{self, RunningDevProvider};
use super::settings::Settings;
use super::user::default_users;
use super::{DevClient, DevProviderControl, DevProviderError, DevUser, SessionExpiryMode, router};
use crate::clock::{Clock, SystemClock};
use crate::random::{Random, SystemRandom};

/// An OpenID Provider for development and tests; see the [module's documentation](super).
#[derive(Debug)]
pub struct DevProvider;

impl DevProvider {
    /// Begins to set up a provider.
    pub fn builder() -> DevProviderBuilder {
        DevProviderBuilder {
            issuer: None,
            port: None,
            clients: Vec::new(),
            users: Vec::new(),
            session_expiry: SessionExpiryMode::PerSession(Some(DEFAULT_SESSION_EXPIRY)),
            access_token_lifetime: DEFAULT_ACCESS_TOKEN_LIFETIME,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

/// The settings of a provider that is about to start.
#[derive(Debug)]
#[must_use]
pub struct DevProviderBuilder {
    issuer: Option<String>,
    port: Option<u16>,
    clients: Vec<DevClient>,
    users: Vec<DevUser>,
    session_expiry: SessionExpiryMode,
    access_token_lifetime: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl DevProviderBuilder {
    /// The issuer identifier, with or without a path. A port 0 in it stands for the port listened on; without an issuer
    /// it is `http://127.0.0.1:{port}`.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The port to listen on, always on 127.0.0.1: whoever reaches the provider can sign in as anybody. By default the
    /// issuer's port if its host is loopback, else a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Adds a client.
    pub fn client(mut self, client: DevClient) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds a person; without any there are Ada, Grace and Margaret (`ada`, `grace`, `margaret`).
    pub fn user(mut self, user: DevUser) -> Self {
        self.users.push(user);
        self
    }

    /// What ID Tokens say about the end of the session: by default the sign-in page offers 3,600 s.
    pub fn session_expiry(mut self, mode: SessionExpiryMode) -> Self {
        self.session_expiry = mode;
        self
    }

    /// How long access tokens live, in whole seconds; 300 s by default.
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// Where the provider reads the time.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where codes, tokens and session ids come from. Signatures keep ring's own randomness.
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Listens on 127.0.0.1 and serves until the returned value is dropped or stopped.
    ///
    /// # Errors
    ///
    /// [`DevProviderError::InvalidIssuer`], [`DevProviderError::Listen`] and those of making a signing key.
    pub async fn start(self) -> Result<RunningDevProvider, DevProviderError> {
        let port = self.port.or_else(|| loopback_port(self.issuer.as_deref()?)).unwrap_or(0);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = tokio::net::TcpListener::bind(address).await;
        let listener = listener.map_err(DevProviderError::Listen)?;
        let local = listener.local_addr().map_err(DevProviderError::Listen)?;
        let issuer = match &self.issuer {
            Some(issuer) => issuer.replacen(
                ":0",
                &format!(":{}", local.port()),
                usize::from(has_port_zero(issuer)),
            ),
            None => format!("http://{local}"),
        };
        let provider = self.build(issuer)?;
        Ok(running::serve(listener, provider))
    }

    /// The provider as a router, to be merged into or served by something else, and its control handle. The routes are
    /// those of the issuer's path.
    ///
    /// # Errors
    ///
    /// [`DevProviderError::IssuerRequired`] without an issuer or with port 0 in it, and as [`start`](Self::start).
    pub fn router(self) -> Result<(axum::Router, DevProviderControl), DevProviderError> {
        let issuer = self.issuer.clone().filter(|issuer| !has_port_zero(issuer));
        let provider = self.build(issuer.ok_or(DevProviderError::IssuerRequired)?)?;
        Ok((router::routes(Arc::clone(&provider)), DevProviderControl::new(provider)))
    }

    fn build(self, issuer: String) -> Result<Arc<Provider>, DevProviderError> {
        valid_issuer(&issuer)?;
        let users = if self.users.is_empty() { default_users() } else { self.users };
        let inner = Inner {
            settings: Settings::new(self.session_expiry, self.access_token_lifetime),
            keys: KeySet::generate(self.random.as_ref())?,
            clients: self.clients.into_iter().map(Arc::new).collect(),
            users: users.into_iter().map(Arc::new).collect(),
            sessions: std::collections::HashMap::new(),
            grants: Grants::default(),
            record: Record::default(),
        };
        Ok(Arc::new(Provider::new(issuer, self.clock, self.random, inner)))
    }
}

/// OpenID Connect Discovery 1.0 section 3: scheme, host and optionally port and path, no query or fragment.
fn valid_issuer(issuer: &str) -> Result<(), DevProviderError> {
    let url = Url::parse(issuer).map_err(|_| DevProviderError::InvalidIssuer)?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.has_host();
    (plain && matches!(url.scheme(), "http" | "https"))
        .then_some(())
        .ok_or(DevProviderError::InvalidIssuer)
}

fn has_port_zero(issuer: &str) -> bool {
    Url::parse(issuer).is_ok_and(|url| url.port() == Some(0))
}

/// The issuer's port, if it names this machine: behind a proxy the two ports have nothing to do with each other.
fn loopback_port(issuer: &str) -> Option<u16> {
    let url = Url::parse(issuer).ok()?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.port().filter(|_| loopback && url.scheme() == "http")
}

const DEFAULT_SESSION_EXPIRY: Duration = Duration::from_secs(3_600);
const DEFAULT_ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(300);
