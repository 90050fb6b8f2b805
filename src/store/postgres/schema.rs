//! The tables, and the version that says what they look like.
//!
//! 1. A migration is a text; version n is reached by the first n of them. They add: a node of the version before goes on
//!    working while the nodes are replaced one by one.
//! 2. Migrating is one transaction under an advisory lock: of nodes that start at once the second finds it done.
//! 3. A version that is newer than what this crate knows, or that is none, is an error, and so are tables that are another's
//!    ([`shape`]). They are not used, and nothing is changed.

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _, Row as _};

use super::error::PostgresStoreError;
use super::shape;
use super::tables::Tables;

/// The text that leads to version 1, the one that leads from there to version 2, and so on.
pub(super) const MIGRATIONS: [&str; 1] = [include_str!("schema/1.sql")];

/// The newest version.
pub(super) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Whether the tables can be used as they are.
pub(super) async fn is_ready(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<bool, PostgresStoreError> {
    Ok(version(connection, tables).await? == Some(KNOWN))
}

/// The version of the tables, one that is known here; `None` if there are none.
async fn version(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<Option<i64>, PostgresStoreError> {
    // Reading a catalog makes the server forget what it remembers of it: `to_regclass` alone would not notice that another node
    // made the table while this one waited for the lock.
    let exists = format!(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass('{}'))",
        tables.version()
    );
    let exists = connection.fetch_one(exists.as_str()).await?.try_get(0)?;
    let version = if exists { read_version(connection, tables).await? } else { None };
    match version {
        Some(found) if found > KNOWN => {
            return Err(PostgresStoreError::NewerSchema { found, known: KNOWN });
        }
        Some(found) if found < 1 => return Err(PostgresStoreError::ForeignTable(tables.version())),
        _ => {}
    }
    shape::check(connection, tables).await?;
    Ok(version)
}

async fn read_version(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<Option<i64>, PostgresStoreError> {
    let foreign = || PostgresStoreError::ForeignTable(tables.version());
    let sql = format!("SELECT version FROM {}", tables.version());
    let row = connection.fetch_optional(sql.as_str()).await.map_err(PostgresStoreError::from);
    match row {
        Err(error) if error.is_schema_gone() => Err(foreign()),
        row => row?.map(|row| row.try_get(0).map_err(|_| foreign())).transpose(),
    }
}

/// Brings the tables to the newest version.
pub(super) async fn migrate(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<(), PostgresStoreError> {
    match try_to_migrate(connection, tables).await {
        Err(error) if error.is_not_allowed() => Err(PostgresStoreError::SchemaNotAllowed),
        outcome => outcome,
    }
}

async fn try_to_migrate(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<(), PostgresStoreError> {
    let mut transaction = connection.begin().await?;
    // A large table takes its time, and so does waiting for the node that is at it.
    transaction.execute("SET LOCAL statement_timeout = 0").await?;
    transaction.execute(format!("SELECT pg_advisory_xact_lock({LOCK})").as_str()).await?;
    let version = version(&mut transaction, tables).await?;
    if version != Some(KNOWN) {
        transaction.execute(text(tables, version.unwrap_or(0)).as_str()).await?;
    }
    Ok(transaction.commit().await?)
}

/// The statements that lead from version `from` to the newest.
pub(super) fn text(tables: &Tables, from: i64) -> String {
    let from = usize::try_from(from).unwrap_or(0).min(MIGRATIONS.len());
    let mut text: String = MIGRATIONS[from..].iter().map(|sql| tables.fill_in(sql)).collect();
    text.push_str(&format!(
        "INSERT INTO {} AS old (version) VALUES ({KNOWN})\n    ON CONFLICT (only_row) DO UPDATE SET version = GREATEST(old.version, excluded.version);\n",
        tables.version()
    ));
    text
}

/// Any number, so long as every version of this crate takes the same.
const LOCK: i64 = 0x6f69_6463_5f73_6573;
