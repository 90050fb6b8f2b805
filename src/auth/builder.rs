//! The builder: one method a setting. Here are those of the client and its logins; the others are beside this file.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::store_settings::StoreSettings;
use crate::clock::{Clock, SystemClock};
use crate::config::hooks::Hooks;
use crate::config::page::RenderPage;
use crate::config::paths::AuthPaths;
use crate::config::settings::{
    AuthorizationSettings, ClientAuthentication, LoginParameter, PageSettings,
};
use crate::policy::{DEFAULT_ATTEMPT_LIFETIME, MalformedPolicy, RefreshRejected, Renewal};
use crate::protocol::algorithm::SigningAlgorithm;
use crate::provider::HttpClientSettings;
use crate::random::{Random, SystemRandom};
use crate::secret::key_ring::KeyRing;
use crate::session::contract::Store;
use crate::spawn::{Spawn, TokioSpawner};

/// Collects the settings of a Relying Party. Begin with [`OidcAuth::builder`](crate::OidcAuth::builder), end with
/// [`build`](Self::build).
///
/// ```
/// use axum_oidc_session::{MemoryStore, OidcAuth};
///
/// let auth = OidcAuth::builder("https://op.example.com", "my-client")
///     .client_secret("from the provider's console")
///     .base_url("https://app.example.com")
///     .store(MemoryStore::default())
///     .build()?;
/// # Ok::<(), axum_oidc_session::ConfigErrors>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct OidcAuthBuilder {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) client_authentication: Option<ClientAuthentication>,
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) store: Option<Store>,
    pub(crate) store_settings: StoreSettings,
    pub(crate) paths: AuthPaths,
    pub(crate) cookie_name: Option<String>,
    pub(crate) cookie_keys: Option<KeyRing>,
    pub(crate) requests: AuthorizationSettings,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) clock_tolerance: Duration,
    pub(crate) idle_limit: Option<Duration>,
    pub(crate) absolute_limit: Option<Duration>,
    pub(crate) leeway: Option<Duration>,
    pub(crate) insecure_leeway: Option<Duration>,
    pub(crate) malformed: MalformedPolicy,
    pub(crate) require_session_expiry: bool,
    pub(crate) renewal: Renewal,
    pub(crate) on_refresh_rejected: RefreshRejected,
    pub(crate) http_client: HttpClientSettings,
    pub(crate) hooks: Hooks,
    pub(crate) render_page: Option<RenderPage>,
    pub(crate) application_data: bool,
    pub(crate) user_info: bool,
    pub(crate) revoke_tokens: bool,
    pub(crate) refuse_cross_site: bool,
    pub(crate) pages: PageSettings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) spawn: Arc<dyn Spawn>,
}

impl OidcAuthBuilder {
    pub(crate) fn new(issuer: String, client_id: String) -> Self {
        Self {
            issuer,
            client_id,
            client_secret: None,
            client_authentication: None,
            trusted_audiences: Vec::new(),
            base_url: None,
            store: None,
            store_settings: StoreSettings::default(),
            paths: AuthPaths::default(),
            cookie_name: None,
            cookie_keys: None,
            requests: AuthorizationSettings {
                scopes: ["openid", "profile", "email"].map(str::to_owned).into(),
                attempt_lifetime: DEFAULT_ATTEMPT_LIFETIME,
                most_exchanges: 256,
                ..AuthorizationSettings::default()
            },
            algorithm: SigningAlgorithm::default(),
            clock_tolerance: Duration::from_secs(30),
            idle_limit: None,
            absolute_limit: None,
            leeway: None,
            insecure_leeway: None,
            malformed: MalformedPolicy::default(),
            require_session_expiry: false,
            renewal: Renewal::default(),
            on_refresh_rejected: RefreshRejected::default(),
            http_client: HttpClientSettings::default(),
            hooks: Hooks::default(),
            render_page: None,
            application_data: false,
            user_info: true,
            revoke_tokens: true,
            refuse_cross_site: true,
            pages: PageSettings::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            spawn: Arc::new(TokioSpawner),
        }
    }

