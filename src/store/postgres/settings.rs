//! How the database is reached, and what the tables are called.

use std::time::Duration;

use super::error::PostgresStoreError;
use super::tables::Tables;

/// The settings of a [`PostgresStore`](crate::PostgresStore). All nodes must agree on schema and prefix.
///
/// ```
/// use axum_oidc_session::{PostgresSettings, PostgresStore};
/// use std::time::Duration;
///
/// let settings = PostgresSettings::default()
///     .max_connections(20)
///     .statement_timeout(Duration::from_secs(2))
///     .schema("auth");
/// let store = PostgresStore::with_settings("postgres://app@db.internal/app?sslmode=verify-full", settings)?;
/// # Ok::<(), axum_oidc_session::error::PostgresStoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    pub(super) max_connections: u32,
    pub(super) acquire_timeout: Duration,
    pub(super) statement_timeout: Duration,
    pub(super) allow_clear_text: bool,
    schema: Option<String>,
    table_prefix: String,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(5),
            allow_clear_text: false,
            schema: None,
            table_prefix: "oidc_session".to_owned(),
        }
    }
}

impl PostgresSettings {
    /// How many connections are open at most (default 10, at least 1). A listener has one more of its own. Of no effect over
    /// a pool of the application's.
    #[must_use]
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections;
        self
    }

    /// How long an operation waits for a free connection, a new one included (default 5 s, at least 1 ms). The request gets
    /// 503 then.
    #[must_use]
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.acquire_timeout = limit;
        self
    }

    /// How long a statement may take (default 5 s, at least 1 ms). The server itself gives it up then, so that it does not run
    /// on; here the answer is awaited one second longer. Over a pool of the application's the server's limit is the pool's.
    #[must_use]
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.statement_timeout = limit;
        self
    }

    /// The schema of the tables, which must exist. Default: the first one of the role's `search_path`.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = Some(name.into());
        self
    }

    /// What the names of the tables begin with (default `oidc_session`), an underscore follows. At most 40 characters.
    #[must_use]
    pub fn table_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.table_prefix = prefix.into();
        self
    }

    /// Lets the connection to another machine go without TLS. Otherwise the URL's `sslmode` must be `require`, `verify-ca` or
    /// `verify-full`, unless the host is a loopback address or the folder of a socket.
    ///
    /// # Security
    ///
    /// Whoever is on the way can read what the role may read, and can change what is sent: bring sessions back that were ended,
    /// and end others. Records stay sealed. Only for a network where nobody else is, such as an encrypted overlay.
    #[must_use]
    pub fn insecure_allow_clear_text(mut self) -> Self {
        self.allow_clear_text = true;
        self
    }

    pub(super) fn check(&self) -> Result<(), PostgresStoreError> {
        if self.max_connections == 0 {
            return Err(PostgresStoreError::Zero("max_connections"));
        }
        for (setting, limit) in [
            ("acquire_timeout", self.acquire_timeout),
            ("statement_timeout", self.statement_timeout),
        ] {
            // The server takes zero for "no limit".
            if limit.as_millis() == 0 {
                return Err(PostgresStoreError::Zero(setting));
            }
        }
        Ok(())
    }

    pub(super) fn tables(&self) -> Result<Tables, PostgresStoreError> {
        Tables::new(self.schema.as_deref(), &self.table_prefix)
    }

    /// The longest that an answer is waited for. The server gives up first, if it is alive.
    pub(super) fn answer_timeout(&self) -> Duration {
        self.statement_timeout.saturating_add(Duration::from_secs(1))
    }
}
