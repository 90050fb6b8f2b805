//! What a store keeps beside sessions: used login attempts, markers, locks; and the end of all that is over.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};
use tower_sessions::session::Id;

use super::error::SqliteError;
use super::sessions::id_bytes;
use super::statements;
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, Marker};

pub(super) fn remember(
    connection: &Connection,
    key: &Id,
    until: UnixTime,
    now: UnixTime,
) -> Result<bool, SqliteError> {
    let new = connection.prepare_cached(statements::REMEMBER)?.execute(params![
        id_bytes(key),
        until.seconds(),
        now.seconds(),
    ])?;
    Ok(new == 1)
}

pub(super) fn mark(
    connection: &Connection,
    markers: &[Marker],
    now: UnixTime,
) -> Result<(), SqliteError> {
    let mut forget = connection.prepare_cached(statements::DELETE_PAST_MARKER)?;
    let mut merge = connection.prepare_cached(statements::MERGE_MARKER)?;
    for marker in markers {
        forget.execute(params![marker.key.0, now.seconds()])?;
        merge.execute(params![
            marker.key.0,
            marker.begun_after.seconds(),
            marker.authenticated_after.seconds(),
            marker.until.seconds(),
        ])?;
    }
    Ok(())
}

/// The markers under `keys`, as of one moment: of two that were kept together, both are seen or none.
pub(super) fn markers(
    connection: &Connection,
    keys: &BTreeSet<IndexKey>,
    now: UnixTime,
) -> Result<Vec<Marker>, SqliteError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = Vec::new();
    {
        let mut statement = snapshot.prepare_cached(statements::FIND_MARKER)?;
        for key in keys {
            let read = |row: &rusqlite::Row<'_>| {
                let time = |column| row.get(column).map(UnixTime::from_seconds);
                let (begun_after, authenticated_after) = (time(0)?, time(1)?);
                Ok(Marker { key: *key, begun_after, authenticated_after, until: time(2)? })
            };
            found.extend(statement.query_row(params![key.0, now.seconds()], read).optional()?);
        }
    }
    snapshot.commit()?;
    Ok(found)
}

pub(super) fn lock(
    connection: &Connection,
    key: &Id,
    holder: &Id,
    lease: Duration,
) -> Result<bool, SqliteError> {
    // A lease is never shorter than asked for.
    let milliseconds = lease.as_nanos().div_ceil(1_000_000);
    let milliseconds =
        i64::try_from(milliseconds).unwrap_or(LONGEST_LEASE_MS).min(LONGEST_LEASE_MS);
    let mut statement = connection.prepare_cached(statements::TAKE_LOCK)?;
    Ok(statement.execute(params![id_bytes(key), id_bytes(holder), milliseconds])? == 1)
}

pub(super) fn unlock(connection: &Connection, key: &Id, holder: &Id) -> Result<(), SqliteError> {
    let mut statement = connection.prepare_cached(statements::RELEASE_LOCK)?;
    statement.execute(params![id_bytes(key), id_bytes(holder)])?;
    Ok(())
}

/// Deletes `most` of the sessions that have expired; how many there were.
pub(super) fn delete_expired_sessions(
    connection: &Connection,
    now: UnixTime,
    most: u32,
) -> Result<u64, SqliteError> {
    connection
        .prepare_cached(statements::DELETE_EXPIRED_SESSIONS)?
        .execute(params![now.seconds(), most])?;
    Ok(connection.changes())
}

/// Deletes `most` of each other kind of thing that is over; how many of the kind that had most.
pub(super) fn delete_past(
    connection: &Connection,
    now: UnixTime,
    most: u32,
) -> Result<u64, SqliteError> {
    let mut deleted = 0;
    for sql in [statements::DELETE_PAST_REMEMBERED, statements::DELETE_PAST_MARKERS] {
        connection.prepare_cached(sql)?.execute(params![now.seconds(), most])?;
        deleted = deleted.max(connection.changes());
    }
    connection.prepare_cached(statements::DELETE_PAST_LOCKS)?.execute([most])?;
    Ok(deleted.max(connection.changes()))
}

/// No sum with a clock overflows.
const LONGEST_LEASE_MS: i64 = i64::MAX / 4;
