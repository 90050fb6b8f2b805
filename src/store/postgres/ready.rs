//! Whether the database can be used as it is: its tables, and the way there.

use std::sync::atomic::Ordering;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnection;

use super::error::PostgresStoreError;
use super::patience::within;
use super::store::PostgresStore;
use super::{pooler, schema};

impl PostgresStore {
    /// What the tables or a pooler explain is looked into before the next statement.
    pub(super) fn note(&self, error: &PostgresStoreError) {
        if error.is_mixed_statements() {
            self.0.pooler.note(error);
        }
        if error.is_mixed_statements() || error.is_schema_gone() {
            self.0.is_ready.store(false, Ordering::Release);
        }
    }

    /// Looks at the tables before the first statement, and again after a failure that they explain.
    pub(super) async fn ready(&self) -> Result<(), PostgresStoreError> {
        if self.0.is_ready.load(Ordering::Acquire) {
            return Ok(());
        }
        self.0.pooler.check()?;
        let limit = self.0.source.patience();
        let looked = within(limit, self.look_at_tables()).await;
        looked.unwrap_or(Err(PostgresStoreError::NoConnectionInTime))
    }

    async fn look_at_tables(&self) -> Result<(), PostgresStoreError> {
        let _looking = self.0.looking.lock().await;
        if self.0.is_ready.load(Ordering::Acquire) {
            return Ok(());
        }
        self.0.pooler.check()?;
        let mut connection = self.connect_apart().await?;
        if !schema::is_ready(&mut connection, &self.0.tables).await? {
            schema::migrate(&mut connection, &self.0.tables).await?;
        }
        let probed = pooler::probe(&mut connection, self.connect_apart()).await;
        probed.inspect_err(|error| self.0.pooler.note(error))?;
        self.0.is_ready.store(true, Ordering::Release);
        Ok(())
    }

    /// A connection that is closed after its use: migrating leaves nothing behind on one of the pool's.
    pub(super) async fn connect_apart(&self) -> Result<PgConnection, PostgresStoreError> {
        let options = self.0.source.connect_options();
        let connection = within(self.0.source.acquire_timeout(), options.connect()).await;
        Ok(connection.ok_or(PostgresStoreError::NoConnectionInTime)??)
    }
}
