//! The settings of the HTTP client, and the client they make.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::http_client::{Cause, HttpClient, ReqwestClient};
use super::tls;

/// How the OpenID Provider is reached.
///
/// ```
/// use axum_oidc_session::HttpClientSettings;
/// use std::time::Duration;
///
/// let settings = HttpClientSettings::default()
///     .timeout(Duration::from_secs(5))
///     .proxy("http://proxy.internal:3128");
/// ```
///
/// Without a proxy here those of the environment hold (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`). Loopback addresses are
/// always reached directly.
///
/// Certificates are verified against the operating system's trust roots; on Linux those in `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` instead, where these are set. TLS is rustls with ring, whatever the process-wide default may be.
#[derive(Clone, Debug)]
pub struct HttpClientSettings {
    connect_timeout: Duration,
    timeout: Duration,
    max_response_size: usize,
    root_certificates: Vec<Vec<u8>>,
    proxy: Option<SecretString>,
    #[cfg(feature = "test-util")]
    simulated: Option<Arc<dyn HttpClient>>,
}

impl Default for HttpClientSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            max_response_size: 1024 * 1024,
            root_certificates: Vec::new(),
            proxy: None,
            #[cfg(feature = "test-util")]
            simulated: None,
        }
    }
}

impl HttpClientSettings {
    /// The most time that name resolution, TCP and TLS may take together (default 5 s, at most 60 s).
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The most time from connecting to the end of the response (default 10 s, at most 60 s).
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// The largest response body in bytes, inclusive (default 1 MiB).
    #[must_use]
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Trusts the certificates in `pem`, too; may be called several times.
    ///
    /// # Security
    ///
    /// Whoever holds a key of one of these certificates can pose as the OpenID Provider.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// The proxy for all requests but those to loopback addresses, in place of the environment's: an `http` URL, with user
    /// name and password if needed.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(SecretString::from(url.into()));
        self
    }

    /// Sends requests with `client` and not over a network. Of the other settings the time limits still say how long a refresh is waited
    /// for; the client has to keep them.
    ///
    /// # Security
    ///
    /// For simulations only: whoever answers is believed to be the provider.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn insecure_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.simulated = Some(client);
        self
    }

    /// The longest that one refresh may take: metadata, tokens and keys are asked for in turn.
    pub(crate) fn longest_refresh(&self) -> Duration {
        self.timeout.saturating_mul(3).saturating_add(Duration::from_secs(5))
    }

    /// The client, or all that is wrong. No I/O but reading the trust roots.
    pub(crate) fn build(&self) -> Result<Arc<dyn HttpClient>, Vec<HttpClientSettingsError>> {
        #[cfg(feature = "test-util")]
        if let Some(client) = &self.simulated {
            return Ok(Arc::clone(client));
        }
        let mut errors = Vec::new();
        for limit in [self.connect_timeout, self.timeout] {
            if (limit.is_zero() || limit > LONGEST_TIMEOUT) && errors.is_empty() {
                errors.push(HttpClientSettingsError::Timeout);
            }
        }
        if self.max_response_size == 0 {
            errors.push(HttpClientSettingsError::MaxResponseSize);
        }
        let proxy = self.proxy.as_ref().map(proxy).transpose();
        let proxy = proxy.map_err(|error| errors.push(error)).ok().flatten();
        let trust_file = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
        let tls = tls::client_config(&self.root_certificates, trust_file.as_deref());
        match tls.map_err(|error| errors.push(error)) {
            Ok(tls) if errors.is_empty() => self.connect(tls, proxy).map_err(|error| vec![error]),
            _ => Err(errors),
        }
    }

    fn connect(
        &self,
        tls: rustls::ClientConfig,
        proxy: Option<reqwest::Proxy>,
    ) -> Result<Arc<dyn HttpClient>, HttpClientSettingsError> {
        let proxied = match proxy {
            None => self.client(tls.clone()),
            Some(proxy) => self.client(tls.clone()).proxy(proxy),
        };
        let direct = self.client(tls).no_proxy();
        Ok(Arc::new(ReqwestClient {
            proxied: proxied.build().map_err(HttpClientSettingsError::client)?,
            direct: direct.build().map_err(HttpClientSettingsError::client)?,
            max_response_size: self.max_response_size,
        }))
    }

    #[expect(clippy::disallowed_methods, reason = "the HTTP client is made here")]
    fn client(&self, tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .pool_idle_timeout(POOL_IDLE)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
    }
}

