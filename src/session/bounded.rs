//! A store whose answers are waited for only so long.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use tower_sessions::session::Id;

use super::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoreListener,
    StoredSession, Touch,
};
use crate::clock::{Clock, UnixTime};

/// Passes everything on, and answers with an error when the time is over.
pub(crate) struct Bounded {
    store: Arc<dyn AuthStore>,
    limit: Duration,
    clock: Arc<dyn Clock>,
}

impl Bounded {
    pub(crate) fn new(store: Arc<dyn AuthStore>, limit: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { store, limit, clock }
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        match select(pin!(work), self.clock.sleep(self.limit)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(StoreError::new(NoAnswer(self.limit))),
        }
    }
}

/// The store did not answer in time. Whether it has done its work is unknown.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} ms", .0.as_millis())]
struct NoAnswer(Duration);

impl fmt::Debug for Bounded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(formatter)
    }
}

#[async_trait]
impl AuthStore for Bounded {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        self.within(self.store.insert(session, now)).await
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        self.within(self.store.fetch(id, now)).await
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        self.within(self.store.save_if(id, change, now)).await
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        self.within(self.store.touch(id, touch, now)).await
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        self.within(self.store.remember(key, until, now)).await
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        self.within(self.store.find(keys, now)).await
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        self.within(self.store.mark(markers, now)).await
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        self.within(self.store.markers(keys, now)).await
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        self.within(self.store.lock(key, holder, lease)).await
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        self.within(self.store.unlock(key, holder)).await
    }

    /// Not bounded: nobody waits for it, and it may have much to do.
    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        self.store.delete_expired(now).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        self.within(self.store.listen()).await
    }

    fn is_exclusive(&self) -> bool {
        self.store.is_exclusive()
    }

    fn claim(&self) -> bool {
        self.store.claim()
    }

    fn release(&self) {
        self.store.release();
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        self.within(self.store.delete(id)).await
    }
}
