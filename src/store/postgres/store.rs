//! [`PostgresStore`]: what the builder takes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sqlx::postgres::{PgPool, PgRow};
use tokio::sync::Mutex;

use super::error::PostgresStoreError;
use super::fetch::{Answer, Question};
use super::pooler::Pooler;
use super::settings::PostgresSettings;
use super::source::{Answered, Repeat, Source};
use super::statements::{Statement, Statements};
use super::tables::Tables;
use super::together::Reads;
use super::values::{self, Values};
use super::{schema, url};
use crate::session::contract::StoreError;

/// A store in PostgreSQL (13 or later), for several nodes. Feature `postgres`.
///
/// Every node asks the database for each request with a session cookie: one prepared statement, one round trip. Requests that
/// come while two such statements are under way share the next one, up to 64 of them: a crowd costs the database little more than
/// a few. Clones share their connections.
///
/// ```
/// use axum_oidc_session::{KeyRing, OidcAuth, PostgresStore};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::random(&axum_oidc_session::random::SystemRandom)?;
/// // No I/O: the database may be down now.
/// let store = PostgresStore::new("postgres://app:secret@db.internal/app?sslmode=verify-full")?;
/// let auth = OidcAuth::builder("https://op.example.com", "my-client")
///     .client_secret("from the provider's console")
///     .base_url("https://app.example.com")
///     .cookie_keys(keys) // the same on every node
///     .store(store)
///     .build()?;
/// # Ok(())
/// # }
/// ```
///
/// # Tables
///
/// They are made at the first use, under a lock: nodes may start at once. A role that may not do so needs `SELECT`, `INSERT`,
/// `UPDATE` and `DELETE` on them, and `SELECT` on `oidc_session_version`; an administrator runs [`schema_sql`](Self::schema_sql),
/// or [`migrate`](Self::migrate) is called once with another role. Tables of a newer version than this crate knows are an
/// error. A new version only adds to them, so that nodes can be replaced one by one. Tables of these names that are another
/// application's are an error, too, and are left as they are.
///
/// # When the database fails
///
/// 1. It is down: requests with a session cookie get 503, and are served again as soon as it is up.
/// 2. It was restarted: what is read, and what may be said twice, is sent again over a new connection. Anything else is
///    sent once, over a connection that has just answered; if the answer is lost after that, the operation reports an
///    error.
/// 3. It hangs: a statement ends with an error after [`acquire_timeout`](PostgresSettings::acquire_timeout) without a
///    connection, or a second after [`statement_timeout`](PostgresSettings::statement_timeout) without an answer; the server
///    gives it up by itself. Who reads in a crowd may wait for a statement before, and has both limits together for all of it.
///    A request gets 503 after [`store_timeout`](crate::OidcAuthBuilder::store_timeout) at the latest.
/// 4. A connection is lost and nobody says so (a failover, a router that forgets): what was sent over it ends as in 3, the idle
///    connections are given up with it.
///
/// # Security
///
/// What has been answered is on the server's disk: `synchronous_commit` is set to `on`, or left at `remote_apply`. A
/// standby that takes over knows of it only if it is a synchronous one (`synchronous_standby_names`); else a failover can
/// bring a session back that was ended in the last moments before it. Connections that lead to a standby are refused. With
/// `fsync=off` nothing is promised.
///
/// The content is sealed, but who may write to the tables can end sessions, and who may read them sees how many there are.
/// Across a network use `sslmode=verify-full`: `require` encrypts, and asks for no certificate. The default, `prefer`, encrypts
/// only if the server offers to, and is an error for a server on another machine, unless
/// [`insecure_allow_clear_text`](PostgresSettings::insecure_allow_clear_text) says otherwise.
///
/// Locks of refreshes end by the database server's clock.
///
/// # Poolers and notifications
///
/// Saves and deletions notify the listeners (`NOTIFY` within the statement). PostgreSQL commits transactions that notify
/// one after another, in all databases of the server; touches do not notify. Listening needs a direct
/// connection, or PgBouncer's session mode. Its transaction mode needs `max_prepared_statements` above 0 (PgBouncer 1.21) for
/// the statements, and loses what is set for a connection: there set `statement_timeout` and `synchronous_commit` for the role
/// (`ALTER ROLE … SET`). A listener fails there as soon as it is given another connection of the server.
///
/// Without `max_prepared_statements` that mode gives the statements that one client has prepared to others. The store looks for
/// it before its first statement, and every answer proves which statement gave it: such a store is unusable (503, and
/// [`MixedStatements`](PostgresStoreError::MixedStatements) in the log), for a second at least, and no user is signed out.
#[derive(Clone)]
pub struct PostgresStore(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) source: Source,
    pub(super) tables: Tables,
    statements: Statements,
    reads: Arc<Reads<Question, Answer>>,
    pub(super) is_ready: AtomicBool,
    pub(super) pooler: Pooler,
    /// Held by whoever looks at the tables.
    pub(super) looking: Mutex<()>,
}

impl PostgresStore {
    /// A store in the database at `url`, `postgres://user:password@host:port/database?parameter=value`.
    ///
    /// This reads the URL and does no network I/O: the database may be down. Requests that need it get 503 until it is up.
    ///
    /// # Errors
    ///
    /// [`PostgresStoreError`] if the URL cannot be used. Its text does not show the password.
    pub fn new(url: &str) -> Result<Self, PostgresStoreError> {
        Self::with_settings(url, PostgresSettings::default())
    }

