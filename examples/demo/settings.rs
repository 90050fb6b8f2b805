//! The settings: environment variables in, an [`OidcAuth`] out.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | LISTEN_ADDR | 127.0.0.1:3000 | where the demo listens |
//! | BASE_URL | http://LISTEN_ADDR | the origin, and a path prefix if there is one, that browsers use |
//! | OIDC_ISSUER | the embedded provider | issuer identifier; plain http only for loopback |
//! | OIDC_CLIENT_ID, OIDC_CLIENT_SECRET | | as registered; no secret for a public client |
//! | CLIENT_AUTH | auto | how the client is registered to authenticate: `basic`, `post`, `none`; `auto`: basic unless the metadata offers only post, none without a secret |
//! | OIDC_SCOPES | openid profile email (the embedded provider: and offline_access) | space-separated, sent as they are |
//! | TRUSTED_AUDIENCES | | further audiences that `aud` may name, comma-separated |
//! | SESSION_STORE | memory | or sqlite:PATH; with `--features postgres` postgres://…, with `--features redis` redis://… |
//! | COOKIE_KEY | random at start; required for any store but memory | base64 of 64 bytes; several, comma-separated: the first seals, all open |
//! | ID_TOKEN_ALG | RS256 (embedded provider: ES256) | the registered signing algorithm |
//! | SESSION_PUSH | off | `on`: sessions of PostgreSQL or Redis are kept in memory, too, until they change; `wait`: and a logout is answered once no node admits the session any more |
//! | SESSION_IDLE_SECONDS, SESSION_ABSOLUTE_SECONDS | 1 day, 3 days | |
//! | RENEWAL | off | `refresh`: a refresh shortly before the ceiling may bring a later one |
//! | REFRESH_REJECTED | keep | `end`: a refresh that only a new sign-in could mend ends the session |
//! | MALFORMED_EXPIRY | refuse | or a number of seconds to cap to |
//! | SSL_CERT_FILE | the system's roots | trust roots for the provider's https |
//! | RUST_LOG | info | |
//!
//! A value that cannot be used is an error that names the variable and the cure. There is no fallback.

mod environment;
mod problems;
mod store;
mod values;

use std::net::SocketAddr;
use std::time::Duration;

use axum_oidc_session::{
    ClientAuthentication, KeyRing, MalformedPolicy, OidcAuth, RefreshRejected, Renewal,
    SigningAlgorithm,
};

use environment::Environment;
pub(crate) use problems::Problems;
use store::Choice;
use values::Push;

/// What the demo was told.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    base_url: Option<String>,
    /// Without one the embedded provider is used.
    pub(crate) client: Option<Client>,
    client_auth: Option<ClientAuthentication>,
    scopes: Option<String>,
    trusted_audiences: Vec<String>,
    keys: Option<KeyRing>,
    algorithm: SigningAlgorithm,
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
    renewal: Renewal,
    refresh_rejected: RefreshRejected,
    malformed: MalformedPolicy,
    pub(crate) store: Choice,
    push: Push,
    pub(crate) log: String,
}

/// This application, as the provider knows it.
pub(crate) struct Client {
    issuer: String,
    id: String,
    secret: Option<String>,
}

impl Settings {
    /// Reads and checks everything, and finds all errors at once.
    pub(crate) fn from_env() -> Result<Self, Problems> {
        let mut environment = Environment::default();
        let client = client(&mut environment);
        let settings = Self {
            listen: environment
                .parsed("LISTEN_ADDR", values::address)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
            base_url: environment.parsed("BASE_URL", values::base_url),
            algorithm: algorithm(&mut environment, client.is_some()),
            client_auth: environment.parsed("CLIENT_AUTH", values::client_auth).flatten(),
            scopes: environment.text("OIDC_SCOPES"),
            trusted_audiences: environment
                .parsed("TRUSTED_AUDIENCES", values::list)
                .unwrap_or_default(),
            keys: environment.parsed("COOKIE_KEY", values::keys),
            idle: environment.parsed("SESSION_IDLE_SECONDS", values::seconds).unwrap_or(DAY),
            absolute: environment
                .parsed("SESSION_ABSOLUTE_SECONDS", values::seconds)
                .unwrap_or(3 * DAY),
            renewal: environment.parsed("RENEWAL", values::renewal).unwrap_or_default(),
            refresh_rejected: environment
                .parsed("REFRESH_REJECTED", values::refresh_rejected)
                .unwrap_or_default(),
            malformed: environment
                .parsed("MALFORMED_EXPIRY", values::malformed)
                .unwrap_or_default(),
            store: environment
                .parsed("SESSION_STORE", Choice::parse)
                .unwrap_or_else(Choice::memory),
            push: environment.parsed("SESSION_PUSH", values::push).unwrap_or_default(),
            log: environment.text("RUST_LOG").unwrap_or_else(|| "info".to_owned()),
            client,
        };
        if settings.push != Push::Off && !settings.store.can_push() {
            let problem = "it is for a store that several nodes share";
            environment.problems.add("SESSION_PUSH", problem, "use off, or PostgreSQL or Redis");
        }
        let mut problems = environment.problems;
        if let Err(more) =
            settings.auth(Some("http://127.0.0.1"), &settings.base_url(settings.listen))
        {
            problems.extend(more);
        }
        problems.none_or(settings)
    }

