//! The checked configuration.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::base_url::BaseUrl;
use super::cookie_names::CookieNames;
use super::hooks::Hooks;
use super::page::RenderPage;
use super::paths::AuthPaths;
use crate::clock::Clock;
use crate::events::EventKind;
use crate::policy::{CeilingPolicy, RefreshRejected};
use crate::protocol::algorithm::SigningAlgorithm;
use crate::random::Random;
use crate::secret::key_ring::KeyRing;
use crate::spawn::Spawn;

/// Everything that the flows need to know; made by `build()` only.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) base: BaseUrl,
    pub(crate) paths: AuthPaths,
    pub(crate) cookies: CookieNames,
    pub(crate) keys: KeyRing,
    pub(crate) requests: AuthorizationSettings,
    pub(crate) tokens: TokenSettings,
    pub(crate) ceiling: CeilingPolicy,
    pub(crate) hooks: Hooks,
    pub(crate) render_page: Option<RenderPage>,
    pub(crate) application_data: bool,
    pub(crate) user_info: bool,
    pub(crate) revoke_tokens: bool,
    pub(crate) max_sessions_per_user: usize,
    pub(crate) refuse_cross_site: bool,
    pub(crate) pages: PageSettings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) spawn: Arc<dyn Spawn>,
}

impl Config {
    /// The redirect URI, as registered at the provider.
    pub(crate) fn redirect_uri(&self) -> String {
        self.base.below(&self.paths.callback)
    }

    /// Tells what has happened.
    pub(crate) fn tell(&self, kind: EventKind) {
        self.hooks.events.tell(&*self.clock, kind);
    }

    /// As [`tell`](Self::tell), with the cause for the log.
    pub(crate) fn tell_with(&self, kind: EventKind, cause: &(dyn std::error::Error + 'static)) {
        self.hooks.events.tell_with(&*self.clock, kind, Some(cause));
    }

    pub(crate) fn login_url(&self) -> String {
        self.base.below(&self.paths.login)
    }
}

/// What the authorization request asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthorizationSettings {
    pub(crate) scopes: Vec<String>,
    /// Whether `offline_access` is one of them, whatever the application lists.
    pub(crate) offline_access: bool,
    pub(crate) prompt: Option<String>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) audience: Option<String>,
    pub(crate) resource: Vec<String>,
    pub(crate) extra: Vec<(String, String)>,
    /// Parameters of a login that a link may set by its query.
    pub(crate) from_query: Vec<LoginParameter>,
    pub(crate) attempt_lifetime: Duration,
    /// How many code exchanges may run at a time.
    pub(crate) most_exchanges: usize,
}

/// A parameter of one login that [`login_parameters_from_query`](crate::OidcAuthBuilder::login_parameters_from_query) can
/// allow in the query of the login route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginParameter {
    /// `login_hint`: who is going to sign in.
    LoginHint,
    /// `prompt`: `login`, `consent`, `select_account`. They are added to the configured ones.
    Prompt,
    /// `max_age`, in seconds, checked in the ID Token's `auth_time`. The shorter of the link's and the configured one holds.
    MaxAge,
    /// `acr_values`: authentication contexts, checked in the ID Token. Where contexts are configured, the link can choose among
    /// them; one that names none of them changes nothing.
    AcrValues,
    /// `ui_locales`: languages of the provider's pages.
    UiLocales,
}

/// How the client authenticates at the provider's token and revocation endpoints (OpenID Connect Core section 9): what it is
/// registered for as `token_endpoint_auth_method`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_basic`: id and secret in the `Authorization` header.
    Basic,
    /// `client_secret_post`: id and secret in the form.
    Post,
    /// `none`: the id alone, as of a public client. A secret that is set is not sent.
    None,
}

/// What responses tell browsers beyond what is always told.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageSettings {
    /// `Session-Expires-In` on responses to requests with a session.
    pub(crate) expires_in_header: bool,
    /// `Clear-Site-Data: "cache"` at logout.
    pub(crate) clear_cache: bool,
    /// Of pages in the application's design, in place of the crate's.
    pub(crate) content_security_policy: Option<String>,
}

/// How the provider's tokens are checked.
#[derive(Clone, Debug)]
pub(crate) struct TokenSettings {
    pub(crate) client_secret: Option<SecretString>,
    pub(crate) client_authentication: Option<ClientAuthentication>,
    /// Who `aud` may name besides us.
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) algorithm: SigningAlgorithm,
    pub(crate) clock_tolerance: Duration,
    /// What becomes of a session whose refresh only a new login could mend.
    pub(crate) on_refresh_rejected: RefreshRejected,
    /// How long a request waits for a refresh: longer than the provider is given to answer.
    pub(crate) refresh_patience: Duration,
}
