//! What is written into the other store.
//!
//! 1. A row is a [`Record`] with one string in it, JSON: no store can bend a number or a byte of it.
//! 2. Its id is a hash of its kind and of what it is about: kinds never meet, and an id can be looked up, but not listed.
//! 3. The other store gives rows up by its own clock, an hour after they are over by ours: what has expired we decide.
//! 4. A row that can't be read is an error, never an absent one.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};

use crate::clock::UnixTime;
use crate::session::contract::StoreError;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    Session,
    Tombstone,
    Index,
    Marker,
    Remembered,
    Lock,
    /// Whose turn it is to write another row.
    Turn,
}

/// The id of the row of this kind about `subject`.
pub(super) fn row_id(kind: RowKind, subject: &[u8; 16]) -> Id {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(b"axum-oidc-session row 1");
    context.update(&[kind as u8]);
    context.update(subject);
    let mut id = [0; 16];
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    Id(i128::from_be_bytes(id))
}

/// The other store.
#[derive(Clone, Debug)]
pub(super) struct Rows(pub(super) Arc<dyn SessionStore>);

impl Rows {
    pub(super) async fn read<T: DeserializeOwned>(&self, id: Id) -> Result<Option<T>, StoreError> {
        match self.0.load(&id).await? {
            Some(record) => decode(&record).map(Some),
            None => Ok(None),
        }
    }

    /// Whether there is such a row, readable or not.
    pub(super) async fn is_there(&self, id: Id) -> Result<bool, StoreError> {
        Ok(self.0.load(&id).await?.is_some())
    }

    pub(super) async fn write<T: Serialize>(
        &self,
        id: Id,
        row: &T,
        over_at: UnixTime,
    ) -> Result<(), StoreError> {
        Ok(self.0.save(&encode(id, row, over_at)?).await?)
    }

    /// Writes a row if there is none under the id; how sure that is depends on the store.
    pub(super) async fn create<T: Serialize>(
        &self,
        id: Id,
        row: &T,
        over_at: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut record = encode(id, row, over_at)?;
        self.0.create(&mut record).await?;
        if record.id == id {
            return Ok(true);
        }
        // The id was taken, and the store has chosen another for what nobody will look for.
        self.0.delete(&record.id).await?;
        Ok(false)
    }

    pub(super) async fn remove(&self, id: Id) -> Result<(), StoreError> {
        Ok(self.0.delete(&id).await?)
    }
}

pub(super) fn decode<T: DeserializeOwned>(record: &Record) -> Result<T, StoreError> {
    let text = record.data.get(FIELD).and_then(Value::as_str);
    let row = text.and_then(|text| serde_json::from_str(text).ok());
    row.ok_or_else(|| StoreError::new("a record of the session store is not one of ours"))
}

fn encode<T: Serialize>(id: Id, row: &T, over_at: UnixTime) -> Result<Record, StoreError> {
    let text = serde_json::to_string(row).map_err(StoreError::new)?;
    let data = [(FIELD.to_owned(), Value::String(text))].into();
    Ok(Record { id, data, expiry_date: expiry_date(over_at) })
}

/// Between 1970 and 9999, which every store can hold.
fn expiry_date(over_at: UnixTime) -> OffsetDateTime {
    let seconds = over_at.saturating_add(GRACE).seconds().clamp(0, END_OF_9999);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

const FIELD: &str = "axum-oidc-session";
const GRACE: Duration = Duration::from_secs(3_600);
const END_OF_9999: i64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_one_subject_never_meet() {
        let kinds = [
            RowKind::Session,
            RowKind::Tombstone,
            RowKind::Index,
            RowKind::Marker,
            RowKind::Remembered,
            RowKind::Lock,
            RowKind::Turn,
        ];
        let ids: std::collections::HashSet<_> =
            kinds.into_iter().map(|kind| row_id(kind, &[7; 16])).collect();
        assert_eq!(ids.len(), kinds.len());
        assert_ne!(row_id(RowKind::Lock, &[7; 16]), row_id(RowKind::Lock, &[8; 16]));
    }

    #[test]
    fn any_time_makes_a_date() {
        for (seconds, date) in
            [(i64::MIN, 0), (0, 3_600), (1_893_456_000, 1_893_459_600), (i64::MAX, END_OF_9999)]
        {
            let expiry = expiry_date(UnixTime::from_seconds(seconds));
            assert_eq!(expiry.unix_timestamp(), date);
        }
    }

    #[test]
    fn what_is_not_ours_is_an_error() {
        let ours = encode(Id(1), &7, UnixTime::from_seconds(0)).unwrap();
        assert_eq!(decode::<i32>(&ours).unwrap(), 7);
        assert!(decode::<bool>(&ours).is_err());
        let theirs = Record { data: [("seen".to_owned(), Value::Bool(true))].into(), ..ours };
        assert!(decode::<i32>(&theirs).is_err());
    }
}
