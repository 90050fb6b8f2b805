//! Sessions and their tombstones.
//!
//! 1. A session is written in its turn, after it has been read. So no write is lost and none brings a session back, as far as
//!    turns are exact.
//! 2. A delete first sets a tombstone, then removes the row. Whoever reads a session reads the tombstone, too; whoever has
//!    written one looks for a tombstone, and removes what it has written. So a deleted session stays dead even if turns are not
//!    exact, in whatever order the writes come.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;

use super::change::Desk;
use super::index;
use super::rows::{RowKind, decode, row_id};
use super::turn::Turn;
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::session::contract::{
    Change, IndexKey, Inserted, Listing, Part, Saved, SealedPart, SessionIndex, StoreError,
    StoredSession, Touch,
};

#[derive(Debug, Serialize, Deserialize)]
struct SessionRow {
    auth: (u64, String),
    application: Option<(u64, String)>,
    key_id: [u8; 4],
    keys: [[u8; 16]; 3],
    summary: String,
    expires_at: UnixTime,
}

/// The session, whether it has expired or not. None if there is a tombstone.
pub(super) async fn read(desk: &Desk, id: &Id) -> Result<Option<StoredSession>, StoreError> {
    let (session, is_dead) = look(desk, id).await?;
    Ok(session.filter(|_| !is_dead))
}

/// What is there, and whether there is a tombstone.
async fn look(desk: &Desk, id: &Id) -> Result<(Option<StoredSession>, bool), StoreError> {
    let subject = id.0.to_be_bytes();
    let row = desk.rows.read(row_id(RowKind::Session, &subject));
    let (row, is_dead) = if desk.turns.is_shared() {
        let tombstone = desk.rows.is_there(row_id(RowKind::Tombstone, &subject));
        futures_util::future::try_join(row, tombstone).await?
    } else {
        (row.await?, false)
    };
    Ok((row.map(|row| stored(*id, row)).transpose()?, is_dead))
}

pub(super) async fn insert(
    desk: &Desk,
    session: &StoredSession,
    now: UnixTime,
) -> Result<Inserted, StoreError> {
    let turn = begin(desk, &session.id).await?;
    let outcome = async {
        let (present, is_dead) = look(desk, &session.id).await?;
        if is_dead || present.is_some_and(|present| now < present.expires_at) {
            return Ok(Inserted::Exists);
        }
        let keys = session.listing.index.keys();
        index::add(desk, &keys, session.id, session.expires_at, now).await?;
        // Deleted since or not: it was stored.
        let _stays = write(desk, &turn, session).await?;
        Ok(Inserted::Done)
    };
    let outcome = outcome.await;
    turn.end(&desk.rows).await;
    outcome
}

/// Changes a live session as `decide` says.
async fn change(
    desk: &Desk,
    id: &Id,
    now: UnixTime,
    decide: impl FnOnce(&mut StoredSession) -> Saved,
) -> Result<Saved, StoreError> {
    let turn = begin(desk, id).await?;
    let outcome = async {
        let live = read(desk, id).await?.filter(|session| now < session.expires_at);
        let Some(mut session) = live else { return Ok(Saved::Gone) };
        let before = session.listing.index.keys();
        let saved = decide(&mut session);
        if saved != Saved::Done {
            return Ok(saved);
        }
        let keys = session.listing.index.keys();
        index::add(desk, &keys, *id, session.expires_at, now).await?;
        if !write(desk, &turn, &session).await? {
            return Ok(Saved::Gone);
        }
        let left: Vec<IndexKey> = before.into_iter().filter(|key| !keys.contains(key)).collect();
        if turn.check().is_ok() {
            // It is saved; a list may name too many.
            let _taken_off = index::remove(desk, &left, *id).await;
        }
        Ok(Saved::Done)
    };
    let outcome = outcome.await;
    turn.end(&desk.rows).await;
    outcome
}

pub(super) async fn save_if(
    desk: &Desk,
    id: &Id,
    save: Change,
    now: UnixTime,
) -> Result<Saved, StoreError> {
    change(desk, id, now, |session| {
        let version = match save.part {
            Part::Auth => session.auth.version,
            Part::Application => session.application.as_ref().map_or(0, |part| part.version),
        };
        if version != save.expected {
            return Saved::Stale;
        }
        let part = SealedPart { version: version + 1, content: save.content };
        match save.part {
            Part::Auth => session.auth = part,
            Part::Application => session.application = Some(part),
        }
        session.expires_at = save.expires_at.unwrap_or(session.expires_at);
        if let Some(listing) = save.listing {
            session.listing = listing;
        }
        Saved::Done
    })
    .await
}

