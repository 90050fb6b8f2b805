//! A Relying Party that the development provider knows.

use secrecy::SecretString;

/// A registered client: what an OpenID Provider keeps about a Relying Party.
///
/// Without [`secret`](Self::secret) the client is public and authenticates with `none` (RFC 6749 section 2.1); with it
/// the provider takes `client_secret_basic` and `client_secret_post`.
///
/// ```
/// use axum_oidc_session::dev_provider::DevClient;
///
/// let client = DevClient::new("demo")
///     .secret("a secret for development")
///     .redirect_uri("http://127.0.0.1:3000/auth/callback")
///     .post_logout_redirect_uri("http://127.0.0.1:3000/");
/// # let _ = client;
/// ```
#[derive(Clone, Debug)]
pub struct DevClient {
    pub(crate) id: String,
    pub(crate) secret: Option<SecretString>,
    /// Whether `client_secret_post` alone is taken.
    pub(crate) secret_in_form: bool,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) backchannel_logout_uri: Option<String>,
}

impl DevClient {
    /// A public client with the `client_id` `id` and no redirect URIs yet.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            secret_in_form: false,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
        }
    }

    /// Makes the client confidential, with this `client_secret`.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(SecretString::from(secret.into()));
        self
    }

    /// Registers the client for `client_secret_post` alone, which the metadata do not show: they are the same for all clients.
    #[must_use]
    pub fn secret_in_form_only(mut self) -> Self {
        self.secret_in_form = true;
        self
    }

    /// Adds a `redirect_uri`; an authorization request must name one of them, character for character
    /// (OpenID Connect Core 1.0 section 3.1.2.1).
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Adds a `post_logout_redirect_uri`, compared like a redirect URI (RP-Initiated Logout 1.0 section 3).
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uris.push(uri.into());
        self
    }

    /// Where logout tokens are posted to (Back-Channel Logout 1.0 section 2.2): plain `http`, as the provider speaks no
    /// TLS.
    #[must_use]
    pub fn backchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.backchannel_logout_uri = Some(uri.into());
        self
    }
}
