//! Whether the tables of our names are ours: nothing is read from, written to or altered in those of another application.
//!
//! 1. A table that is there has every column of ours, of our type.
//! 2. It may have others, of a later version or an administrator's, if a row can be inserted without them.

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{Executor as _, Row as _};

use super::error::PostgresStoreError;
use super::tables::Tables;

/// Fails if there is a table of one of our names that is not ours.
pub(super) async fn check(
    connection: &mut PgConnection,
    tables: &Tables,
) -> Result<(), PostgresStoreError> {
    // One by one: the columns of a table are found by its index, those of several by reading the whole catalog.
    let columns = SHAPES.map(|(suffix, _)| {
        format!(
            "SELECT '{suffix}', attname::text, format_type(atttypid, NULL), \
             attnotnull AND NOT atthasdef AND attidentity = '' FROM pg_catalog.pg_attribute \
             WHERE attrelid = to_regclass('{}') AND attnum > 0 AND NOT attisdropped",
            tables.name(suffix)
        )
    });
    let rows = connection.fetch_all(columns.join(" UNION ALL ").as_str()).await?;
    let found: Vec<Column> = rows.iter().map(Column::read).collect::<Result<_, _>>()?;
    for (suffix, wanted) in SHAPES {
        let there: Vec<&Column> = found.iter().filter(|column| column.table == suffix).collect();
        if !there.is_empty() && !is_ours(&there, wanted) {
            return Err(PostgresStoreError::ForeignTable(tables.name(suffix)));
        }
    }
    Ok(())
}

struct Column {
    table: String,
    name: String,
    kind: String,
    must_be_given: bool,
}

impl Column {
    fn read(row: &PgRow) -> Result<Self, PostgresStoreError> {
        Ok(Self {
            table: row.try_get(0)?,
            name: row.try_get(1)?,
            kind: row.try_get(2)?,
            must_be_given: row.try_get(3)?,
        })
    }
}

fn is_ours(there: &[&Column], wanted: &[(&str, &str)]) -> bool {
    let has = |(name, kind): &(&str, &str)| {
        there.iter().any(|column| column.name == *name && column.kind == *kind)
    };
    let is_known = |column: &&Column| wanted.iter().any(|(name, _)| column.name == *name);
    wanted.iter().all(has) && there.iter().all(|column| is_known(column) || !column.must_be_given)
}

type Shape = (&'static str, &'static [(&'static str, &'static str)]);

/// The columns of version 1; what a later version adds need not be listed.
const SHAPES: [Shape; 5] = [
    (
        "data",
        &[
            ("id", "bytea"),
            ("auth_version", "bigint"),
            ("auth", "bytea"),
            ("application_version", "bigint"),
            ("application", "bytea"),
            ("key_id", "bytea"),
            ("session_key", "bytea"),
            ("sid_key", "bytea"),
            ("sub_key", "bytea"),
            ("summary", "bytea"),
            ("expires_at", "bigint"),
        ],
    ),
    (
        "markers",
        &[
            ("key", "bytea"),
            ("begun_after", "bigint"),
            ("authenticated_after", "bigint"),
            ("until", "bigint"),
        ],
    ),
    ("remembered", &[("key", "bytea"), ("until", "bigint")]),
    ("locks", &[("key", "bytea"), ("holder", "bytea"), ("until", "timestamp with time zone")]),
    ("version", &[("version", "bigint"), ("only_row", "boolean")]),
];