    /// The URL that browsers use, without a slash at its end.
    pub(crate) fn base_url(&self, listening: SocketAddr) -> String {
        let given = self.base_url.clone().unwrap_or_else(|| format!("http://{listening}"));
        // As the provider will see it: host in lower case, no default port. What is no URL is refused by the builder.
        let normal = url::Url::parse(&given).map_or(given, String::from);
        normal.trim_end_matches('/').to_owned()
    }

    /// The Relying Party. `embedded` is the issuer of the embedded provider, if there is one.
    pub(crate) fn auth(
        &self,
        embedded: Option<&str>,
        base_url: &str,
    ) -> Result<OidcAuth, Problems> {
        let builder = match (&self.client, embedded) {
            (Some(client), _) => {
                let builder = OidcAuth::builder(&client.issuer, &client.id);
                match &client.secret {
                    Some(secret) => builder.client_secret(secret),
                    None => builder,
                }
            }
            (None, issuer) => {
                let issuer = issuer.unwrap_or_default();
                let builder = OidcAuth::builder(issuer, EMBEDDED_CLIENT_ID);
                let builder = builder.client_secret(EMBEDDED_CLIENT_SECRET);
                if self.scopes.is_none() { builder.offline_access() } else { builder }
            }
        };
        let mut builder = builder
            .base_url(base_url)
            .store(self.store.store())
            .push_invalidation(self.push != Push::Off)
            .logout_waits_for_nodes(self.push == Push::Wait)
            .id_token_signing_alg(self.algorithm)
            .trusted_audiences(&self.trusted_audiences)
            .idle_limit(self.idle)
            .absolute_limit(self.absolute)
            .renewal(self.renewal)
            .on_refresh_rejected(self.refresh_rejected)
            .malformed_session_expiry(self.malformed);
        if let Some(method) = self.client_auth {
            builder = builder.client_authentication(method);
        }
        if let Some(scopes) = &self.scopes {
            builder = builder.scopes(scopes.split_ascii_whitespace());
        }
        if let Some(keys) = &self.keys {
            builder = builder.cookie_keys(keys.clone());
        }
        builder.build().map_err(|errors| Problems::from_builder(&errors))
    }
}

/// The provider's client: issuer and client id, or neither.
fn client(environment: &mut Environment) -> Option<Client> {
    let issuer = environment.text("OIDC_ISSUER");
    let id = environment.text("OIDC_CLIENT_ID");
    let secret = environment.text("OIDC_CLIENT_SECRET");
    let problems = &mut environment.problems;
    match (issuer, id) {
        (Some(issuer), Some(id)) => return Some(Client { issuer, id, secret }),
        (Some(_), None) => {
            // An empty or unreadable one has been reported.
            if !problems.name("OIDC_CLIENT_ID") {
                let cure = "set it to the client id that the provider issued";
                problems.add("OIDC_CLIENT_ID", "it is not set, but OIDC_ISSUER is", cure);
            }
        }
        (None, id) => {
            let cure = "set OIDC_ISSUER, too, or leave it out to use the embedded provider";
            for (name, set) in
                [("OIDC_CLIENT_ID", id.is_some()), ("OIDC_CLIENT_SECRET", secret.is_some())]
            {
                if set && !problems.name("OIDC_ISSUER") {
                    problems.add(name, "it is set, but OIDC_ISSUER is not", cure);
                }
            }
        }
    }
    None
}

/// The embedded provider signs with ES256 and nothing else.
fn algorithm(environment: &mut Environment, has_client: bool) -> SigningAlgorithm {
    let given = environment.parsed("ID_TOKEN_ALG", values::algorithm);
    let embedded = !has_client && !environment.is_set("OIDC_ISSUER");
    match given {
        Some(other) if embedded && other != SigningAlgorithm::Es256 => {
            let problem = "the embedded provider signs with ES256 only";
            environment.problems.add("ID_TOKEN_ALG", problem, "leave it out, or set OIDC_ISSUER");
            other
        }
        Some(given) => given,
        None if embedded => SigningAlgorithm::Es256,
        None => SigningAlgorithm::default(),
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(crate) const EMBEDDED_CLIENT_ID: &str = "demo";
/// Known to everybody, and worth nothing: the provider that takes it lets anybody in.
pub(crate) const EMBEDDED_CLIENT_SECRET: &str = "for development only";
const DAY: Duration = Duration::from_secs(86_400);
