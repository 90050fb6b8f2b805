//! A store that is told what to answer to the services. Of sessions it has none.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use tower_sessions::session::Id;

use crate::clock::UnixTime;
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoreEvent,
    StoreListener, StoredSession, Touch,
};

/// Clones share what they are told.
#[derive(Clone, Debug, Default)]
pub(super) struct ToldStore(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
pub(super) struct Told {
    /// A question for the lock waits.
    pub(super) lock_waits: bool,
    /// Who has the lock. There is one.
    pub(super) holder: Option<Id>,
    /// How often the expired was to be deleted; the first time fails.
    pub(super) deletions: usize,
    /// Whether there is a listener.
    pub(super) tells: bool,
    pub(super) listening_fails: bool,
    /// The connection of whoever listens is lost.
    pub(super) is_cut: bool,
    /// How often somebody has begun to listen.
    pub(super) listened: usize,
    /// What the listener has not given yet.
    pub(super) events: VecDeque<StoreEvent>,
}

impl ToldStore {
    pub(super) fn lock(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }
}

fn unavailable<T>() -> Result<T, StoreError> {
    Err(StoreError::new("the store is told to fail"))
}

#[async_trait]
impl AuthStore for ToldStore {
    async fn insert(&self, _: &StoredSession, _: UnixTime) -> Result<Inserted, StoreError> {
        unavailable()
    }

    async fn fetch(&self, _: &Id, _: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        unavailable()
    }

    async fn save_if(&self, _: &Id, _: Change, _: UnixTime) -> Result<Saved, StoreError> {
        unavailable()
    }

    async fn touch(&self, _: &Id, _: Touch, _: UnixTime) -> Result<Saved, StoreError> {
        unavailable()
    }

    async fn remember(&self, _: &Id, _: UnixTime, _: UnixTime) -> Result<bool, StoreError> {
        unavailable()
    }

    async fn find(&self, _: &[IndexKey], _: UnixTime) -> Result<Vec<FoundSession>, StoreError> {
        unavailable()
    }

    async fn mark(&self, _: &[Marker], _: UnixTime) -> Result<(), StoreError> {
        unavailable()
    }

    async fn markers(&self, _: &[IndexKey], _: UnixTime) -> Result<Vec<Marker>, StoreError> {
        unavailable()
    }

    async fn lock(&self, _: &Id, holder: &Id, _: Duration) -> Result<bool, StoreError> {
        poll_fn(|_| if self.lock().lock_waits { Poll::Pending } else { Poll::Ready(()) }).await;
        let mut told = self.lock();
        let taken = told.holder.is_none_or(|other| other == *holder);
        if taken {
            told.holder = Some(*holder);
        }
        Ok(taken)
    }

    async fn unlock(&self, _: &Id, holder: &Id) -> Result<(), StoreError> {
        let mut told = self.lock();
        told.holder = told.holder.filter(|other| other != holder);
        Ok(())
    }

    async fn delete_expired(&self, _: UnixTime) -> Result<u64, StoreError> {
        let mut told = self.lock();
        told.deletions += 1;
        if told.deletions == 1 { unavailable() } else { Ok(0) }
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        let mut told = self.lock();
        told.listened += 1;
        match told.listening_fails {
            true => unavailable(),
            false if told.tells => Ok(Some(Box::new(self.clone()))),
            false => Ok(None),
        }
    }

    async fn delete(&self, _: &Id) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl StoreListener for ToldStore {
    async fn next(&mut self) -> Result<StoreEvent, StoreError> {
        poll_fn(|_| {
            let mut told = self.lock();
            match told.events.pop_front() {
                _ if told.is_cut => Poll::Ready(unavailable()),
                Some(event) => Poll::Ready(Ok(event)),
                None => Poll::Pending,
            }
        })
        .await
    }

    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError> {
        Ok(self.lock().events.drain(..).collect())
    }
}
