//! Connections that are kept.
//!
//! Not sqlx's pool: that tests each connection when it is given back, a second round trip for each request, and after a
//! restart of the database hands out every dead connection once.
//!
//! 1. The connection that was used last is used first. One that was idle for long or is old is not used again: what is between
//!    here and the database may have forgotten it.
//! 2. A connection whose use was cut short (its client hung up) is kept, and has to answer before it is used again, within
//!    [`ANSWERS_WITHIN`].
//! 3. When one connection is lost, or is silent, those that are idle are given up: most likely the database was restarted, or
//!    what is between here and it has forgotten them. One that may still be busy with what was cut short proves nothing by its
//!    silence: the next is put to the test, too.
//! 4. Each connection is set up before it is used; none is used that leads to a standby.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, Row as _};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::PostgresStoreError;
use super::patience::within;
use super::settings::PostgresSettings;
use crate::clock::{Clock as _, SystemClock};

/// At most so many connections, made when needed.
pub(super) struct Connections {
    options: PgConnectOptions,
    set_up: String,
    most: usize,
    acquire_timeout: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    connection: PgConnection,
    made_at: Duration,
    idle_since: Duration,
    /// Whether the answer to its last statement has been read to the end.
    settled: bool,
}

/// A connection in use.
pub(super) struct Lease<'a> {
    home: &'a Connections,
    /// Absent only while the lease ends.
    connection: Option<PgConnection>,
    made_at: Duration,
    settled: bool,
    _permit: SemaphorePermit<'a>,
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions, settings: &PostgresSettings) -> Self {
        let most = settings.max_connections as usize;
        Self {
            options,
            set_up: set_up(settings.statement_timeout),
            most,
            acquire_timeout: settings.acquire_timeout,
            permits: Semaphore::new(most),
            idle: Mutex::default(),
        }
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// A free connection, or a new one. `tested`: it has answered a moment ago.
    pub(super) async fn acquire(&self, tested: bool) -> Result<Lease<'_>, PostgresStoreError> {
        let permit = self.permits.acquire().await.map_err(|_| PostgresStoreError::PoolClosed)?;
        let mut in_doubt = tested;
        while let Some(mut idle) = self.pop() {
            if (in_doubt || !idle.settled)
                && !answers(&mut idle.connection, self.acquire_timeout).await
            {
                in_doubt = true;
                if idle.settled {
                    self.give_up_idle();
                }
                continue;
            }
            return Ok(self.lease(idle.connection, idle.made_at, permit));
        }
        let connection = self.connect().await?;
        Ok(self.lease(connection, SystemClock.monotonic(), permit))
    }

    /// A connection was lost: the others will be, too.
    pub(super) fn give_up_idle(&self) {
        // Closed after the lock is released.
        let idle = std::mem::take(&mut *self.idle());
        drop(idle);
    }

    async fn connect(&self) -> Result<PgConnection, PostgresStoreError> {
        let mut connection = self.options.connect().await?;
        let row = connection.fetch_one(self.set_up.as_str()).await?;
        if row.try_get("is_standby")? {
            return Err(PostgresStoreError::Standby);
        }
        Ok(connection)
    }

    fn lease<'a>(
        &'a self,
        connection: PgConnection,
        made_at: Duration,
        permit: SemaphorePermit<'a>,
    ) -> Lease<'a> {
        let connection = Some(connection);
        Lease { home: self, connection, made_at, settled: false, _permit: permit }
    }

    fn pop(&self) -> Option<Idle> {
        let now = SystemClock.monotonic();
        let mut idle = self.idle();
        let too_old = |idle: &Idle| {
            now.saturating_sub(idle.idle_since) > LONGEST_IDLE
                || now.saturating_sub(idle.made_at) > LONGEST_LIFE
        };
        let (old, fresh): (Vec<_>, Vec<_>) = if idle.iter().any(too_old) {
            std::mem::take(&mut *idle).into_iter().partition(too_old)
        } else {
            (Vec::new(), std::mem::take(&mut *idle))
        };
        *idle = fresh;
        let popped = idle.pop();
        drop(idle);
        drop(old);
        popped
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    /// The answer has been read: the connection can be used at once.
    pub(super) fn settle(mut self) {
        self.settled = true;
    }

    /// The connection is of no use any more.
    pub(super) fn discard(mut self) {
        self.connection = None;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let idle_since = SystemClock.monotonic();
            let (made_at, settled) = (self.made_at, self.settled);
            self.home.idle().push(Idle { connection, made_at, idle_since, settled });
        }
    }
}

#[expect(clippy::expect_used, reason = "the connection is taken only by what consumes the lease")]
impl Deref for Lease<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("a lease has its connection")
    }
}

#[expect(clippy::expect_used, reason = "the connection is taken only by what consumes the lease")]
impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("a lease has its connection")
    }
}

/// Whether somebody is at the other end. What is waited for a silent one leaves time for another within `acquire_timeout`.
pub(super) async fn answers(connection: &mut PgConnection, acquire_timeout: Duration) -> bool {
    let limit = ANSWERS_WITHIN.min(acquire_timeout / 4);
    within(limit, connection.ping()).await.is_some_and(|answer| answer.is_ok())
}

/// One statement, so one round trip.
///
/// - `synchronous_commit`: what was answered is on disk, whatever the server's default. `remote_apply` promises more: it stays.
/// - `default_transaction_isolation`: under another one statements fail that get in each other's way.
/// - `enable_seqscan`: a plan that was made while a table was small is kept; it must not read the whole of it when it is large.
fn set_up(statement_timeout: Duration) -> String {
    let milliseconds = i32::try_from(statement_timeout.as_millis()).unwrap_or(i32::MAX);
    format!(
        "SELECT {SYNCHRONOUS_SESSION}, \
         set_config('statement_timeout', '{milliseconds}', false), \
         set_config('default_transaction_isolation', 'read committed', false), \
         set_config('enable_seqscan', 'off', false), \
         pg_is_in_recovery() AS is_standby"
    )
}

const SYNCHRONOUS_SESSION: &str = "set_config('synchronous_commit', \
    CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)";

/// A connection that is silent for longer is not worth waiting for: a new one takes less.
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);
/// Less than what routers on the way commonly forget a silent connection after.
const LONGEST_IDLE: Duration = Duration::from_secs(4 * 60);
/// After a failover, or behind a balancer, connections find their way to the right server.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 60);
