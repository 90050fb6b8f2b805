//! The reference store with one law broken.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::{SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoreListener,
    StoredSession, Touch,
};

use super::breach::Breach;
use super::broken_listener::BrokenListener;
use crate::support::SealedTestStore;

/// One node.
#[derive(Debug)]
pub(super) struct BrokenStore {
    pub(super) inner: SealedTestStore,
    pub(super) breach: Breach,
    shared: Arc<Mutex<Shared>>,
    own: Mutex<Own>,
}

/// What the node does not share with the others.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) cache: HashMap<Id, StoredSession>,
    pub(super) changed: Arc<Mutex<HashSet<Id>>>,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) deleted: HashMap<Id, StoredSession>,
    pub(super) former_keys: HashMap<Id, Vec<IndexKey>>,
    pub(super) inserted: HashMap<Id, Duration>,
    remembered: HashSet<Id>,
    markers: HashMap<IndexKey, Marker>,
    holders: HashMap<Id, Id>,
}

impl BrokenStore {
    pub(super) fn new(breach: Breach) -> Self {
        let inner = SealedTestStore::new(SystemClock);
        Self { inner, breach, shared: Arc::default(), own: Mutex::default() }
    }

    pub(super) fn node(&self) -> Arc<dyn AuthStore> {
        let (inner, shared) = (self.inner.clone(), Arc::clone(&self.shared));
        Arc::new(Self { inner, breach: self.breach, shared, own: Mutex::default() })
    }

    pub(super) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }

    pub(super) fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap()
    }

    pub(super) fn is(&self, breach: Breach) -> bool {
        self.breach == breach
    }

    /// The time that the store goes by.
    pub(super) fn time(&self, now: UnixTime) -> UnixTime {
        match self.breach {
            Breach::ExpiryIgnored => LONG_AGO,
            Breach::ExpiryOneSecondLate => now.saturating_sub(Duration::from_secs(1)),
            _ => now,
        }
    }
}

#[async_trait]
impl AuthStore for BrokenStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        self.broken_insert(session, now).await
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        let seen = self.inner.fetch(id, self.time(now)).await?;
        if let (Breach::ReadsAreCached, Some(seen)) = (self.breach, seen.clone()) {
            return Ok(Some(self.own().cache.entry(*id).or_insert(seen).clone()));
        }
        Ok(seen)
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        self.own().changed.lock().unwrap().insert(*id);
        self.broken_save(id, change, now).await
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        self.broken_touch(id, touch, now).await
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        match self.breach {
            Breach::Fails => return Err(StoreError::new("told to fail")),
            Breach::RememberedTwice => return Ok(true),
            Breach::RememberedForEver => return self.inner.remember(key, until, LONG_AGO).await,
            Breach::RememberedInTwoSteps => {}
            _ => return self.inner.remember(key, until, now).await,
        }
        if self.shared().remembered.contains(key) {
            return Ok(false);
        }
        tokio::task::yield_now().await;
        self.shared().remembered.insert(*key);
        Ok(true)
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let now = self.time(now);
        Ok(match self.breach {
            Breach::ExpiredIsFound => self.inner.find(keys, LONG_AGO).await?,
            Breach::FoundLate => self.find_late(keys, now).await,
            Breach::DeleteLeavesTheIndex | Breach::OldKeysStay => self.find_former(keys, now).await,
            Breach::FindIsLimited => {
                self.inner.find(keys, now).await?.into_iter().take(100).collect()
            }
            Breach::FoundOncePerKey => {
                let mut found = Vec::new();
                for key in keys {
                    found.extend(self.inner.find(&[*key], now).await?);
                }
                found
            }
            _ => self.inner.find(keys, now).await?,
        })
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        match self.breach {
            Breach::MarkerOverwritten | Breach::MarkerDiesWithSession => {
                let mut shared = self.shared();
                shared.markers.extend(markers.iter().map(|marker| (marker.key, *marker)));
                Ok(())
            }
            Breach::MarkedForEver => self.inner.mark(markers, LONG_AGO).await,
            _ => self.inner.mark(markers, now).await,
        }
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        match self.breach {
            Breach::MarkerOverwritten | Breach::MarkerDiesWithSession => {
                let keys: HashSet<_> = keys.iter().collect();
                let shared = self.shared();
                let kept = keys.into_iter().filter_map(|key| shared.markers.get(key));
                Ok(kept.filter(|marker| now < marker.until).copied().collect())
            }
            Breach::MarkedForEver => self.inner.markers(keys, LONG_AGO).await,
            _ => self.inner.markers(keys, now).await,
        }
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let held_by = self.shared().holders.get(key).copied();
        let lease = match self.breach {
            Breach::LeaseWithoutEnd => Duration::from_secs(3_600),
            Breach::LeaseTooShort => lease / 2,
            Breach::LeaseNotRenewed if held_by == Some(*holder) => return Ok(true),
            Breach::HolderRefused if held_by == Some(*holder) => return Ok(false),
            Breach::LockedInTwoSteps => {
                let is_free = held_by.is_none_or(|held_by| held_by == *holder);
                tokio::task::yield_now().await;
                if is_free {
                    self.shared().holders.insert(*key, *holder);
                }
                return Ok(is_free);
            }
            _ => lease,
        };
        let taken = self.inner.lock(key, holder, lease).await?;
        if taken {
            self.shared().holders.insert(*key, *holder);
        }
        Ok(taken)
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        let held_by = self.shared().holders.get(key).copied();
        let releases = self.is(Breach::ReleasedByAnother) || held_by == Some(*holder);
        if let Some(held_by) = held_by.filter(|_| releases) {
            self.shared().holders.remove(key);
            self.inner.unlock(key, &held_by).await?;
        }
        Ok(())
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        let time = match self.breach {
            Breach::SweepTakesTheLive => now.saturating_add(Duration::from_secs(86_400)),
            _ => now,
        };
        self.inner.delete_expired(time).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        if self.is(Breach::NoneButNoEvents) {
            return Ok(None);
        }
        let Some(inner) = self.inner.listen().await? else { return Ok(None) };
        let changed = Arc::clone(&self.own().changed);
        Ok(Some(Box::new(BrokenListener { inner, breach: self.breach, changed })))
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        if let Some(session) = self.inner.fetch(id, LONG_AGO).await.unwrap() {
            let mut shared = self.shared();
            if self.is(Breach::MarkerDiesWithSession) {
                for key in session.listing.index.keys() {
                    shared.markers.remove(&key);
                }
            }
            shared.former_keys.entry(*id).or_default().extend(session.listing.index.keys());
            shared.deleted.insert(*id, session);
        }
        self.inner.delete(id).await
    }
}

pub(super) const LONG_AGO: UnixTime = UnixTime::from_seconds(i64::MIN);
