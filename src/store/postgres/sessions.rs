//! The operations on sessions, and the two traits.

use std::time::Duration;

use async_trait::async_trait;
use tower_sessions::session::Id;

use super::error::PostgresStoreError;
use super::source::Repeat;
use super::store::PostgresStore;
use super::values::{self, Values};
use crate::clock::UnixTime;
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Part, Saved, StoreError,
    StoreListener, StoredSession, Touch,
};

impl PostgresStore {
    async fn insert_session(
        &self,
        session: &StoredSession,
        now: UnixTime,
    ) -> Result<Inserted, PostgresStoreError> {
        let values = Values::of(&session.id)
            .part(Some(&session.auth))
            .part(session.application.as_ref())
            .listing(Some(&session.listing))
            .time(session.expires_at)
            .time(now);
        // Sent twice, the second answer would be that it exists.
        match self.change(&self.statements().insert, values, Repeat::Never).await {
            Ok(0) => Ok(Inserted::Exists),
            Ok(_) => Ok(Inserted::Done),
            Err(error) if error.is_out_of_space() => Ok(Inserted::Full),
            Err(error) => Err(error),
        }
    }

    async fn save_part(
        &self,
        id: &Id,
        change: &Change,
        now: UnixTime,
    ) -> Result<Saved, PostgresStoreError> {
        let statement = match change.part {
            Part::Auth => &self.statements().save_auth,
            Part::Application => &self.statements().save_application,
        };
        let values = Values::of(id)
            .time(now)
            .version(change.expected)
            .value(change.content.to_vec())
            .value(change.expires_at.map(UnixTime::seconds))
            .listing(change.listing.as_ref());
        let answered = self.ask(statement, values, Repeat::Harmless).await?;
        if values::count(&answered.rows)? > 0 {
            return Ok(Saved::Done);
        }
        // Sent twice, the second may find what the first has left. No two seals are the same: nobody else has left it.
        self.not_saved(id, now, |session| answered.was_repeated && is_saved(change, session)).await
    }

    async fn touch_session(
        &self,
        id: &Id,
        touch: &Touch,
        now: UnixTime,
    ) -> Result<Saved, PostgresStoreError> {
        let values = Values::of(id)
            .time(now)
            .version(touch.expected)
            .value(touch.summary.to_vec())
            .time(touch.expires_at);
        // Sent twice, the second finds the version that the first has left.
        if self.change(&self.statements().touch, values, Repeat::Harmless).await? > 0 {
            return Ok(Saved::Done);
        }
        self.not_saved(id, now, |_| false).await
    }

    /// Not in the same statement as the write: that would look at the session as it was before waiting for whoever deletes it.
    async fn not_saved(
        &self,
        id: &Id,
        now: UnixTime,
        is_done: impl FnOnce(&StoredSession) -> bool,
    ) -> Result<Saved, PostgresStoreError> {
        Ok(match self.fetch_session(id, now).await? {
            Some(session) if is_done(&session) => Saved::Done,
            Some(_) => Saved::Stale,
            None => Saved::Gone,
        })
    }

    async fn find_sessions(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, PostgresStoreError> {
        let values = Values::default().keys(keys).time(now);
        let rows = self.rows(&self.statements().find, values, Repeat::Harmless).await?;
        values::present(&rows).map(values::found).collect()
    }

    async fn delete_session(&self, id: &Id) -> Result<(), PostgresStoreError> {
        self.rows(&self.statements().delete, Values::of(id), Repeat::Harmless).await.map(drop)
    }
}

fn is_saved(change: &Change, session: &StoredSession) -> bool {
    let part = match change.part {
        Part::Auth => Some(&session.auth),
        Part::Application => session.application.as_ref(),
    };
    part.is_some_and(|part| {
        part.version == change.expected.saturating_add(1) && part.content == change.content
    })
}

#[async_trait]
impl AuthStore for PostgresStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        Ok(self.insert_session(session, now).await?)
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.fetch_session(id, now).await?)
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        Ok(self.save_part(id, &change, now).await?)
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        Ok(self.touch_session(id, &touch, now).await?)
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        Ok(self.remember_key(key, until, now).await?)
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        Ok(self.find_sessions(keys, now).await?)
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        Ok(self.keep_markers(markers, now).await?)
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        Ok(self.find_markers(keys, now).await?)
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        Ok(self.take_lock(key, holder, lease).await?)
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        Ok(self.release_lock(key, holder).await?)
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        Ok(self.delete_all_expired(now).await?)
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        Ok(Some(Box::new(self.listener().await?)))
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        Ok(self.delete_session(id).await?)
    }
}

impl From<PostgresStoreError> for StoreError {
    fn from(error: PostgresStoreError) -> Self {
        Self::new(error)
    }
}
