//! Remembered keys, markers and locks: a row each.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tower_sessions::session::Id;

use super::change::{Desk, Step};
use super::rows::{RowKind, row_id};
use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::random::{self, SystemRandom};
use crate::session::contract::{IndexKey, Marker, StoreError};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct RememberedRow {
    /// Tells two that remember the same apart.
    by: u64,
    until: UnixTime,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct MarkerRow {
    begun_after: UnixTime,
    authenticated_after: UnixTime,
    until: UnixTime,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct LockRow {
    holder: Id,
    until: UnixTime,
}

pub(super) async fn remember(
    desk: &Desk,
    key: &Id,
    until: UnixTime,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let by = u64::from_be_bytes(random::bytes(&SystemRandom).map_err(StoreError::new)?);
    desk.change(RowKind::Remembered, &key.0.to_be_bytes(), |known: Option<RememberedRow>| {
        if known.as_ref().is_some_and(|known| known.by != by && now < known.until) {
            return (Step::Leave, false);
        }
        (Step::Write(RememberedRow { by, until }, until), true)
    })
    .await
}

pub(super) async fn mark(desk: &Desk, marker: Marker, now: UnixTime) -> Result<(), StoreError> {
    desk.change(RowKind::Marker, &marker.key.0, |kept: Option<MarkerRow>| {
        let kept = kept.filter(|kept| now < kept.until);
        let merged = kept.map_or(marker, |kept| kept.of(marker.key).merge(marker));
        let row = MarkerRow {
            begun_after: merged.begun_after,
            authenticated_after: merged.authenticated_after,
            until: merged.until,
        };
        (Step::Write(row, merged.until), ())
    })
    .await
}

pub(super) async fn marker(
    desk: &Desk,
    key: IndexKey,
    now: UnixTime,
) -> Result<Option<Marker>, StoreError> {
    let row: Option<MarkerRow> = desk.rows.read(row_id(RowKind::Marker, &key.0)).await?;
    Ok(row.filter(|row| now < row.until).map(|row| row.of(key)))
}

impl MarkerRow {
    fn of(&self, key: IndexKey) -> Marker {
        Marker {
            key,
            begun_after: self.begun_after,
            authenticated_after: self.authenticated_after,
            until: self.until,
        }
    }
}

/// Leases run by this process's clock, in whole seconds, rounded up.
pub(super) async fn lock(
    desk: &Desk,
    key: &Id,
    holder: &Id,
    lease: Duration,
) -> Result<bool, StoreError> {
    desk.change(RowKind::Lock, &key.0.to_be_bytes(), |held: Option<LockRow>| {
        let now = SystemClock.now();
        if held.is_some_and(|held| held.holder != *holder && now < held.until) {
            return (Step::Leave, false);
        }
        let until = now.saturating_add(lease.saturating_add(Duration::from_secs(2)));
        (Step::Write(LockRow { holder: *holder, until }, until), true)
    })
    .await
}

pub(super) async fn unlock(desk: &Desk, key: &Id, holder: &Id) -> Result<(), StoreError> {
    desk.change(RowKind::Lock, &key.0.to_be_bytes(), |held: Option<LockRow>| {
        let is_held = held.is_some_and(|held| held.holder == *holder);
        (if is_held { Step::Remove } else { Step::Leave }, ())
    })
    .await
}