    /// As [`new`](Self::new), with settings.
    ///
    /// # Errors
    ///
    /// [`PostgresStoreError`] if the URL or a setting cannot be used.
    pub fn with_settings(
        url: &str,
        settings: PostgresSettings,
    ) -> Result<Self, PostgresStoreError> {
        settings.check()?;
        let options = url::parse(url)?;
        url::check_link(&options, &settings)?;
        let source = Source::own(options, &settings);
        Ok(Self::over(source, settings.tables()?))
    }

    /// A store over the application's pool of connections.
    ///
    /// The settings of the pool hold; these matter:
    ///
    /// - `test_before_acquire(false)`: otherwise each request costs a second round trip. Lost connections are dealt with
    ///   here. sqlx tests each connection once more when it is given back; no request waits for that, but the connection is
    ///   busy meanwhile. A store with connections of its own ([`new`](Self::new)) does neither.
    /// - `acquire_timeout`: how long a request waits while the database is down, unless
    ///   [`PostgresSettings::acquire_timeout`] is shorter (its default, 5 s, mostly is).
    /// - `options([("statement_timeout", "5s"), ("synchronous_commit", "on")])` of its connections. Deletions and revocations
    ///   are durable in any case; sign-ins and refreshes as the pool's connections are.
    /// - READ COMMITTED, PostgreSQL's default isolation.
    /// - That it leads to the primary.
    ///
    /// Its idle connections are not closed here, whatever happens: each that is lost in silence is found out by itself.
    ///
    /// # Errors
    ///
    /// [`PostgresStoreError::ClearText`] if its connections go to another machine and need not be encrypted.
    pub fn from_pool(pool: PgPool) -> Result<Self, PostgresStoreError> {
        Self::from_pool_with_settings(pool, PostgresSettings::default())
    }

    /// As [`from_pool`](Self::from_pool), with settings.
    ///
    /// # Errors
    ///
    /// [`PostgresStoreError`] if a setting cannot be used.
    pub fn from_pool_with_settings(
        pool: PgPool,
        settings: PostgresSettings,
    ) -> Result<Self, PostgresStoreError> {
        settings.check()?;
        url::check_link(&pool.connect_options(), &settings)?;
        Ok(Self::over(Source::application(pool, &settings), settings.tables()?))
    }

    fn over(source: Source, tables: Tables) -> Self {
        let statements = Statements::new(&tables);
        let reads = Reads::new(source.most_connections());
        let (is_ready, looking) = (AtomicBool::new(false), Mutex::default());
        let pooler = Pooler::default();
        Self(Arc::new(Shared { source, tables, statements, reads, is_ready, pooler, looking }))
    }

    /// Makes the tables, or brings them to the newest version; nothing if that is done already. For applications whose usual
    /// role may not: call it once, before the nodes are replaced, with a store of another role.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database could not be asked, or the tables are newer than this crate knows.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.connect_apart().await?;
        schema::migrate(&mut connection, &self.0.tables).await?;
        Ok(())
    }

    /// The SQL that makes the tables, for an administrator to run. It changes nothing where they exist.
    ///
    /// ```
    /// use axum_oidc_session::PostgresStore;
    ///
    /// let store = PostgresStore::new("postgres://app@db.internal/app?sslmode=verify-full")?;
    /// assert!(store.schema_sql().contains("CREATE TABLE IF NOT EXISTS \"oidc_session_data\""));
    /// # Ok::<(), axum_oidc_session::error::PostgresStoreError>(())
    /// ```
    pub fn schema_sql(&self) -> String {
        format!("BEGIN;\n{}COMMIT;\n", schema::text(&self.0.tables, 0))
    }

    /// The rows that a statement answers with.
    pub(super) async fn rows(
        &self,
        statement: &Statement,
        values: Values,
        repeat: Repeat,
    ) -> Result<Vec<PgRow>, PostgresStoreError> {
        Ok(self.ask(statement, values, repeat).await?.rows)
    }

    /// How many rows a statement changes.
    pub(super) async fn change(
        &self,
        statement: &Statement,
        values: Values,
        repeat: Repeat,
    ) -> Result<u64, PostgresStoreError> {
        values::count(&self.rows(statement, values, repeat).await?)
    }

    pub(super) async fn ask(
        &self,
        statement: &Statement,
        values: Values,
        repeat: Repeat,
    ) -> Result<Answered, PostgresStoreError> {
        let arguments = values.finish()?;
        self.ready().await?;
        let outcome = self.0.source.rows(statement, arguments, repeat).await;
        if let Err(error) = &outcome {
            self.note(error);
        }
        outcome
    }

    pub(super) fn source(&self) -> &Source {
        &self.0.source
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.0.tables
    }

    pub(super) fn statements(&self) -> &Statements {
        &self.0.statements
    }

    pub(super) fn reads(&self) -> &Arc<Reads<Question, Answer>> {
        &self.0.reads
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresStore")
            .field("tables", &self.0.tables)
            .finish_non_exhaustive()
    }
}
