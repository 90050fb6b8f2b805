//! Loading, saving and ending sessions, whichever store is below.

use std::sync::{Arc, Once};
use std::time::Duration;

use tower_sessions::session::Id;

use super::application::{ApplicationPart, Changes};
use super::entry::{Entry, LiveSession, Version, Versioned};
use super::id::SessionCookie;
use super::record::Owner;
use super::replaced::Replaced;
use super::sealed::SealedSessions;
use super::state::SessionState;
use super::store::{Inserted, Kind, Saved, Store, StoreError};
use crate::clock::{Clock, UnixTime};
use crate::policy::EndReason;
use crate::policy::Limits;
use crate::random::{Random, RandomUnavailable};
use crate::spawn::Spawn;
use crate::store::memory::{Found, MemoryStore};

/// All sessions of one Relying Party.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) backend: Backend,
    limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    spawn: Arc<dyn Spawn>,
    sweeping: Once,
    replaced: Replaced,
}

#[derive(Debug)]
pub(super) enum Backend {
    Embedded(MemoryStore),
    Sealed(SealedSessions),
}

/// What a session cookie leads to.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// A session that may be used.
    Live(LiveSession),
    /// A session that is over; the entry is there if this request is the one that notices.
    Over(Option<Arc<Entry>>, EndReason),
    /// Nothing: garbage, or a session that was freed long ago.
    Unknown,
}

/// Why a session could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateError {
    #[error("the session store has no room for another session")]
    Full,
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    #[error("the session would be over before it begins")]
    Over(EndReason),
}

