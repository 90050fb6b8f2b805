//! What the store does: every law of [`AuthStore`], each in the plainest way, so that it can be read as their reference.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Part, Saved, SealedPart,
    StoreError, StoreEvent, StoreListener, StoredSession, Touch,
};
use tokio::sync::broadcast;

use super::{Operation, SealedTestStore};

#[async_trait]
impl AuthStore for SealedTestStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        self.ready(Operation::Insert).await?;
        let mut inner = self.lock();
        if inner.sessions.get(&session.id).is_some_and(|present| now < present.expires_at) {
            return Ok(Inserted::Exists);
        }
        inner.sessions.insert(session.id, session.clone());
        Ok(Inserted::Done)
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        self.ready(Operation::Fetch).await?;
        let fetched = self.with_live(id, now, |session| session.clone());
        self.late(Operation::Fetch).await;
        Ok(fetched)
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        self.ready(Operation::Save).await?;
        let saved = self.with_live(id, now, |session| {
            let version = match change.part {
                Part::Auth => session.auth.version,
                Part::Application => session.application.as_ref().map_or(0, |part| part.version),
            };
            if version != change.expected {
                return Saved::Stale;
            }
            let new = SealedPart { version: version + 1, content: change.content };
            match change.part {
                Part::Auth => session.auth = new,
                Part::Application => session.application = Some(new),
            }
            session.expires_at = change.expires_at.unwrap_or(session.expires_at);
            if let Some(listing) = change.listing {
                session.listing = listing;
            }
            self.tell(StoreEvent::Changed(*id));
            Saved::Done
        });
        if self.lock().keeps_answers {
            std::future::pending::<()>().await;
        }
        {
            let mut inner = self.lock();
            if inner.lost_answers > 0 {
                inner.lost_answers -= 1;
                return Err(StoreError::new("the test's store loses the answer"));
            }
        }
        Ok(saved.unwrap_or(Saved::Gone))
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        self.ready(Operation::Write).await?;
        let outrun = {
            let mut inner = self.lock();
            let left = inner.saves_before_touches;
            inner.saves_before_touches = left.saturating_sub(1);
            left.min(1)
        };
        let touched = self.with_live(id, now, |session| {
            session.auth.version += u64::from(outrun);
            if session.auth.version != touch.expected {
                return Saved::Stale;
            }
            session.listing.summary = touch.summary;
            session.expires_at = touch.expires_at;
            Saved::Done
        });
        Ok(touched.unwrap_or(Saved::Gone))
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        self.ready(Operation::Write).await?;
        let mut inner = self.lock();
        if inner.remembered.get(key).is_some_and(|known| now < *known) {
            return Ok(false);
        }
        inner.remembered.insert(*key, until);
        Ok(true)
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        self.ready(Operation::Read).await?;
        let is_asked_for = |session: &&StoredSession| {
            now < session.expires_at
                && session.listing.index.keys().iter().any(|key| keys.contains(key))
        };
        let found = |session: &StoredSession| FoundSession {
            id: session.id,
            listing: session.listing.clone(),
            expires_at: session.expires_at,
        };
        Ok(self.lock().sessions.values().filter(is_asked_for).map(found).collect())
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        self.ready(Operation::Write).await?;
        let mut inner = self.lock();
        for marker in markers {
            let kept = inner.markers.get(&marker.key).filter(|kept| now < kept.until);
            let merged = kept.map_or(*marker, |kept| kept.merge(*marker));
            inner.markers.insert(marker.key, merged);
        }
        Ok(())
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        self.ready(Operation::Markers).await?;
        let is_asked_for = |marker: &&Marker| now < marker.until && keys.contains(&marker.key);
        Ok(self.lock().markers.values().filter(is_asked_for).copied().collect())
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        self.ready(Operation::Write).await?;
        let mut inner = self.lock();
        let now = self.clock.monotonic();
        match inner.locks.get(key) {
            Some((other, until)) if other != holder && now < *until => Ok(false),
            _ => {
                inner.locks.insert(*key, (*holder, now.saturating_add(lease)));
                Ok(true)
            }
        }
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        self.ready(Operation::Write).await?;
        let mut inner = self.lock();
        if inner.locks.get(key).is_some_and(|(held_by, _)| held_by == holder) {
            inner.locks.remove(key);
        }
        Ok(())
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        self.ready(Operation::Upkeep).await?;
        let mut inner = self.lock();
        let before = inner.sessions.len();
        inner.sessions.retain(|_, session| now < session.expires_at);
        inner.remembered.retain(|_, until| now < *until);
        inner.markers.retain(|_, marker| now < marker.until);
        Ok((before - inner.sessions.len()) as u64)
    }

    fn is_exclusive(&self) -> bool {
        self.is_exclusive
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        self.ready(Operation::Upkeep).await?;
        if self.is_exclusive || self.has_no_events.load(Ordering::SeqCst) {
            return Ok(None);
        }
        Ok(Some(Box::new(Listener(self.events.subscribe(), self.clone()))))
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        self.ready(Operation::Delete).await?;
        self.lock().sessions.remove(id);
        self.tell(StoreEvent::Deleted(*id));
        self.late(Operation::Delete).await;
        Ok(())
    }
}

/// An event is sent before its operation is answered, so what is waiting is all there is.
struct Listener(broadcast::Receiver<StoreEvent>, SealedTestStore);

#[async_trait]
impl StoreListener for Listener {
    async fn next(&mut self) -> Result<StoreEvent, StoreError> {
        self.0.recv().await.map_err(StoreError::new)
    }

    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError> {
        let mut waiting = Vec::new();
        if self.1.is_mute.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        loop {
            match self.0.try_recv() {
                Ok(event) => waiting.push(event),
                Err(broadcast::error::TryRecvError::Empty) => return Ok(waiting),
                Err(lost) => return Err(StoreError::new(lost)),
            }
        }
    }
}
