//! A store in memory that gets sealed records, as a database would, and fails on demand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::{Clock as _, ManualClock, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::{Id, Record};
use axum_oidc_session::tower_sessions::{SessionStore, session_store};
use axum_oidc_session::{AuthStore, Inserted, Part, Saved, SealedPart, StoreError, StoredSession};

/// Clones share the sessions.
#[derive(Clone, Debug)]
pub(crate) struct SealedTestStore {
    clock: ManualClock,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    sessions: HashMap<Id, StoredSession>,
    remembered: HashMap<Id, UnixTime>,
    fails: Fails,
    delay: Duration,
    reads: u64,
    writes: u64,
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
    Read,
    Insert,
    Write,
    Delete,
}

impl SealedTestStore {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { clock, inner: Arc::default() }
    }

    /// Makes operations fail until told otherwise.
    pub(crate) fn fail(&self, what: Fails) {
        self.lock().fails = what;
    }

    /// Makes every answer take this long, by the system's clock.
    pub(crate) fn answer_slowly(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    /// Sessions that have not expired, as they are stored.
    pub(crate) fn stored(&self) -> Vec<StoredSession> {
        let now = self.clock.now();
        let inner = self.lock();
        inner.sessions.values().filter(|session| now < session.expires_at).cloned().collect()
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
                Operation::Read => inner.reads += 1,
                Operation::Insert | Operation::Write | Operation::Delete => inner.writes += 1,
            }
            (inner.fails, inner.delay)
        };
        if !delay.is_zero() {
            SystemClock.sleep(delay).await;
        }
        let fails = match fails {
            Fails::Nothing => false,
            Fails::Everything => true,
            Fails::Writes => operation != Operation::Read,
            Fails::Inserts => operation == Operation::Insert,
            Fails::Deletes => operation == Operation::Delete,
        };
        if fails { Err(StoreError::new("the test's store is told to fail")) } else { Ok(()) }
    }

    fn with_live<T>(&self, id: &Id, change: impl FnOnce(&mut StoredSession) -> T) -> Option<T> {
        let now = self.clock.now();
        let mut inner = self.lock();
        inner.sessions.get_mut(id).filter(|session| now < session.expires_at).map(change)
    }
}

#[async_trait]
impl AuthStore for SealedTestStore {
    async fn insert(&self, session: &StoredSession) -> Result<Inserted, StoreError> {
        self.ready(Operation::Insert).await?;
        if self.with_live(&session.id, |_| ()).is_some() {
            return Ok(Inserted::Exists);
        }
        self.lock().sessions.insert(session.id, session.clone());
        Ok(Inserted::Done)
    }

    async fn fetch(&self, id: &Id) -> Result<Option<StoredSession>, StoreError> {
        self.ready(Operation::Read).await?;
        Ok(self.with_live(id, |session| session.clone()))
    }

    async fn save_if(
        &self,
        id: &Id,
        part: Part,
        expected: u64,
        content: &[u8],
        expires_at: Option<UnixTime>,
    ) -> Result<Saved, StoreError> {
        self.ready(Operation::Write).await?;
        let saved = self.with_live(id, |session| {
            let version = match part {
                Part::Auth => session.auth.version,
                Part::Application => session.application.as_ref().map_or(0, |part| part.version),
            };
            if version != expected {
                return Saved::Stale;
            }
            let new = SealedPart { version: version + 1, content: content.to_vec() };
            match part {
                Part::Auth => session.auth = new,
                Part::Application => session.application = Some(new),
            }
            session.expires_at = expires_at.unwrap_or(session.expires_at);
            Saved::Done
        });
        Ok(saved.unwrap_or(Saved::Gone))
    }

    async fn touch(
        &self,
        id: &Id,
        last_used_at: UnixTime,
        expires_at: UnixTime,
    ) -> Result<Saved, StoreError> {
        self.ready(Operation::Write).await?;
        let touched = self.with_live(id, |session| {
            session.last_used_at = last_used_at;
            session.expires_at = expires_at;
            Saved::Done
        });
        Ok(touched.unwrap_or(Saved::Gone))
    }

    async fn remember(&self, key: &Id, until: UnixTime) -> Result<bool, StoreError> {
        self.ready(Operation::Write).await?;
        let now = self.clock.now();
        let mut inner = self.lock();
        if inner.remembered.get(key).is_some_and(|known| now < *known) {
            return Ok(false);
        }
        inner.remembered.insert(*key, until);
        Ok(true)
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
        Ok(())
    }
}
