//! Everything that can go wrong between here and the database.
//!
//! 1. No text, `Debug` included, shows the connection URL, a password, an id or what is stored. Of what the server says, the
//!    primary message is shown, never the detail: that quotes rows.
//! 2. What says that a connection is lost is told from what a living connection answered.

use std::io;

use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// Why a [`PostgresStore`](crate::PostgresStore) could not be made or asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresStoreError {
    /// The connection URL is none.
    #[error("the connection URL cannot be read: {0}")]
    Url(&'static str),
    /// The connection URL has a parameter that means nothing here, perhaps misspelt.
    #[error("the connection URL has an unknown parameter: {0}")]
    UnknownParameter(String),
    /// The connection to another machine may be in clear text: the `sslmode` is `prefer` (the default), `allow` or `disable`.
    #[error(
        "the connection to another machine may be in clear text: say sslmode=verify-full (or \
         require) in the URL, or PostgresSettings::insecure_allow_clear_text"
    )]
    ClearText,
    /// A schema name or table prefix that is not allowed.
    #[error(
        "{setting}: must be 1 to {longest} characters of a-z, 0-9 and _, not beginning with a digit"
    )]
    Name {
        /// The method of [`PostgresSettings`](crate::PostgresSettings).
        setting: &'static str,
        /// How long the name may be.
        longest: usize,
    },
    /// A setting that is outside its range.
    #[error("{0}: must be at least 1")]
    Zero(&'static str),
    /// No connection was free, or could be made, in time.
    #[error("no connection to the database in time")]
    NoConnectionInTime,
    /// The database did not answer in time. Whether it did what it was asked to is not known.
    #[error("no answer from the database in time")]
    NoAnswerInTime,
    /// The database cannot be reached, or the connection was lost.
    #[error("no connection to the database: {0}")]
    Connection(io::ErrorKind),
    /// The connection cannot be encrypted as the connection URL demands, or the server's certificate is not accepted.
    #[error("no TLS connection to the database: {0}")]
    Tls(String),
    /// The server refused.
    #[error("the database refused: {message} (SQLSTATE {sqlstate})")]
    Refused {
        /// PostgreSQL's code for the reason (Appendix A of its manual).
        sqlstate: String,
        /// Its primary message.
        message: String,
        /// Whether the connection ended with it.
        fatal: bool,
    },
    /// The server only copies another: it may not know of the latest revocation, and takes no sessions.
    #[error("the database server is a standby; sessions need the primary")]
    Standby,
    /// The tables were made by a newer version of this crate.
    #[error("the tables have version {found}, this crate knows up to {known}: use a newer one")]
    NewerSchema {
        /// The version of the tables.
        found: i64,
        /// The newest that this crate knows.
        known: i64,
    },
    /// A table of this name is another application's. Nothing was changed.
    #[error("the table {0} is not one of this crate's: choose another schema or table prefix")]
    ForeignTable(String),
    /// The tables are missing or of an older version, and this role may not make them.
    #[error(
        "the tables are missing or too old, and this role may not make them: run the text of schema_sql() as another"
    )]
    SchemaNotAllowed,
    /// The connection is not the one that listened: a pooler keeps changing it.
    #[error("the connection does not listen any more; listening needs a direct one")]
    NotListening,
    /// A statement was answered by another one, or is not there any more: a pooler gives the statements that one client has
    /// prepared to others (PgBouncer in transaction mode). Nothing of what it answers counts.
    #[error(
        "a pooler between here and the database mixes up the prepared statements of its clients ({evidence}): set \
         max_prepared_statements above 0 in PgBouncer (1.21 or later), or pool_mode = session, or connect to PostgreSQL directly"
    )]
    MixedStatements {
        /// How it was noticed.
        evidence: String,
    },
    /// What the server sent cannot be understood.
    #[error("the answer of the database cannot be read")]
    Unreadable,
    /// The application's pool was closed.
    #[error("the pool of connections is closed")]
    PoolClosed,
}