pub(super) async fn touch(
    desk: &Desk,
    id: &Id,
    touch: Touch,
    now: UnixTime,
) -> Result<Saved, StoreError> {
    change(desk, id, now, |session| {
        if session.auth.version != touch.expected {
            return Saved::Stale;
        }
        session.listing.summary = touch.summary;
        session.expires_at = touch.expires_at;
        Saved::Done
    })
    .await
}

pub(super) async fn delete(desk: &Desk, id: &Id) -> Result<(), StoreError> {
    let turn = begin(desk, id).await?;
    let subject = id.0.to_be_bytes();
    let row = row_id(RowKind::Session, &subject);
    let outcome = async {
        let Some(record) = desk.rows.0.load(&row).await? else { return Ok(None) };
        // What cannot be read can be deleted all the same.
        let session = decode(&record).ok().and_then(|row| stored(*id, row).ok());
        if desk.turns.is_shared() {
            let expires_at = session.as_ref().map(|session| session.expires_at);
            let over_at = expires_at.unwrap_or(SystemClock.now()).max(SystemClock.now());
            let over_at = over_at.saturating_add(TOMBSTONE_KEPT);
            desk.rows.write(row_id(RowKind::Tombstone, &subject), &(), over_at).await?;
        }
        desk.rows.remove(row).await?;
        Ok(session)
    };
    let outcome = outcome.await;
    if let Ok(Some(session)) = &outcome
        && turn.check().is_ok()
    {
        // It is deleted; a list may name too many.
        let _taken_off = index::remove(desk, &session.listing.index.keys(), *id).await;
    }
    turn.end(&desk.rows).await;
    outcome.map(drop)
}

async fn begin(desk: &Desk, id: &Id) -> Result<Turn, StoreError> {
    desk.turns.begin(&desk.rows, RowKind::Session, &id.0.to_be_bytes()).await
}

/// Writes a session for which there was no tombstone. If there is one now, the delete came while this was under way, and so
/// after it: another node may have seen what was written. `false`: so it was, and what was written is gone again.
async fn write(desk: &Desk, turn: &Turn, session: &StoredSession) -> Result<bool, StoreError> {
    turn.check()?;
    let subject = session.id.0.to_be_bytes();
    let row = row_id(RowKind::Session, &subject);
    desk.rows.write(row, &SessionRow::of(session), session.expires_at).await?;
    if desk.turns.is_shared() && desk.rows.is_there(row_id(RowKind::Tombstone, &subject)).await? {
        desk.rows.remove(row).await?;
        return Ok(false);
    }
    Ok(true)
}

impl SessionRow {
    fn of(session: &StoredSession) -> Self {
        let part = |part: &SealedPart| (part.version, BASE64.encode(&part.content));
        Self {
            auth: part(&session.auth),
            application: session.application.as_ref().map(part),
            key_id: session.listing.index.key_id,
            keys: session.listing.index.keys().map(|key| key.0),
            summary: BASE64.encode(&session.listing.summary),
            expires_at: session.expires_at,
        }
    }
}

fn stored(id: Id, row: SessionRow) -> Result<StoredSession, StoreError> {
    let [session, sid, sub] = row.keys.map(IndexKey);
    let index = SessionIndex { key_id: row.key_id, session, sid, sub };
    let listing = Listing { index, summary: bytes(row.summary)? };
    let (auth, application) = (part(row.auth)?, row.application.map(part).transpose()?);
    let mut stored = StoredSession::new(id, auth, listing, row.expires_at);
    stored.application = application;
    Ok(stored)
}

fn part((version, content): (u64, String)) -> Result<SealedPart, StoreError> {
    Ok(SealedPart { version, content: bytes(content)? })
}

fn bytes(text: String) -> Result<Vec<u8>, StoreError> {
    BASE64.decode(text).map_err(|_| StoreError::new("a record of a session is damaged"))
}

/// Longer than any write can be on its way, and than a touch can extend a session that was about to expire.
const TOMBSTONE_KEPT: Duration = Duration::from_secs(7 * 86_400);
