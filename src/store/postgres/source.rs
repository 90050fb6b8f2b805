//! Statements, sent over connections of our own or of the application's pool.

use std::time::Duration;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgRow};

use super::connections::{Connections, Lease, answers};
use super::error::PostgresStoreError;
use super::patience::within;
use super::pooler;
use super::settings::PostgresSettings;
use super::statements::Statement;

/// Where connections come from, and how long they are waited for.
pub(super) struct Source {
    pool: Pool,
    acquire_timeout: Duration,
    answer_timeout: Duration,
}

enum Pool {
    Own(Box<Connections>),
    Application(PgPool),
}

enum Leased<'a> {
    Own(Lease<'a>),
    Application(PoolConnection<Postgres>),
}

/// May the statement be sent again if its answer was lost?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It changes nothing, or the second time nothing more; or whoever sends it can tell whether the first time did.
    Harmless,
    /// Its second answer might be another.
    Never,
}

/// What a statement was answered with.
pub(super) struct Answered {
    pub(super) rows: Vec<PgRow>,
    /// Its first answer was lost: it may have been done before.
    pub(super) was_repeated: bool,
}

/// Why there are no rows.
enum Failure {
    /// The statement was not sent.
    NotSent(PostgresStoreError),
    /// The statement was sent; the connection is lost.
    Lost(PostgresStoreError),
    /// The server answered so, or not at all.
    Answered(PostgresStoreError),
}

impl Source {
    pub(super) fn own(options: PgConnectOptions, settings: &PostgresSettings) -> Self {
        Self::new(Pool::Own(Box::new(Connections::new(options, settings))), settings)
    }

    pub(super) fn application(pool: PgPool, settings: &PostgresSettings) -> Self {
        Self::new(Pool::Application(pool), settings)
    }

    fn new(pool: Pool, settings: &PostgresSettings) -> Self {
        let acquire_timeout = settings.acquire_timeout;
        Self { pool, acquire_timeout, answer_timeout: settings.answer_timeout() }
    }

    pub(super) fn answer_timeout(&self) -> Duration {
        self.answer_timeout
    }

    pub(super) fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout
    }

    /// How long a connection and its answer may take together.
    pub(super) fn patience(&self) -> Duration {
        self.acquire_timeout.saturating_add(self.answer_timeout)
    }

    pub(super) fn most_connections(&self) -> usize {
        match &self.pool {
            Pool::Own(connections) => connections.most(),
            Pool::Application(pool) => pool.options().get_max_connections() as usize,
        }
    }

    /// For a connection that is not one of the pool's.
    pub(super) fn connect_options(&self) -> PgConnectOptions {
        match &self.pool {
            Pool::Own(connections) => connections.options().clone(),
            Pool::Application(pool) => pool.connect_options().as_ref().clone(),
        }
    }

    /// Sends a statement and reads all rows of its answer.
    ///
    /// A statement that can be repeated goes over the next connection as it is: a dead one costs it a second try, a live one
    /// nothing. Any other goes over a connection that has just answered, and is sent once.
    pub(super) async fn rows(
        &self,
        statement: &Statement,
        arguments: PgArguments,
        repeat: Repeat,
    ) -> Result<Answered, PostgresStoreError> {
        let mut was_repeated = false;
        let outcome = match repeat {
            Repeat::Harmless => match self.ask(statement, arguments.clone(), false).await {
                Err(Failure::Lost(_)) => {
                    was_repeated = true;
                    self.ask(statement, arguments, true).await
                }
                outcome => outcome,
            },
            Repeat::Never => self.ask(statement, arguments, true).await,
        };
        match outcome {
            Ok(rows) => Ok(Answered { rows, was_repeated }),
            Err(Failure::NotSent(error) | Failure::Lost(error) | Failure::Answered(error)) => {
                Err(error)
            }
        }
    }

    async fn ask(
        &self,
        statement: &Statement,
        arguments: PgArguments,
        tested: bool,
    ) -> Result<Vec<PgRow>, Failure> {
        let leased = within(self.acquire_timeout, self.acquire(tested)).await;
        let mut leased = leased
            .unwrap_or(Err(PostgresStoreError::NoConnectionInTime))
            .map_err(Failure::NotSent)?;
        let query = sqlx::query_with(&statement.sql, arguments);
        let answer = within(self.answer_timeout, query.fetch_all(leased.connection())).await;
        let answer = answer.map(|answer| {
            let rows = answer.map_err(PostgresStoreError::from)?;
            pooler::check_tags(statement, &rows).map(|()| rows)
        });
        match answer {
            Some(Ok(rows)) => {
                leased.settle();
                Ok(rows)
            }
            Some(Err(error)) => {
                if error.is_mixed_statements() {
                    // None of the statements of any connection can be trusted.
                    leased.discard();
                    self.connection_was_lost();
                    Err(Failure::Answered(error))
                } else if error.is_lost_connection() {
                    leased.discard();
                    self.connection_was_lost();
                    Err(Failure::Lost(error))
                } else {
                    drop(leased);
                    Err(Failure::Answered(error))
                }
            }
            None => {
                leased.discard();
                self.connection_was_lost();
                Err(Failure::Answered(PostgresStoreError::NoAnswerInTime))
            }
        }
    }

    async fn acquire(&self, tested: bool) -> Result<Leased<'_>, PostgresStoreError> {
        match &self.pool {
            Pool::Own(connections) => connections.acquire(tested).await.map(Leased::Own),
            Pool::Application(pool) => {
                // Each of its connections may be dead.
                for _ in 0..=pool.options().get_max_connections() {
                    let mut connection = pool.acquire().await?;
                    if !tested || answers(&mut connection, self.acquire_timeout).await {
                        return Ok(Leased::Application(connection));
                    }
                    Leased::Application(connection).discard();
                }
                Err(PostgresStoreError::NoConnectionInTime)
            }
        }
    }

    fn connection_was_lost(&self) {
        match &self.pool {
            Pool::Own(connections) => connections.give_up_idle(),
            Pool::Application(_) => {}
        }
    }
}

impl Leased<'_> {
    fn connection(&mut self) -> &mut PgConnection {
        match self {
            Self::Own(lease) => lease,
            Self::Application(connection) => connection,
        }
    }

    fn settle(self) {
        match self {
            Self::Own(lease) => lease.settle(),
            Self::Application(connection) => drop(connection),
        }
    }

    fn discard(self) {
        match self {
            Self::Own(lease) => lease.discard(),
            // Without a farewell: nobody listens.
            Self::Application(connection) => drop(connection.detach()),
        }
    }
}