impl PostgresStoreError {
    /// Whether the connection is of no use any more, for a reason that another connection may not have.
    pub(super) fn is_lost_connection(&self) -> bool {
        match self {
            Self::Connection(_) | Self::Unreadable => true,
            Self::Refused { fatal, .. } => *fatal,
            _ => false,
        }
    }

    /// Whether a statement for other rows may do better: the server lives and took the statement, and something stopped it.
    pub(super) fn may_be_of_one_row(&self) -> bool {
        match self {
            Self::Refused { sqlstate, fatal: false, .. } => {
                !OF_EVERY_ROW.iter().any(|class| sqlstate.starts_with(class))
            }
            _ => false,
        }
    }

    /// Whether the tables are not what they were when they were looked at.
    pub(super) fn is_schema_gone(&self) -> bool {
        // undefined_table, undefined_column, invalid_schema_name
        matches!(self, Self::Refused { sqlstate, .. } if ["42P01", "42703", "3F000"].contains(&sqlstate.as_str()))
    }

    pub(super) fn is_mixed_statements(&self) -> bool {
        matches!(self, Self::MixedStatements { .. })
    }

    pub(super) fn is_not_allowed(&self) -> bool {
        // insufficient_privilege
        matches!(self, Self::Refused { sqlstate, .. } if sqlstate == "42501")
    }

    pub(super) fn is_out_of_space(&self) -> bool {
        // disk_full
        matches!(self, Self::Refused { sqlstate, .. } if sqlstate == "53100")
    }
}

impl PostgresStoreError {
    fn refused(error: &PgDatabaseError) -> Self {
        let fatal = matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic);
        // PgBouncer reports failures of its own as a fatal 08P01.
        if !fatal && OF_ANOTHER_STATEMENT.contains(&error.code()) {
            return Self::MixedStatements { evidence: format!("SQLSTATE {}", error.code()) };
        }
        let (sqlstate, message) = (error.code().to_owned(), error.message().to_owned());
        Self::Refused { sqlstate, message, fatal }
    }
}

impl From<sqlx::Error> for PostgresStoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => Self::refused(error),
                None => Self::Unreadable,
            },
            sqlx::Error::Io(error) => Self::Connection(error.kind()),
            sqlx::Error::Tls(error) => Self::Tls(error.to_string()),
            sqlx::Error::PoolTimedOut => Self::NoConnectionInTime,
            sqlx::Error::PoolClosed => Self::PoolClosed,
            _ => Self::Unreadable,
        }
    }
}

/// Classes of SQLSTATE that say nothing of what is stored: feature not supported (a plan that is out of date), transaction state,
/// statement name, schema name, transaction rollback, access rule, resources, object state, operator (57014: too slow).
const OF_EVERY_ROW: [&str; 9] = ["0A", "25", "26", "3F", "40", "42", "53", "55", "57"];

/// What a server answers to the arguments of one statement that reach another: no such statement, one of this name exists,
/// arguments of another number, arguments of another kind. Over a connection of our own none of these can be.
const OF_ANOTHER_STATEMENT: [&str; 4] = ["26000", "42P05", "08P01", "22P03"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_is_to_blame_for_what_is_stored_alone() {
        let refused = |sqlstate: &str, fatal| {
            let (sqlstate, message) = (sqlstate.to_owned(), String::new());
            PostgresStoreError::Refused { sqlstate, message, fatal }.may_be_of_one_row()
        };
        for sqlstate in ["XX001", "XX000", "58030", "22P02", "54000", "P0001"] {
            assert!(refused(sqlstate, false), "{sqlstate}");
            assert!(!refused(sqlstate, true), "{sqlstate}");
        }
        for sqlstate in
            ["57014", "57P01", "53100", "53200", "42P01", "42501", "3F000", "40001", "0A000"]
        {
            assert!(!refused(sqlstate, false), "{sqlstate}");
        }
        for other in [PostgresStoreError::NoAnswerInTime, PostgresStoreError::Unreadable] {
            assert!(!other.may_be_of_one_row(), "{other}");
        }
    }
}