/// The URL may hold a password: nothing of it goes into the error.
fn proxy(url: &SecretString) -> Result<reqwest::Proxy, HttpClientSettingsError> {
    let clean = url.expose_secret();
    let clean = (!clean.contains(|c: char| c.is_control() || c.is_whitespace())).then_some(clean);
    let parsed = clean.and_then(|url| url::Url::parse(url).ok());
    let parsed = parsed.filter(|url| url.scheme() == "http" && url.has_host());
    parsed.and_then(|url| reqwest::Proxy::all(url).ok()).ok_or(HttpClientSettingsError::Proxy)
}

const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Why settings of the HTTP client are refused.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpClientSettingsError {
    /// A time limit is zero, or more than 60 s.
    #[error("a time limit of the HTTP client is zero, or more than 60 s")]
    Timeout,
    /// The largest response is 0 bytes.
    #[error("the HTTP client's largest response is 0 bytes")]
    MaxResponseSize,
    /// The additional trust roots are not certificates in PEM format.
    #[error("the additional root certificates are not certificates in PEM format")]
    RootCertificates,
    /// The file in `SSL_CERT_FILE` cannot be read or holds no certificates.
    #[error("SSL_CERT_FILE names {}, which cannot be read or holds no certificate in PEM format", .0.display())]
    TrustFile(PathBuf),
    /// Not the URL of an HTTP proxy.
    #[error("the proxy is not an http URL with a host")]
    Proxy,
    /// The TLS library refused.
    #[error("TLS cannot be set up")]
    Tls(#[source] Cause),
    /// The HTTP library refused.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] Cause),
}

impl HttpClientSettingsError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Timeout => "http_settings_timeout",
            Self::MaxResponseSize => "http_settings_max_response_size_zero",
            Self::RootCertificates => "http_settings_root_certificates_malformed",
            Self::TrustFile(_) => "http_settings_trust_file_unusable",
            Self::Proxy => "http_settings_proxy_malformed",
            Self::Tls(_) => "http_settings_tls",
            Self::Client(_) => "http_settings_client",
        }
    }

    fn client(error: reqwest::Error) -> Self {
        Self::Client(Arc::new(error.without_url()))
    }
}

/// How long an unused connection is kept: shorter than servers do (5 s is the shortest common keep-alive), so that
/// hardly ever a refresh token is sent into a connection that is just being closed, and its fate unknown.
const POOL_IDLE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(settings: HttpClientSettings) -> &'static str {
        settings.build().unwrap_err()[0].code()
    }

    #[test]
    fn each_unusable_setting_has_its_own_error() {
        let settings = HttpClientSettings::default;
        assert!(settings().build().is_ok());
        assert!(settings().proxy("http://user:password@proxy.example:3128").build().is_ok());
        let (zero, long) = (Duration::ZERO, Duration::from_nanos(1));
        assert!(
            settings().timeout(long).connect_timeout(long).max_response_size(1).build().is_ok()
        );
        assert_eq!(refused(settings().timeout(zero)), "http_settings_timeout");
        assert_eq!(refused(settings().connect_timeout(zero)), "http_settings_timeout");
        assert_eq!(
            refused(settings().max_response_size(0)),
            "http_settings_max_response_size_zero"
        );
        for pem in [
            "",
            "not a certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let code = refused(settings().root_certificates(pem));
            assert_eq!(code, "http_settings_root_certificates_malformed", "{pem}");
        }
        for url in [
            "",
            "proxy.example:3128",
            "socks5://proxy.example",
            "https://proxy.example",
            "http://",
            "http://proxy.example\n",
        ] {
            assert_eq!(refused(settings().proxy(url)), "http_settings_proxy_malformed", "{url}");
        }
    }

    #[test]
    fn debug_hides_the_proxys_password() {
        let settings = HttpClientSettings::default().proxy("http://user:hidden@proxy.example");
        assert!(!format!("{settings:?}").contains("hidden"));
    }
}
