//! The tables, and the versions they came in.
//!
//! | the file | what happens |
//! |---|---|
//! | empty, never seen before | the tables are made |
//! | ours, an older version | the missing migrations are run, in one transaction |
//! | ours, this version | nothing |
//! | ours, a newer version | [`SqliteError::Newer`] |
//! | empty, though it was ours before | [`SqliteError::Lost`]: an emptied file is no sign-out |
//! | anything else | [`SqliteError::Foreign`]; not a byte of it is changed |
//!
//! A migration must leave the tables usable for the version before it, which may be running still: it adds, and removes only
//! what the version before does not use.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::SqliteError;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Empty,
    Ours { version: i32 },
}

/// Makes sure that the tables are there, in this version, under a write-ahead log.
pub(super) fn prepare(connection: &Connection, may_create: bool) -> Result<(), SqliteError> {
    // As of one moment: another process may be making the tables.
    let snapshot = connection.unchecked_transaction()?;
    let standing = standing(&snapshot)?;
    snapshot.commit()?;
    if standing == Standing::Empty && !may_create {
        return Err(SqliteError::Lost);
    }
    enter_write_ahead_log(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if standing != (Standing::Ours { version: VERSION }) {
        migrate(connection)?;
    }
    Ok(())
}

fn standing(connection: &Connection) -> Result<Standing, SqliteError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION_ID, version @ 1..=VERSION) => Ok(Standing::Ours { version }),
        (APPLICATION_ID, found) => Err(SqliteError::Newer { found, known: VERSION }),
        (0, 0) => {
            let tables: i64 = connection.query_row(COUNT_TABLES, [], |row| row.get(0))?;
            if tables == 0 { Ok(Standing::Empty) } else { Err(SqliteError::Foreign) }
        }
        _ => Err(SqliteError::Foreign),
    }
}

fn enter_write_ahead_log(connection: &Connection) -> Result<(), SqliteError> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode == "wal" { Ok(()) } else { Err(SqliteError::NoWriteAheadLog) }
}

fn migrate(connection: &Connection) -> Result<(), SqliteError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let done = match standing(&transaction)? {
        Standing::Empty => 0,
        Standing::Ours { version } => version,
    };
    for migration in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

/// Spells "oses" in the file's header.
pub(super) const APPLICATION_ID: i32 = 0x6F73_6573;

/// The version that all migrations lead to.
pub(super) const VERSION: i32 = 1;

/// The version before leads to the next by the statements at its place.
const MIGRATIONS: [&str; VERSION as usize] = [TABLES];

const COUNT_TABLES: &str = "SELECT count(*) FROM sqlite_schema";

/// Sessions lie in a table with row ids, since rows of a kilobyte or two make a poor index: small things first, so that they
/// are read without the pages that long content runs over to.
const TABLES: &str = "
CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    key_id BLOB NOT NULL,
    session_key BLOB NOT NULL,
    sid_key BLOB NOT NULL,
    sub_key BLOB NOT NULL,
    auth_version INTEGER NOT NULL,
    application_version INTEGER NOT NULL,
    summary BLOB NOT NULL,
    auth BLOB NOT NULL,
    application BLOB
) STRICT;
CREATE INDEX session_by_session_key ON session (session_key);
CREATE INDEX session_by_sid_key ON session (sid_key);
CREATE INDEX session_by_sub_key ON session (sub_key);
CREATE INDEX session_by_expiry ON session (expires_at);

CREATE TABLE remembered (
    key BLOB NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_by_end ON remembered (until);

CREATE TABLE marker (
    key BLOB NOT NULL PRIMARY KEY,
    begun_after INTEGER NOT NULL,
    authenticated_after INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX marker_by_end ON marker (until);

CREATE TABLE lock (
    key BLOB NOT NULL PRIMARY KEY,
    holder BLOB NOT NULL,
    taken_at_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lock_by_end ON lock (until_ms);
";
