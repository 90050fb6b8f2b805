//! Why the file could not be used. No text holds data of a session: SQLite's own messages are not passed on.

use std::io;

use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_READONLY_DBMOVED, code_to_str};

/// Why a [`SqliteStore`](crate::SqliteStore) cannot do its work.
///
/// But for [`NotAFile`](Self::NotAFile) the store tries again with the next operation, so that it works again once the cause
/// is gone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// `:memory:`, an empty path, or a `file:` URI.
    #[error("the path names no file; for sessions in memory use MemoryStore")]
    NotAFile,
    /// The path is relative, and the current directory is unknown.
    #[error("the current directory cannot be told: {0}")]
    NoCurrentDirectory(io::ErrorKind),
    /// The file is not there and cannot be made: the directory is missing or may not be written to.
    #[error("the database file cannot be created: {0}")]
    Create(io::ErrorKind),
    /// The file, or one of those that SQLite keeps beside it, cannot be opened.
    #[error("the database file cannot be opened, or a file beside it cannot be created")]
    Open,
    /// The file may only be read.
    #[error("the database file, or its file system, is read-only")]
    ReadOnly,
    /// Another process holds the file for itself; or this one is to hold it alone, and another uses it.
    #[error("another process uses the database file, and one of the two wants it for itself")]
    InUse,
    /// The file could not be locked in time: another process was writing all the while.
    #[error("the database file stayed locked by others for too long")]
    Busy,
    /// The file holds the data of another application.
    #[error("the file is the database of another application")]
    Foreign,
    /// The file was written by a later version of this crate.
    #[error("the database has schema version {found}, this version of the crate knows {known}")]
    Newer {
        /// The file's version.
        found: i32,
        /// The latest version known here.
        known: i32,
    },
    /// What is read makes no sense.
    #[error("the file is damaged, or no SQLite database")]
    Damaged,
    /// The file was there and is gone, was emptied, or (with [`exclusive`](crate::SqliteStore::exclusive)) is another one now.
    #[error("the database file was deleted or replaced while it was in use")]
    Lost,
    /// The disk, or what the file may take of it, is full.
    #[error("there is no room for the database file")]
    Full,
    /// The file system does not offer what SQLite's write-ahead log needs.
    #[error("the file system does not support SQLite's write-ahead log")]
    NoWriteAheadLog,
    /// Too many operations are waiting already.
    #[error("too many operations wait for the database file")]
    Overloaded,
    /// A version would exceed `i64::MAX`.
    #[error("a version is out of range")]
    Version,
    /// The thread that works on the file could not be started, or panicked in the middle of the operation.
    #[error("the database thread could not do the operation")]
    Thread,
    /// Any other error.
    #[error("SQLite error {code}: {meaning}")]
    Sqlite {
        /// SQLite's extended result code.
        code: i32,
        /// What SQLite calls it.
        meaning: &'static str,
    },
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(error, _) => match error.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::ReadOnly if error.extended_code == SQLITE_READONLY_DBMOVED => Self::Lost,
                ErrorCode::ReadOnly => Self::ReadOnly,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
                ErrorCode::CannotOpen => Self::Open,
                _ => Self::Sqlite {
                    code: error.extended_code,
                    meaning: code_to_str(error.extended_code),
                },
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::QueryReturnedNoRows => Self::Damaged,
            _ => Self::Sqlite { code: 0, meaning: "the statement does not fit" },
        }
    }
}
