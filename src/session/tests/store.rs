//! A store of sealed records before each of whose calls a test lets something happen: what another node does, or a failure.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tower_sessions::session::Id;

use crate::clock::{Clock, ManualClock, UnixTime};
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Part, Saved, SealedPart,
    StoreError, StoredSession, Touch,
};

/// What happens before a call; an error is the call's answer, and it does nothing.
pub(super) type Before = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Insert,
    Fetch,
    SaveAuth,
    SaveApplication,
    Touch,
    Delete,
}

/// The store as one node has it. Nodes share what is kept, and each has plans of its own.
#[derive(Clone)]
pub(super) struct PlannedStore {
    kept: Arc<Mutex<Kept>>,
    plans: Arc<Mutex<Vec<(Call, Before)>>>,
    clock: ManualClock,
}

#[derive(Default)]
struct Kept {
    sessions: HashMap<Id, StoredSession>,
    remembered: HashMap<Id, UnixTime>,
    markers: HashMap<IndexKey, Marker>,
    /// Holder, and when the lease is over.
    locks: HashMap<Id, (Id, Duration)>,
}

impl PlannedStore {
    pub(super) fn new(clock: ManualClock) -> Self {
        Self { kept: Arc::default(), plans: Arc::default(), clock }
    }

    /// As another node has it.
    pub(super) fn elsewhere(&self) -> Self {
        Self { plans: Arc::default(), ..self.clone() }
    }

    /// Of several plans for one call the first is for the next one, and so on.
    pub(super) fn before(
        &self,
        call: Call,
        what: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    ) {
        self.plans.lock().unwrap().push((call, Box::pin(what)));
    }

    /// Whether all that was planned has happened.
    pub(super) fn is_done(&self) -> bool {
        self.plans.lock().unwrap().is_empty()
    }

    /// Gives up what is under `id`, as a store does when it has expired.
    pub(super) fn drop_record(&self, id: &Id) {
        self.kept().sessions.remove(id);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    async fn begin(&self, call: Call) -> Result<(), StoreError> {
        let plan = {
            let mut plans = self.plans.lock().unwrap();
            let next = plans.iter().position(|(planned, _)| *planned == call);
            next.map(|next| plans.remove(next).1)
        };
        match plan {
            Some(plan) => plan.await,
            None => Ok(()),
        }
    }

    fn with_live(
        &self,
        (id, now): (&Id, UnixTime),
        change: impl FnOnce(&mut StoredSession) -> Saved,
    ) -> Saved {
        let mut kept = self.kept();
        let live = kept.sessions.get_mut(id).filter(|session| now < session.expires_at);
        live.map_or(Saved::Gone, change)
    }
}

#[async_trait]
impl AuthStore for PlannedStore {
    async fn insert(&self, session: &StoredSession, _: UnixTime) -> Result<Inserted, StoreError> {
        self.begin(Call::Insert).await?;
        let mut kept = self.kept();
        if kept.sessions.contains_key(&session.id) {
            return Ok(Inserted::Exists);
        }
        kept.sessions.insert(session.id, session.clone());
        Ok(Inserted::Done)
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        self.begin(Call::Fetch).await?;
        let kept = self.kept();
        Ok(kept.sessions.get(id).filter(|session| now < session.expires_at).cloned())
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        let is_auth = change.part == Part::Auth;
        self.begin(if is_auth { Call::SaveAuth } else { Call::SaveApplication }).await?;
        Ok(self.with_live((id, now), |session| {
            let application = session.application.as_ref().map_or(0, |part| part.version);
            let version = if is_auth { session.auth.version } else { application };
            if version != change.expected {
                return Saved::Stale;
            }
            let part = SealedPart { version: version + 1, content: change.content };
            match change.part {
                Part::Auth => session.auth = part,
                Part::Application => session.application = Some(part),
            }
            session.expires_at = change.expires_at.unwrap_or(session.expires_at);
            if let Some(listing) = change.listing {
                session.listing = listing;
            }
            Saved::Done
        }))
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        self.begin(Call::Touch).await?;
        Ok(self.with_live((id, now), |session| {
            if session.auth.version != touch.expected {
                return Saved::Stale;
            }
            session.listing.summary = touch.summary;
            session.expires_at = touch.expires_at;
            Saved::Done
        }))
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        let earlier = self.kept().remembered.insert(*key, until);
        Ok(earlier.is_none_or(|earlier| earlier <= now))
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let is_asked_for = |session: &&StoredSession| {
            let mut own = session.listing.index.keys().into_iter();
            now < session.expires_at && own.any(|key| keys.contains(&key))
        };
        let found = |session: &StoredSession| FoundSession {
            id: session.id,
            listing: session.listing.clone(),
            expires_at: session.expires_at,
        };
        Ok(self.kept().sessions.values().filter(is_asked_for).map(found).collect())
    }

    async fn mark(&self, markers: &[Marker], _: UnixTime) -> Result<(), StoreError> {
        let mut kept = self.kept();
        for marker in markers {
            let merged = kept.markers.get(&marker.key).map_or(*marker, |kept| kept.merge(*marker));
            kept.markers.insert(marker.key, merged);
        }
        Ok(())
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        let is_asked_for = |marker: &&Marker| now < marker.until && keys.contains(&marker.key);
        Ok(self.kept().markers.values().filter(is_asked_for).copied().collect())
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let (mut kept, now) = (self.kept(), self.clock.monotonic());
        if kept.locks.get(key).is_some_and(|(other, until)| other != holder && now < *until) {
            return Ok(false);
        }
        kept.locks.insert(*key, (*holder, now + lease));
        Ok(true)
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        self.kept().locks.retain(|locked, (by, _)| locked != key || by != holder);
        Ok(())
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        self.begin(Call::Delete).await?;
        self.drop_record(id);
        Ok(())
    }
}

impl fmt::Debug for PlannedStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PlannedStore")
    }
}
