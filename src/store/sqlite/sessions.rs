//! Sessions in their table: what each operation does on a connection.

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use tower_sessions::session::Id;

use super::error::SqliteError;
use super::statements;
use crate::clock::UnixTime;
use crate::session::contract::{
    Change, FoundSession, IndexKey, Inserted, Listing, Part, Saved, SealedPart, SessionIndex,
    StoredSession, Touch,
};

pub(super) fn insert(
    connection: &Connection,
    session: &StoredSession,
    now: UnixTime,
) -> Result<Inserted, SqliteError> {
    let id = id_bytes(&session.id);
    let index = &session.listing.index;
    let application = session.application.as_ref();
    connection
        .prepare_cached(statements::DELETE_EXPIRED_SESSION)?
        .execute(params![id, now.seconds()])?;
    let inserted = connection.prepare_cached(statements::INSERT_SESSION)?.execute(params![
        id,
        session.expires_at.seconds(),
        index.key_id,
        index.session.0,
        index.sid.0,
        index.sub.0,
        stored_version(session.auth.version)?,
        stored_version(application.map_or(0, |part| part.version))?,
        session.listing.summary,
        session.auth.content,
        application.map(|part| &part.content),
    ])?;
    Ok(if inserted == 1 { Inserted::Done } else { Inserted::Exists })
}

pub(super) fn fetch(
    connection: &Connection,
    id: &Id,
    now: UnixTime,
) -> Result<Option<StoredSession>, SqliteError> {
    let read = |row: &Row<'_>| {
        let auth = SealedPart { version: read_version(row, 6)?, content: row.get(7)? };
        let content: Option<Vec<u8>> = row.get(9)?;
        let mut session = StoredSession::new(*id, auth, read_listing(row)?, time(row, 0)?);
        let version = read_version(row, 8)?;
        session.application = content.map(|content| SealedPart { version, content });
        Ok(session)
    };
    let mut statement = connection.prepare_cached(statements::FETCH_SESSION)?;
    Ok(statement.query_row(params![id_bytes(id), now.seconds()], read).optional()?)
}

pub(super) fn save_if(
    connection: &Connection,
    id: &Id,
    change: &Change,
    now: UnixTime,
) -> Result<Saved, SqliteError> {
    let id = id_bytes(id);
    // A version that cannot be counted on from is none that a session can have.
    let expected = i64::try_from(change.expected).unwrap_or(i64::MAX);
    let Some(next) = expected.checked_add(1) else {
        return stale_or_gone(connection, &id, now);
    };
    let now_seconds = now.seconds();
    let expires_at = change.expires_at.map(UnixTime::seconds);
    let content = &change.content;
    let common: [&dyn ToSql; 6] = [&id, &now_seconds, &expected, &next, content, &expires_at];
    let saved = match &change.listing {
        None => {
            let sql = match change.part {
                Part::Auth => statements::SAVE_AUTH,
                Part::Application => statements::SAVE_APPLICATION,
            };
            connection.prepare_cached(sql)?.execute(common.as_slice())?
        }
        Some(Listing { index, summary }) => {
            let sql = match change.part {
                Part::Auth => statements::SAVE_AUTH_AND_LISTING,
                Part::Application => statements::SAVE_APPLICATION_AND_LISTING,
            };
            let listed: [&dyn ToSql; 5] =
                [&index.key_id, &index.session.0, &index.sid.0, &index.sub.0, summary];
            let all = [common.as_slice(), listed.as_slice()].concat();
            connection.prepare_cached(sql)?.execute(all.as_slice())?
        }
    };
    if saved == 1 { Ok(Saved::Done) } else { stale_or_gone(connection, &id, now) }
}

/// Within the transaction of the write, so that the answer is the reason.
fn stale_or_gone(
    connection: &Connection,
    id: &[u8; 16],
    now: UnixTime,
) -> Result<Saved, SqliteError> {
    let mut statement = connection.prepare_cached(statements::IS_LIVE)?;
    let live = statement.exists(params![id, now.seconds()])?;
    Ok(if live { Saved::Stale } else { Saved::Gone })
}

pub(super) fn touch(
    connection: &Connection,
    id: &Id,
    touch: &Touch,
    now: UnixTime,
) -> Result<Saved, SqliteError> {
    let id = id_bytes(id);
    let Ok(expected) = i64::try_from(touch.expected) else {
        return stale_or_gone(connection, &id, now);
    };
    let touched = connection.prepare_cached(statements::TOUCH_SESSION)?.execute(params![
        id,
        now.seconds(),
        expected,
        touch.summary,
        touch.expires_at.seconds(),
    ])?;
    if touched == 1 { Ok(Saved::Done) } else { stale_or_gone(connection, &id, now) }
}

pub(super) fn delete(connection: &Connection, id: &Id) -> Result<(), SqliteError> {
    connection.prepare_cached(statements::DELETE_SESSION)?.execute([id_bytes(id)])?;
    Ok(())
}

/// The sessions under any of `keys`, as of one moment: a session that moves from one key to another meanwhile is not missed.
pub(super) fn find(
    connection: &Connection,
    keys: &[IndexKey],
    now: UnixTime,
) -> Result<Vec<FoundSession>, SqliteError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found: Vec<FoundSession> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    {
        let mut statement = snapshot.prepare_cached(statements::FIND_SESSIONS)?;
        for key in keys {
            let mut rows = statement.query(params![key.0, now.seconds()])?;
            while let Some(row) = rows.next()? {
                let id = Id(i128::from_be_bytes(row.get(6)?));
                if seen.insert(id) {
                    found.push(FoundSession {
                        id,
                        listing: read_listing(row)?,
                        expires_at: time(row, 0)?,
                    });
                }
            }
        }
    }
    snapshot.commit()?;
    Ok(found)
}

/// Columns 1 to 5 of both queries that read sessions.
fn read_listing(row: &Row<'_>) -> rusqlite::Result<Listing> {
    let key = |column| Ok::<_, rusqlite::Error>(IndexKey(row.get(column)?));
    let index = SessionIndex { key_id: row.get(1)?, session: key(2)?, sid: key(3)?, sub: key(4)? };
    Ok(Listing { index, summary: row.get(5)? })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<UnixTime> {
    Ok(UnixTime::from_seconds(row.get(column)?))
}

fn read_version(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let version: i64 = row.get(column)?;
    u64::try_from(version).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, version))
}

pub(super) fn id_bytes(id: &Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

fn stored_version(version: u64) -> Result<i64, SqliteError> {
    i64::try_from(version).map_err(|_| SqliteError::Version)
}
