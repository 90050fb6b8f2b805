//! Poolers that mix up the statements of their clients.
//!
//! A pooler in transaction mode gives each transaction the next free connection of the server. The statements that a client has
//! prepared stay with the connection that it had then: the next transaction may find none under the name, or another client's.
//!
//! 1. Before the first statement two connections prepare one each, under the same name. Over a pooler that mixes them up the
//!    server refuses, or answers with the other.
//! 2. Every answer has at least one row, and each row begins with the tag of its statement. An answer without it counts for
//!    nothing: no session is gone, no marker is missing.
//! 3. After either, the store is unusable for [`PAUSE`]: statements that reach the wrong place do there what they should not.
//!    Then it looks again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Row as _, ValueRef as _};

use super::error::PostgresStoreError;
use super::patience::within;
use super::statements::{Statement, TAG};
use crate::clock::{Clock as _, SystemClock};

/// When statements were last seen to be mixed up.
#[derive(Default)]
pub(super) struct Pooler {
    seen: Mutex<Option<(Duration, PostgresStoreError)>>,
}

impl Pooler {
    pub(super) fn note(&self, error: &PostgresStoreError) {
        if error.is_mixed_statements() {
            *self.seen() = Some((SystemClock.monotonic(), error.clone()));
        }
    }

    /// Fails while the store is unusable.
    pub(super) fn check(&self) -> Result<(), PostgresStoreError> {
        let mut seen = self.seen();
        match &*seen {
            Some((at, error)) if SystemClock.monotonic().saturating_sub(*at) < PAUSE => {
                Err(error.clone())
            }
            _ => {
                *seen = None;
                Ok(())
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, Option<(Duration, PostgresStoreError)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails if the answer is that of another statement.
pub(super) fn check_tags(statement: &Statement, rows: &[PgRow]) -> Result<(), PostgresStoreError> {
    // As bytes: a column of any other kind is another tag.
    let is_tagged = |row: &PgRow| {
        let value = row.try_get_raw(0).ok();
        let bytes = value.filter(|value| !value.is_null()).and_then(|value| value.as_bytes().ok());
        bytes == Some(&statement.tag.to_be_bytes())
    };
    if !rows.is_empty() && rows.iter().all(is_tagged) {
        return Ok(());
    }
    let evidence = "a statement was answered by another".to_owned();
    Err(PostgresStoreError::MixedStatements { evidence })
}

/// Fails if the statements of two connections are seen to be mixed up. Whatever else goes wrong proves nothing.
pub(super) async fn probe(
    first: &mut PgConnection,
    second: impl Future<Output = Result<PgConnection, PostgresStoreError>>,
) -> Result<(), PostgresStoreError> {
    let [one, other] = ["1", "2"].map(|number| Statement::new(&format!("SELECT {TAG}, {number}")));
    let probing = async {
        ask(first, &one).await?;
        let mut second = second.await?;
        ask(&mut second, &other).await?;
        ask(first, &one).await?;
        ask(&mut second, &other).await
    };
    match within(PROBED_WITHIN, probing).await {
        Some(Err(error)) if error.is_mixed_statements() => Err(error),
        _ => Ok(()),
    }
}

async fn ask(connection: &mut PgConnection, asked: &Statement) -> Result<(), PostgresStoreError> {
    let rows = sqlx::query(&asked.sql).fetch_all(connection).await?;
    check_tags(asked, &rows)
}

/// How long the store is unusable after statements were seen to be mixed up.
const PAUSE: Duration = Duration::from_secs(1);
/// A pooler may have one connection of the server for all.
const PROBED_WITHIN: Duration = Duration::from_millis(500);