impl Sessions {
    pub(crate) fn new(
        store: Store,
        owner: Owner,
        limits: Limits,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        spawn: Arc<dyn Spawn>,
    ) -> Self {
        let backend = match store.0 {
            Kind::Embedded(store) => Backend::Embedded(store),
            Kind::Sealed(store) => Backend::Sealed(SealedSessions::new(
                store,
                owner,
                Arc::clone(&random),
                Arc::clone(&clock),
            )),
        };
        Self {
            backend,
            limits,
            clock,
            random,
            spawn,
            sweeping: Once::new(),
            replaced: Replaced::default(),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The embedded store answers at once; `None` means that [`load`](Self::load) must ask.
    pub(crate) fn load_now(&self, cookie: &SessionCookie) -> Option<Lookup> {
        match &self.backend {
            Backend::Embedded(store) => Some(match store.find(cookie) {
                Found::Live(entry) => self.admit(entry),
                Found::Ended(reason, moved) => Lookup::Over(moved, reason),
                Found::Nothing => Lookup::Unknown,
            }),
            Backend::Sealed(_) => None,
        }
    }

    pub(crate) async fn load(&self, cookie: &SessionCookie) -> Result<Lookup, StoreError> {
        if let Some(lookup) = self.load_now(cookie) {
            return Ok(lookup);
        }
        Ok(match self.fetch(cookie).await? {
            Some(entry) => self.admit(Arc::new(entry)),
            None => match self.replaced.find(cookie) {
                Some(entry) => Lookup::Over(Some(entry), EndReason::Replaced),
                None => Lookup::Unknown,
            },
        })
    }

    /// Checks again a session that was admitted before: after an await, the deadline may have come.
    pub(crate) fn admit(&self, entry: Arc<Entry>) -> Lookup {
        match LiveSession::admit(entry, &self.limits, &*self.clock) {
            Ok(live) => Lookup::Live(live),
            Err((entry, reason)) => Lookup::Over(Some(entry), reason),
        }
    }

    /// Takes over the session as the store has it now; `false`: it is gone.
    pub(crate) async fn reload(&self, entry: &Entry) -> Result<bool, StoreError> {
        if let Backend::Sealed(_) = &self.backend {
            match self.fetch(entry.cookie()).await? {
                Some(current) => entry.take_over(&current),
                None => return Ok(false),
            }
        }
        Ok(entry.ended().is_none())
    }

    /// Frees what has ended in the embedded store, while there is one and a runtime to do it.
    fn start_sweeping(&self) {
        let Backend::Embedded(store) = &self.backend else { return };
        self.sweeping.call_once(|| {
            let (store, clock) = (store.downgrade(), Arc::clone(&self.clock));
            let limits = self.limits;
            self.spawn.spawn_service(Box::pin(async move {
                loop {
                    clock.sleep(SWEEP_INTERVAL).await;
                    let Some(store) = store.upgrade() else { return };
                    store.forget(clock.now());
                    for shard in store.shards() {
                        store.sweep(shard, &limits, &*clock);
                        // A shard at a time: requests go on in between.
                        tokio::task::yield_now().await;
                    }
                }
            }));
        });
    }

    /// Stores a new session under a new id.
    pub(crate) async fn create(
        &self,
        state: SessionState,
        application: ApplicationPart,
    ) -> Result<LiveSession, CreateError> {
        self.create_for(None, state, application).await
    }

    /// Stores a session under a new id, in the place of another that has ended.
    pub(super) async fn create_for(
        &self,
        replaced: Option<&Entry>,
        state: SessionState,
        application: ApplicationPart,
    ) -> Result<LiveSession, CreateError> {
        self.start_sweeping();
        let cookie = SessionCookie::generate(&*self.random)?;
        let now = self.clock.now();
        let state = Versioned { version: 1, state };
        let entry = Entry::new(cookie, state, now, application, &*self.clock);
        let live = LiveSession::admit(Arc::new(entry), &self.limits, &*self.clock)
            .map_err(|(_, reason)| CreateError::Over(reason))?;
        let inserted = match &self.backend {
            Backend::Embedded(store) => match replaced {
                Some(old) => store.replace(old, Arc::clone(live.entry()), now),
                None => store.insert(Arc::clone(live.entry()), &self.limits, &*self.clock),
            },
            Backend::Sealed(sealed) => sealed.insert(live.entry(), live.deadline().at).await?,
        };
        match inserted {
            Inserted::Done => Ok(live),
            Inserted::Full => Err(CreateError::Full),
            Inserted::Exists => Err(CreateError::Random(RandomUnavailable)),
        }
    }

    /// Replaces the state, unless the session is gone or no longer at version `expected`.
    pub(crate) async fn save(
        &self,
        entry: &Entry,
        expected: Version,
        state: SessionState,
    ) -> Result<Saved, StoreError> {
        if let Backend::Sealed(sealed) = &self.backend {
            let expires_at = state.deadline(entry.last_used_at(), &self.limits).at;
            match sealed.save_state(entry.cookie(), expected, &state, expires_at).await? {
                Saved::Done => {}
                other => return Ok(other),
            }
        }
        Ok(entry.commit_state(expected, state))
    }

    /// Merges what a request changed in the application's data.
    pub(crate) async fn save_application(
        &self,
        entry: &Arc<Entry>,
        changes: &Changes,
    ) -> Result<Saved, StoreError> {
        let mut base = entry.application();
        for _ in 0..MERGE_ATTEMPTS {
            let next = changes.apply(&base);
            if let Backend::Sealed(sealed) = &self.backend {
                let cookie = entry.cookie();
                match sealed.save_application(cookie, base.version, &next).await? {
                    Saved::Done => {
                        // This request's copy only; what others see is in the store.
                        let _ = entry.commit_application(entry.application().version, next);
                        return Ok(Saved::Done);
                    }
                    Saved::Gone => return Ok(Saved::Gone),
                    Saved::Stale => match self.fetch(cookie).await? {
                        Some(current) => base = current.application(),
                        None => return Ok(Saved::Gone),
                    },
                }
            } else {
                match entry.commit_application(base.version, next) {
                    Saved::Stale => base = entry.application(),
                    done => return Ok(done),
                }
            }
        }
        Ok(Saved::Stale)
    }

    /// Notes the use of a session at `now`. The deadline moves with the idle limit only.
    pub(crate) fn touch_now(&self, live: &LiveSession, now: UnixTime) -> bool {
        let embedded = matches!(self.backend, Backend::Embedded(_));
        if embedded {
            live.entry().touched(now);
        }
        embedded
    }

    /// As [`touch_now`](Self::touch_now), for any store.
    pub(crate) async fn touch(
        &self,
        live: &LiveSession,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        let entry = live.entry();
        if let Backend::Sealed(sealed) = &self.backend {
            let expires_at = entry.state().state.deadline(now, &self.limits).at;
            match sealed.touch(entry.cookie(), now, expires_at).await? {
                Saved::Done => {}
                other => return Ok(other),
            }
        }
        entry.touched(now);
        Ok(Saved::Done)
    }

    /// Ends a session for good: nothing that is in flight brings it back. `true` if this call ended it.
    pub(crate) async fn end(
        &self,
        entry: &Arc<Entry>,
        reason: EndReason,
    ) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Embedded(store) => {
                let ended = entry.end(reason);
                store.bury(entry, entry.ended().unwrap_or(reason), self.clock.now());
                Ok(ended)
            }
            Backend::Sealed(sealed) => {
                sealed.delete(entry.cookie()).await?;
                let ended = entry.end(reason);
                if entry.is_moving() {
                    self.replaced.note(entry, self.clock.now());
                }
                Ok(ended)
            }
        }
    }

    /// Deletes what a store that gives nothing for this cookie may still hold.
    pub(crate) async fn forget(&self, cookie: &SessionCookie) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(()),
            Backend::Sealed(sealed) => sealed.delete(cookie).await,
        }
    }

    /// `true` to exactly one caller per key, until `until`.
    pub(crate) async fn remember(&self, key: &Id, until: UnixTime) -> Result<bool, StoreError> {
        self.start_sweeping();
        match &self.backend {
            Backend::Embedded(store) => Ok(store.remember(key, until, self.clock.now())),
            Backend::Sealed(sealed) => sealed.remember(key, until).await,
        }
    }

    async fn fetch(&self, cookie: &SessionCookie) -> Result<Option<Entry>, StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(None),
            Backend::Sealed(sealed) => sealed.fetch(cookie).await,
        }
    }
}

/// How often a save of application data is merged anew before it is given up as stale.
pub(super) const MERGE_ATTEMPTS: usize = 8;
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
