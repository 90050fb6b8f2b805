//! Opening the file, holding it, and giving it up.
//!
//! 1. A connection is opened by the first operation that needs it. While that fails, every operation says why.
//! 2. A connection on which an operation failed is not used again, unless the failure is no fault of its own (a full disk, a
//!    lock). The next operation opens another.
//! 3. Before each use the path must still lead to the file that is open. If not, the file that is there now is opened, as long
//!    as it is one of ours; none is made again in the place of one that was lost.
//! 4. An exclusive store holds its one connection for good: whoever got the file in between could have changed it. What
//!    happens to the file under it is [`SqliteError::Lost`] until the process ends.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::error::SqliteError;
use super::file::{self, Identity};
use super::schema;

/// Which file, and how it is used.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    exclusive: bool,
    /// The file has been there, with our tables.
    seen: AtomicBool,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
}

impl Target {
    pub(super) fn new(path: PathBuf, exclusive: bool) -> Self {
        Self { path, exclusive, seen: AtomicBool::new(false) }
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.path
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.exclusive
    }

    fn open(&self, role: Role) -> Result<Open, SqliteError> {
        let seen = self.seen.load(Ordering::Acquire);
        if seen && self.exclusive {
            return Err(SqliteError::Lost);
        }
        for _ in 0..OPEN_ATTEMPTS {
            match self.try_open(role, !seen) {
                // SQLite gives up at once where waiting could be a deadlock, as when two processes turn to the
                // write-ahead log together.
                Err(SqliteError::Busy) => std::thread::sleep(OPEN_PAUSE),
                Ok(open) => {
                    self.seen.store(true, Ordering::Release);
                    return Ok(open);
                }
                Err(error) => return Err(error),
            }
        }
        Err(SqliteError::InUse)
    }

    fn try_open(&self, role: Role, may_create: bool) -> Result<Open, SqliteError> {
        if may_create {
            file::create_if_absent(&self.path)?;
        }
        let missing = if may_create { SqliteError::Open } else { SqliteError::Lost };
        let identity = Identity::of(&self.path).ok_or(missing)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_EXRESCODE;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        if connection.is_readonly(MAIN_DB)? {
            return Err(SqliteError::ReadOnly);
        }
        connection.busy_timeout(OPEN_TIMEOUT)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        if self.exclusive {
            // Before anything is read: then the log's index lies in memory and nobody else gets in.
            let set = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
            connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", set)?;
        }
        schema::prepare(&connection, may_create)?;
        settle(&connection, role)?;
        if Identity::of(&self.path) != Some(identity) {
            return Err(SqliteError::Busy);
        }
        Ok(Open { connection, identity })
    }
}

fn settle(connection: &Connection, role: Role) -> Result<(), SqliteError> {
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    let size = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT_BYTES, size)?;
    if role == Role::Reader {
        connection.pragma_update(None, "query_only", true)?;
    }
    // Looks more often than SQLite's own handler, which may sleep for 100 ms: another process that writes all the time lets
    // go of the lock for an instant only.
    connection.busy_handler(Some(|waited| {
        std::thread::sleep(LOCK_PAUSE);
        waited < LOCK_ATTEMPTS
    }))?;
    Ok(())
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    identity: Identity,
}

/// The connection of one thread, if it has one.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    target: &'a Target,
    role: Role,
    open: Option<Open>,
}

impl<'a> Slot<'a> {
    pub(super) fn new(target: &'a Target, role: Role) -> Self {
        Self { target, role, open: None }
    }

    /// The connection, opened if need be.
    pub(super) fn connection(&mut self) -> Result<&Connection, SqliteError> {
        if self.open.is_some() && self.check_file().is_err() {
            if self.target.exclusive {
                return Err(SqliteError::Lost);
            }
            self.open = None;
        }
        let open = match self.open.take() {
            Some(open) => open,
            None => self.target.open(self.role)?,
        };
        Ok(&self.open.insert(open).connection)
    }

    /// Whether the path leads to the file that is open.
    pub(super) fn check_file(&self) -> Result<(), SqliteError> {
        let open = self.open.as_ref().ok_or(SqliteError::Lost)?;
        let same = Identity::of(&self.target.path) == Some(open.identity);
        if same { Ok(()) } else { Err(SqliteError::Lost) }
    }

    /// An operation failed.
    pub(super) fn failed(&mut self, error: &SqliteError) {
        let harmless =
            matches!(error, SqliteError::Full | SqliteError::Busy | SqliteError::Version);
        if !harmless && !self.target.exclusive {
            self.open = None;
        }
    }
}

const OPEN_ATTEMPTS: u32 = 20;
const OPEN_PAUSE: Duration = Duration::from_millis(25);
const OPEN_TIMEOUT: Duration = Duration::from_millis(100);
const LOCK_PAUSE: Duration = Duration::from_millis(1);
const LOCK_ATTEMPTS: i32 = 5000;
const CACHED_STATEMENTS: usize = 64;
const LOG_KEPT_BYTES: i64 = 64 << 20;
