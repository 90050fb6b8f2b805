//! A store in memory that gets sealed records, as a database would, and fails on demand.
//!
//! It keeps every law of [`AuthStore`], each in the plainest way, so that it can be read as their reference.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::{Clock, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::{Id, Record};
use axum_oidc_session::tower_sessions::{SessionStore, session_store};
use axum_oidc_session::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Part, Saved, SealedPart,
    StoreError, StoreEvent, StoreListener, StoredSession,
};
use tokio::sync::broadcast;

/// Clones share the sessions.
#[derive(Clone, Debug)]
pub(crate) struct SealedTestStore {
    clock: Arc<dyn Clock>,
    inner: Arc<Mutex<Inner>>,
    events: broadcast::Sender<StoreEvent>,
    is_mute: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Inner {
    sessions: HashMap<Id, StoredSession>,
    remembered: HashMap<Id, UnixTime>,
    markers: HashMap<IndexKey, Marker>,
    /// Holder, and when the lease is over on the monotonic clock.
    locks: HashMap<Id, (Id, Duration)>,
    fails: Fails,
    delay: Duration,
    reads: u64,
    writes: u64,
    writes_left: Option<u64>,
    hangs: bool,
}

/// What fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fails {
    #[default]
    Nothing,
    Everything,
    /// Everything but reading.
    Writes,
    /// Making new sessions alone.
    Inserts,
    /// Deleting alone.
    Deletes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    /// What no request waits for; it is not counted.
    Upkeep,
    Read,
    Insert,
    Write,
    Delete,
}

impl SealedTestStore {
    /// A store whose leases run by `clock`.
    pub(crate) fn new(clock: impl Clock) -> Self {
        let events = broadcast::Sender::new(EVENTS_KEPT);
        Self { clock: Arc::new(clock), inner: Arc::default(), events, is_mute: Arc::default() }
    }

    /// Makes operations fail until told otherwise.
    pub(crate) fn fail(&self, what: Fails) {
        self.lock().writes_left = None;
        self.lock().hangs = false;
        self.lock().fails = what;
    }

    /// Lets this many more writes pass, deletions among them, and then fails all of them.
    pub(crate) fn fail_writes_after(&self, writes: u64) {
        self.lock().writes_left = Some(writes);
    }

    /// From now on nothing is answered until [`fail`](Self::fail) is called.
    pub(crate) fn hang(&self) {
        self.lock().hangs = true;
    }

    /// From now on no listener hears anything, and none notices.
    pub(crate) fn hold_events_back(&self) {
        self.is_mute.store(true, Ordering::SeqCst);
    }

    /// All leases are over, as after a time in which they could not be renewed.
    pub(crate) fn drop_locks(&self) {
        self.lock().locks.clear();
    }

    /// Every listener misses something, as when its connection is lost.
    pub(crate) fn lose_listeners(&self) {
        for _ in 0..=EVENTS_KEPT {
            let _nobody = self.events.send(StoreEvent::Changed(Id(0)));
        }
    }

