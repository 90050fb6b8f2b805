//! How the broken store finds.

use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{AuthStore as _, FoundSession, IndexKey};

use super::breach::Breach;
use super::broken_store::BrokenStore;

impl BrokenStore {
    pub(super) async fn find_late(&self, keys: &[IndexKey], now: UnixTime) -> Vec<FoundSession> {
        let found = self.inner.find(keys, now).await.unwrap();
        let (now, shared) = (SystemClock.monotonic(), self.shared());
        let is_indexed = |found: &FoundSession| {
            let inserted = shared.inserted.get(&found.id);
            inserted.is_none_or(|at| now.saturating_sub(*at) > Duration::from_millis(2))
        };
        found.into_iter().filter(is_indexed).collect()
    }

    /// By keys that the sessions had, or as they were when they were deleted.
    pub(super) async fn find_former(&self, keys: &[IndexKey], now: UnixTime) -> Vec<FoundSession> {
        let mut found = self.inner.find(keys, now).await.unwrap();
        let former: Vec<Id> = {
            let shared = self.shared();
            let has_had = |had: &Vec<IndexKey>| had.iter().any(|key| keys.contains(key));
            shared.former_keys.iter().filter(|(_, had)| has_had(had)).map(|(id, _)| *id).collect()
        };
        for id in former {
            let stored = match self.is(Breach::OldKeysStay) {
                true => self.inner.fetch(&id, now).await.unwrap(),
                false => self.shared().deleted.get(&id).cloned(),
            };
            if let Some(stored) = stored.filter(|_| found.iter().all(|found| found.id != id)) {
                let (listing, expires_at) = (stored.listing, stored.expires_at);
                found.push(FoundSession { id, listing, expires_at });
            }
        }
        found
    }
}
