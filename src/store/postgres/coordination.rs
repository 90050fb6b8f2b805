//! The operations on what does not belong to one session: markers, remembered keys, locks, and the freeing of space.

use std::collections::BTreeMap;
use std::time::Duration;

use tower_sessions::session::Id;

use super::error::PostgresStoreError;
use super::source::Repeat;
use super::statements::{BATCH, Statement};
use super::store::PostgresStore;
use super::values::{self, Values};
use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, Marker};

impl PostgresStore {
    /// One statement: all of them or none.
    pub(super) async fn keep_markers(
        &self,
        markers: &[Marker],
        now: UnixTime,
    ) -> Result<(), PostgresStoreError> {
        // One statement cannot change a row twice.
        let mut merged = BTreeMap::<IndexKey, Marker>::new();
        for marker in markers {
            let entry = merged.entry(marker.key).or_insert(*marker);
            *entry = entry.merge(*marker);
        }
        let times = |time: fn(&Marker) -> UnixTime| -> Vec<i64> {
            merged.values().map(|marker| time(marker).seconds()).collect()
        };
        let values = Values::default()
            .keys(merged.keys())
            .value(times(|marker| marker.begun_after))
            .value(times(|marker| marker.authenticated_after))
            .value(times(|marker| marker.until))
            .time(now);
        self.rows(&self.statements().mark, values, Repeat::Harmless).await.map(drop)
    }

    pub(super) async fn find_markers(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<Marker>, PostgresStoreError> {
        let values = Values::default().keys(keys).time(now);
        let rows = self.rows(&self.statements().markers, values, Repeat::Harmless).await?;
        values::present(&rows).map(values::marker).collect()
    }

    pub(super) async fn remember_key(
        &self,
        key: &Id,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<bool, PostgresStoreError> {
        let values = Values::of(key).time(until).time(now);
        // Sent twice, the second would find its own key.
        Ok(self.change(&self.statements().remember, values, Repeat::Never).await? > 0)
    }

    pub(super) async fn take_lock(
        &self,
        key: &Id,
        holder: &Id,
        lease: Duration,
    ) -> Result<bool, PostgresStoreError> {
        let lease = i64::try_from(lease.min(LONGEST_LEASE).as_micros()).unwrap_or(i64::MAX);
        let values = Values::of(key).id(holder).value(lease);
        Ok(self.change(&self.statements().lock, values, Repeat::Harmless).await? > 0)
    }

    pub(super) async fn release_lock(
        &self,
        key: &Id,
        holder: &Id,
    ) -> Result<(), PostgresStoreError> {
        let values = Values::of(key).id(holder);
        self.rows(&self.statements().unlock, values, Repeat::Harmless).await.map(drop)
    }

    /// Everything that is over; how many sessions that were.
    pub(super) async fn delete_all_expired(
        &self,
        now: UnixTime,
    ) -> Result<u64, PostgresStoreError> {
        let [sessions, others @ ..] = &self.statements().delete_expired;
        let deleted = self.delete_in_batches(sessions, Some(now)).await?;
        for table in others {
            self.delete_in_batches(table, Some(now)).await?;
        }
        self.delete_in_batches(&self.statements().delete_expired_locks, None).await?;
        Ok(deleted)
    }

    /// A batch at a time: none holds its rows for long.
    async fn delete_in_batches(
        &self,
        statement: &Statement,
        now: Option<UnixTime>,
    ) -> Result<u64, PostgresStoreError> {
        let mut deleted = 0;
        for _ in 0..MOST_BATCHES {
            let values = Values::default();
            let values = match now {
                Some(now) => values.time(now),
                None => values,
            };
            let batch = self.change(statement, values, Repeat::Never).await?;
            deleted += batch;
            if batch < BATCH {
                break;
            }
        }
        Ok(deleted)
    }
}

/// What PostgreSQL can add to any date.
const LONGEST_LEASE: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// The rest is for the next call, in a minute.
const MOST_BATCHES: u32 = 1_000;
