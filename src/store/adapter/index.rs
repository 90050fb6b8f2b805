//! Lists of sessions, one for each key.
//!
//! 1. A list may name too many sessions, never too few: a session is listed before it is stored under a key, and taken off
//!    after it has left it. Whoever finds a session looks at the session itself.
//! 2. What a list names is given up when its time is over and there is no such session any more.
//! 3. A touch sees to it that the session is still listed.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use tower_sessions::session::Id;

use super::change::{Desk, Step};
use super::rows::{RowKind, row_id};
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, StoreError};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ListRow {
    pub(super) sessions: Vec<Listed>,
    /// When the list as a whole is over.
    over_at: Option<UnixTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) id: Id,
    /// When it was to expire at the time it was listed; it may have been used since.
    until: UnixTime,
}

pub(super) async fn list(desk: &Desk, key: IndexKey) -> Result<ListRow, StoreError> {
    let row: Option<ListRow> = desk.rows.read(row_id(RowKind::Index, &key.0)).await?;
    Ok(row.unwrap_or_default())
}

/// Names the session in the lists of `keys`, if it is not named there already.
pub(super) async fn add(
    desk: &Desk,
    keys: &[IndexKey],
    id: Id,
    until: UnixTime,
    now: UnixTime,
) -> Result<(), StoreError> {
    for key in keys {
        let seen = list(desk, *key).await?;
        if seen.holds(id, until) {
            continue;
        }
        let gone = gone(desk, &seen, now).await?;
        let added = |row: Option<ListRow>| {
            let mut row = row.unwrap_or_default();
            row.sessions.retain(|listed| !gone.contains(listed) && listed.id != id);
            row.sessions.push(Listed { id, until });
            let lasts = until.saturating_add(SLACK);
            let over_at = row.over_at.map_or(lasts, |over_at| over_at.max(lasts));
            row.over_at = Some(over_at);
            (Step::Write(row, over_at), ())
        };
        desk.change(RowKind::Index, &key.0, added).await?;
    }
    Ok(())
}

/// Those that have run out and whose session is not there any more.
async fn gone(desk: &Desk, row: &ListRow, now: UnixTime) -> Result<Vec<Listed>, StoreError> {
    let mut gone = Vec::new();
    for listed in row.sessions.iter().filter(|listed| listed.until <= now).take(AT_ONCE) {
        let session = row_id(RowKind::Session, &listed.id.0.to_be_bytes());
        if !desk.rows.is_there(session).await? {
            gone.push(*listed);
        }
    }
    Ok(gone)
}

/// Takes the session off the lists of `keys`.
pub(super) async fn remove(desk: &Desk, keys: &[IndexKey], id: Id) -> Result<(), StoreError> {
    for key in keys {
        let removed = |row: Option<ListRow>| {
            let Some(mut row) = row else { return (Step::Leave, ()) };
            let before = row.sessions.len();
            row.sessions.retain(|listed| listed.id != id);
            match (row.sessions.len(), row.over_at) {
                (0, _) => (Step::Remove, ()),
                (now, Some(over_at)) if now < before => (Step::Write(row, over_at), ()),
                _ => (Step::Leave, ()),
            }
        };
        desk.change(RowKind::Index, &key.0, removed).await?;
    }
    Ok(())
}

impl ListRow {
    /// Whether the session is named here for long enough.
    fn holds(&self, id: Id, until: UnixTime) -> bool {
        let lasts = self.over_at.is_some_and(|over_at| until <= over_at);
        lasts && self.sessions.iter().any(|listed| listed.id == id)
    }
}

/// A list outlives the sessions that it names, so that not every touch has to write it.
const SLACK: Duration = Duration::from_secs(7 * 86_400);
const AT_ONCE: usize = 16;