    /// The client secret. Without one this is a public client, whose only proof is PKCE.
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.client_secret = Some(SecretString::from(secret.into()));
        self
    }

    /// Where browsers reach the application: `https://host[:port][/prefix]`; `http` only on a loopback address. Required.
    ///
    /// Every URL the crate emits is made from it, never from `Host` or forwarded headers.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Where sessions are kept. Required.
    pub fn store(mut self, store: impl Into<Store>) -> Self {
        self.store = Some(store.into());
        self
    }

    /// The paths of the auth routes, below the base URL.
    pub fn paths(mut self, paths: AuthPaths) -> Self {
        self.paths = paths;
        self
    }

    /// The session cookie's name instead of the derived one; on https it gets the prefix `__Host-`. A token of at most 64
    /// characters. The default is derived from the issuer, the client id, the base URL's path and a port that is not the
    /// scheme's own, so that applications on one host do not displace each other's cookies.
    pub fn cookie_name(mut self, name: impl Into<String>) -> Self {
        self.cookie_name = Some(name.into());
        self
    }

    /// The keys that seal login attempts and the list of a user's sessions, and that make the keyed hashes by which
    /// sessions are found; how to change them is told in [`manual::stores`](crate::manual::stores). Default: a random key,
    /// which is right for one process with a [`MemoryStore`](crate::MemoryStore); every other store requires keys that all
    /// nodes share.
    pub fn cookie_keys(mut self, keys: KeyRing) -> Self {
        self.cookie_keys = Some(keys);
        self
    }

    /// The scopes asked for, as they are sent; `openid` is added if missing. Default `openid profile email`.
    ///
    /// A refresh token is had at some providers by [`offline_access`](Self::offline_access) alone, which others refuse.
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.requests.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// `prompt` of every login (OpenID Connect Core 3.1.2.1), such as `select_account`. `none` is refused.
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.requests.prompt = Some(prompt.into());
        self
    }

    /// How old the user's authentication may be at every login, in whole seconds: asked for as `max_age`, and checked in the
    /// ID Token's `auth_time`.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.requests.max_age = Some(max_age);
        self
    }

    /// Authentication contexts asked for at every login: the ID Token's `acr` must be one of them,
    /// or there is no session.
    ///
    /// List all contexts that a session may have, those that single routes require
    /// ([`RequireAuthentication::acr`](crate::RequireAuthentication::acr)) among them. A
    /// requirement then chooses among them. A requirement with none of them is asked of a user who
    /// is signed in, and only that user can meet it: every user has met this list before. The one
    /// call that replaces the list is
    /// [`Login::insecure_widen_acr_values`](crate::Login::insecure_widen_acr_values).
    pub fn acr_values<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.requests.acr_values = values.into_iter().map(Into::into).collect();
        self
    }

    /// `audience` of the access token, for providers that take it so (Auth0).
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.requests.audience = Some(audience.into());
        self
    }

    /// A resource that the access token is for (RFC 8707); may be called several times.
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.requests.resource.push(resource.into());
        self
    }

    /// Another parameter of the authorization request. Parameters that this crate sets itself are refused by `build()`.
    pub fn authorization_parameter(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.requests.extra.push((name.into(), value.into()));
        self
    }

    /// Which parameters of a login a link to the login route may set by its query. Default: none but `return_to`
    /// (and `again=1`, which adds `prompt=login`).
    ///
    /// # Security
    ///
    /// Anybody can make a link, so a link only narrows what is configured for every login: it chooses among the configured
    /// [`acr_values`](Self::acr_values), adds to the [`prompt`](Self::prompt) and shortens the [`max_age`](Self::max_age).
    pub fn login_parameters_from_query(
        mut self,
        parameters: impl IntoIterator<Item = LoginParameter>,
    ) -> Self {
        self.requests.from_query = parameters.into_iter().collect();
        self
    }

    /// How long a login may take from its first redirect to its callback: 1 minute to 1 hour, default 10 minutes.
    pub fn login_attempt_lifetime(mut self, lifetime: Duration) -> Self {
        self.requests.attempt_lifetime = lifetime;
        self
    }

    /// How many authorization codes this process exchanges at a time: at least 1, default 256. A callback beyond that gets 503
    /// `too_many_sign_ins` with `Retry-After`, and a reload finishes it. Each exchange is an authenticated request to the provider,
    /// and anybody can cause one; to limit them by address see [`before_auth_request`](Self::before_auth_request).
    pub fn max_concurrent_code_exchanges(mut self, most: usize) -> Self {
        self.requests.most_exchanges = most;
        self
    }

    /// The one algorithm that ID Tokens are signed with, as registered at the provider
    /// (`id_token_signed_response_alg`). Default RS256; asymmetric algorithms only.
    pub fn id_token_signing_alg(mut self, algorithm: SigningAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// How far the provider's clock may be off in `iat`, `nbf`, `exp` and `auth_time`: at most 5 minutes, default 30 s. The
    /// ceiling has its own leeway.
    pub fn clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }
}
