//! The settings of the store.

use std::fmt;
use std::time::Duration;

use super::error::RedisConfigError;

/// How a [`RedisStore`](super::RedisStore) reaches its server, and what its keys are called.
///
/// ```
/// use axum_oidc_session::{RedisSettings, RedisStore};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = RedisSettings::default()
///     .key_prefix("shop:")
///     .response_timeout(Duration::from_millis(500));
/// let store = RedisStore::with_settings("redis://127.0.0.1:6379", settings)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisSettings {
    pub(super) key_prefix: String,
    pub(super) connect_timeout: Duration,
    pub(super) response_timeout: Duration,
    pub(super) root_certificates: Option<Vec<u8>>,
    pub(super) allow_clear_text: bool,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            key_prefix: "oidc:".to_owned(),
            connect_timeout: Duration::from_secs(2),
            response_timeout: Duration::from_secs(2),
            root_certificates: None,
            allow_clear_text: false,
        }
    }
}

impl RedisSettings {
    /// What every key and the channel of events begin with (default `oidc:`): at most 100 printable ASCII characters, no space,
    /// no braces. Applications that share a server need prefixes of their own, also if they use databases of their own: a
    /// channel belongs to no database.
    #[must_use]
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// The most time that name resolution, TCP, TLS and authentication may take together (default 2 s, 1 ms to 60 s).
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The most time to wait for an answer (default 2 s, 1 ms to 60 s). In a cluster it includes following a key to
    /// another node.
    #[must_use]
    pub fn response_timeout(mut self, limit: Duration) -> Self {
        self.response_timeout = limit;
        self
    }

    /// Trusts these root certificates (PEM, one or several) for `rediss://` URLs instead of the operating system's.
    #[must_use]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Lets `redis://` URLs lead to another machine. Otherwise they lead to a loopback address or a
    /// socket, and any other server is reached by `rediss://`. The same is true of the nodes that a
    /// cluster names.
    ///
    /// # Security
    ///
    /// Whoever is on the way reads the password of the server, and can change what is sent: bring sessions back that were
    /// ended, and end others. Records stay sealed. Only for a network where nobody else is, such as an encrypted overlay.
    #[must_use]
    pub fn insecure_allow_clear_text(mut self) -> Self {
        self.allow_clear_text = true;
        self
    }

    pub(super) fn check(&self) -> Result<(), RedisConfigError> {
        let allowed = Duration::from_millis(1)..=Duration::from_secs(60);
        if !allowed.contains(&self.connect_timeout) || !allowed.contains(&self.response_timeout) {
            return Err(RedisConfigError::Timeout);
        }
        Ok(())
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisSettings")
            .field("key_prefix", &self.key_prefix)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("root_certificates", &self.root_certificates.is_some())
            .field("allow_clear_text", &self.allow_clear_text)
            .finish()
    }
}