    /// Makes every answer take this long, by the system's clock.
    pub(crate) fn answer_slowly(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    /// Sessions that have not expired, as they are stored; not the traces of those that gave way.
    pub(crate) fn stored(&self) -> Vec<StoredSession> {
        let now = self.clock.now();
        let is_live = |session: &&StoredSession| {
            now < session.expires_at && !session.listing.summary.is_empty()
        };
        self.lock().sessions.values().filter(is_live).cloned().collect()
    }

    /// Replaces what is stored under `session.id`, as someone with access to the database can.
    pub(crate) fn tamper(&self, session: StoredSession) {
        self.lock().sessions.insert(session.id, session);
    }

    /// How often the store was asked for a session.
    pub(crate) fn reads(&self) -> u64 {
        self.lock().reads
    }

    /// How often the store was asked to change something, failures included.
    pub(crate) fn writes(&self) -> u64 {
        self.lock().writes
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    async fn ready(&self, operation: Operation) -> Result<(), StoreError> {
        let (fails, delay) = {
            let mut inner = self.lock();
            match operation {
                Operation::Upkeep => {}
                Operation::Read => inner.reads += 1,
                Operation::Insert | Operation::Write | Operation::Delete => {
                    inner.writes += 1;
                    match &mut inner.writes_left {
                        Some(0) => return Err(StoreError::new("the test's store is told to fail")),
                        Some(left) => *left -= 1,
                        None => {}
                    }
                }
            }
            (inner.fails, inner.delay)
        };
        if self.lock().hangs {
            std::future::pending::<()>().await;
        }
        if !delay.is_zero() {
            SystemClock.sleep(delay).await;
        }
        let fails = match fails {
            Fails::Nothing => false,
            Fails::Everything => true,
            Fails::Writes => !matches!(operation, Operation::Read | Operation::Upkeep),
            Fails::Inserts => operation == Operation::Insert,
            Fails::Deletes => operation == Operation::Delete,
        };
        if fails { Err(StoreError::new("the test's store is told to fail")) } else { Ok(()) }
    }

    fn with_live<T>(
        &self,
        id: &Id,
        now: UnixTime,
        change: impl FnOnce(&mut StoredSession) -> T,
    ) -> Option<T> {
        let mut inner = self.lock();
        inner.sessions.get_mut(id).filter(|session| now < session.expires_at).map(change)
    }

    /// Nobody may be listening.
    fn tell(&self, event: StoreEvent) {
        if !self.is_mute.load(Ordering::SeqCst) {
            let _listeners = self.events.send(event);
        }
    }
}

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
        self.ready(Operation::Read).await?;
        Ok(self.with_live(id, now, |session| session.clone()))
    }

    async fn save_if(
        &self,
        id: &Id,
        change: &Change<'_>,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        self.ready(Operation::Write).await?;
        let saved = self.with_live(id, now, |session| {
            let version = match change.part {
                Part::Auth => session.auth.version,
                Part::Application => session.application.as_ref().map_or(0, |part| part.version),
            };
            if version != change.expected {
                return Saved::Stale;
            }
            let new = SealedPart { version: version + 1, content: change.content.to_vec() };
            match change.part {
                Part::Auth => session.auth = new,
                Part::Application => session.application = Some(new),
            }
            session.expires_at = change.expires_at.unwrap_or(session.expires_at);
            if let Some(listing) = change.listing {
                session.listing = listing.clone();
            }
            self.tell(StoreEvent::Changed(*id));
            Saved::Done
        });
        Ok(saved.unwrap_or(Saved::Gone))
    }

    async fn touch(
        &self,
        id: &Id,
        last_used_at: UnixTime,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        self.ready(Operation::Write).await?;
        let touched = self.with_live(id, now, |session| {
            session.last_used_at = last_used_at;
            session.expires_at = expires_at;
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
            last_used_at: session.last_used_at,
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
        self.ready(Operation::Read).await?;
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

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        self.ready(Operation::Upkeep).await?;
        Ok(Some(Box::new(Listener(self.events.subscribe(), self.clone()))))
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

/// Of this trait only `delete` is used: what is sealed goes through [`AuthStore`].
#[async_trait]
impl SessionStore for SealedTestStore {
    async fn save(&self, _: &Record) -> session_store::Result<()> {
        Err(session_store::Error::Backend("unsealed records are not taken".to_owned()))
    }

    async fn load(&self, _: &Id) -> session_store::Result<Option<Record>> {
        Err(session_store::Error::Backend("sealed records are not given out".to_owned()))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let ready = self.ready(Operation::Delete).await;
        ready.map_err(|error| session_store::Error::Backend(error.to_string()))?;
        self.lock().sessions.remove(id);
        self.tell(StoreEvent::Deleted(*id));
        Ok(())
    }
}

const EVENTS_KEPT: usize = 4_096;
