//! The handle of a configured Relying Party: makes the layer, the routes and logins.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;

use super::builder::OidcAuthBuilder;
use super::check::{self, Checked};
use crate::config::error::ConfigErrors;
use crate::flow::code_exchanges::CodeExchanges;
use crate::flow::refresh_on_demand::LastRefreshes;
use crate::flow::refresh_pause::RefreshPauses;
use crate::flow::relying_party::RelyingParty;
use crate::flow::run_out;
use crate::http::layer::AuthSessionLayer;
use crate::http::login::Login;
use crate::http::routes;
use crate::provider::{Provider, ProviderSettings};
use crate::session::attempt::Slots;
use crate::session::in_flight::InFlight;
use crate::session::index::Indexer;
use crate::session::record::Owner;
use crate::session::sessions::{Ports, Sessions};

/// An OpenID Connect Relying Party. Cheap to clone.
///
/// ```
/// use axum::{Router, routing::get};
/// use axum_oidc_session::{AuthSession, MemoryStore, OidcAuth};
///
/// let auth = OidcAuth::builder("https://op.example.com", "my-client")
///     .client_secret("from the provider's console")
///     .base_url("https://app.example.com")
///     .store(MemoryStore::default())
///     .build()?;
///
/// async fn profile(session: AuthSession) -> String {
///     session.claims().email().unwrap_or("no e-mail address").to_owned()
/// }
///
/// let app: Router = Router::new()
///     .route("/profile", get(profile))
///     .layer(auth.layer())
///     .merge(auth.routes());
/// # Ok::<(), axum_oidc_session::ConfigErrors>(())
/// ```
#[derive(Clone, Debug)]
pub struct OidcAuth {
    pub(crate) rp: Arc<RelyingParty>,
}

impl OidcAuth {
    /// Begins the configuration of a client that is registered at an OpenID Provider.
    ///
    /// `issuer` is the provider's issuer identifier, byte for byte as its metadata states it.
    pub fn builder(issuer: impl Into<String>, client_id: impl Into<String>) -> OidcAuthBuilder {
        OidcAuthBuilder::new(issuer.into(), client_id.into())
    }

    /// The layer that loads sessions and enforces their deadline. Put it around the routes whose requests may have a
    /// session, after they are added.
    pub fn layer(&self) -> AuthSessionLayer {
        AuthSessionLayer {
            rp: Arc::clone(&self.rp),
            continue_anonymous: false,
            cancel_at_deadline: false,
        }
    }

    /// The auth routes, to be merged into the router before or after [`layer`](Self::layer).
    ///
    /// | route | does |
    /// |---|---|
    /// | `GET /auth/login?return_to=/path` | starts a login, for navigations only; 303 to the provider. A navigation of another site beside a live session leads straight to `return_to`. `&again=1` has the provider ask a user whom it knows |
    /// | `GET /auth/callback` | completes it; 303 to `return_to`, or a page that says what is wrong |
    /// | `POST /auth/logout` | ends the session here, then at the provider; `GET` asks first |
    /// | `POST /auth/backchannel-logout` | the provider ends sessions, by a logout token (Back-Channel Logout 1.0); 200 or 400 |
    /// | `GET /auth/session` | JSON for scripts: `authenticated`, `sub`, `expires_at`, `expires_in`, `limit`, `reason`, `login_url`. Always 200 (503 if the store fails), and no use of the session |
    /// | `GET /auth/session.js` | a script for pages, which warns before the session ends and takes the page away when it has; see [`manual::pages`](crate::manual::pages) |
    ///
    /// The paths are a [setting](OidcAuthBuilder::paths). `return_to` is a local path of at most 2 KB; anything else becomes the
    /// base path.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        routes::router(&self.rp)
    }

    /// A login with parameters of its own, begun by a handler.
    pub fn login(&self) -> Login {
        Login::new(Arc::clone(&self.rp))
    }
}

impl OidcAuthBuilder {
    /// Checks all settings. Asks nobody: the provider and the store may be down. (The system's trust roots are read.)
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`]: everything that is wrong, each with the setting and the cure.
    ///
    /// ```
    /// use axum_oidc_session::OidcAuth;
    ///
    /// let errors = OidcAuth::builder("http://op.example.com", "my-client").build().unwrap_err();
    /// let settings: Vec<&str> = errors.iter().map(|error| error.setting).collect();
    /// assert_eq!(settings, ["issuer", "base_url", "store"]);
    /// ```
    pub fn build(self) -> Result<OidcAuth, ConfigErrors> {
        let Checked { config, store, http, sessions } = check::check(self)?;
        let provider = Provider::new(
            ProviderSettings {
                issuer: config.issuer.clone(),
                client_id: config.client_id.clone(),
                client_secret: config.tokens.client_secret.clone(),
                client_authentication: config.tokens.client_authentication,
                algorithm: config.tokens.algorithm,
                audience: config.requests.audience.clone(),
                resource: config.requests.resource.clone(),
            },
            http,
            Arc::clone(&config.clock),
            Arc::clone(&config.spawn),
            config.hooks.events.clone(),
        );
        let owner = Owner::new(&config.issuer, &config.client_id);
        let ports = Ports {
            clock: Arc::clone(&config.clock),
            random: Arc::clone(&config.random),
            spawn: Arc::clone(&config.spawn),
        };
        let indexer = Indexer::new(config.keys.clone(), owner.clone());
        let sessions = Sessions::new(store, indexer, sessions, ports);
        let rp = RelyingParty {
            slots: Slots::starting_anywhere(&*config.random),
            exchanges: CodeExchanges::at_most(config.requests.most_exchanges),
            config,
            provider: Arc::new(provider),
            sessions,
            refreshes: InFlight::default(),
            refresh_pauses: RefreshPauses::default(),
            callbacks: InFlight::default(),
            last_refreshes: LastRefreshes::default(),
            owner,
            auth_route_is_hidden: AtomicBool::new(false),
        };
        let rp = Arc::new(rp);
        run_out::watch(&rp);
        Ok(OidcAuth { rp })
    }
}
