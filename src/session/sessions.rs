//! All sessions of one Relying Party, whichever store is below: loading and creating. What changes and what ends them is in
//! [`changes`](super::changes) and [`ending`](super::ending).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};

use tower_sessions::session::Id;

use super::bounded::Bounded;
use super::contract::{Kind, SessionIndex, Store, StoreError};
use super::entry::{Entry, Versioned};
use super::id::{SentCookie, SessionCookie};
use super::index::{Handle, Indexer};
use super::lease::LocalLocks;
use super::live_cache::{CacheSettings, LiveCache};
use super::live_session::LiveSession;
use super::opened::OpenedSessions;
use super::recently_ended::RecentlyEnded;
use super::sealed::{Fetched, SealedSessions};
use super::services::RunOutListener;
use super::state::SessionState;
use crate::clock::Clock;
use crate::policy::EndReason;
use crate::policy::Limits;
use crate::random::Random;
use crate::spawn::Spawn;
use crate::store::memory::{Found, MemoryStore};

/// All sessions of one Relying Party.
#[derive(Debug)]
pub(crate) struct Sessions {
    pub(super) backend: Backend,
    pub(super) indexer: Indexer,
    pub(super) settings: SessionSettings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) spawn: Arc<dyn Spawn>,
    pub(super) replaced: RecentlyEnded,
    pub(super) undeleted: RecentlyEnded,
    pub(super) cache: Arc<LiveCache>,
    pub(super) services: Once,
    pub(super) on_run_out: RunOutListener,
    pub(super) local_locks: LocalLocks,
    logins: AtomicU64,
}

/// What the sessions' owner decides.
#[derive(Clone, Debug)]
pub(crate) struct SessionSettings {
    pub(crate) limits: Limits,
    /// How long a login attempt lives: markers outlive it.
    pub(crate) attempt_lifetime: std::time::Duration,
    /// How long a store may take to answer.
    pub(crate) store_timeout: std::time::Duration,
    pub(crate) cache: CacheSettings,
    /// How long the answer to a revocation is held back, until no node can admit the session any more.
    pub(crate) revocation_wait: Option<std::time::Duration>,
}

#[derive(Debug)]
pub(super) enum Backend {
    Embedded(MemoryStore),
    Sealed(Arc<SealedSessions>),
}

/// What a session cookie leads to.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// A session that may be used.
    Live(LiveSession),
    /// A session that is over; the entry is there if this request is the one that notices.
    Over(Option<Arc<Entry>>, EndReason),
    /// A session that gave way, on another node: to itself under a new id, or to another one.
    Moved(Handle),
    /// Something that is no record of ours. It is no session, and it is left alone.
    Foreign,
    /// Nothing: garbage, or a session that was freed long ago.
    Unknown,
}

/// What sessions are made of.
pub(crate) struct Ports {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) spawn: Arc<dyn Spawn>,
}

impl Sessions {
    pub(crate) fn new(
        store: Store,
        indexer: Indexer,
        settings: SessionSettings,
        ports: Ports,
    ) -> Self {
        let Ports { clock, random, spawn } = ports;
        let exclusive = matches!(&store.0, Kind::Sealed(store) if store.is_exclusive());
        let cache = Arc::new(LiveCache::new(&settings.cache, exclusive));
        let backend = match store.0 {
            Kind::Embedded(store) => Backend::Embedded(store),
            Kind::Sealed(store) => {
                let store = Bounded::new(store, settings.store_timeout, Arc::clone(&clock));
                Backend::Sealed(Arc::new(SealedSessions::new(
                    Arc::new(store),
                    indexer.clone(),
                    settings.limits,
                    (Arc::clone(&random), Arc::clone(&clock)),
                    (
                        Arc::clone(&cache),
                        OpenedSessions::new(cache.opened_capacity(&settings.cache)),
                    ),
                )))
            }
        };
        let services = Once::new();
        Self {
            backend,
            indexer,
            settings,
            clock,
            random,
            spawn,
            replaced: RecentlyEnded::default(),
            undeleted: RecentlyEnded::default(),
            cache,
            services,
            on_run_out: RunOutListener::default(),
            local_locks: LocalLocks::default(),
            logins: AtomicU64::new(0),
        }
    }

    pub(crate) fn index(&self, state: &SessionState) -> SessionIndex {
        self.indexer.index(state.handle, state.claims.sub(), state.sid.as_deref())
    }

    /// The next [`SessionState::ordinal`].
    pub(crate) fn next_ordinal(&self) -> u64 {
        self.logins.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn indexer(&self) -> &Indexer {
        &self.indexer
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// The embedded store answers at once, and so does what is held in memory of another.
    ///
    /// # Errors
    ///
    /// What must be asked, by [`load`](Self::load).
    pub(crate) fn load_now(&self, cookie: SentCookie<'_>) -> Result<Lookup, &SealedSessions> {
        match &self.backend {
            Backend::Embedded(store) => Ok(match store.find(cookie) {
                Found::Live(entry) => self.lookup(entry),
                Found::Ended(reason, moved) => Lookup::Over(moved, reason),
                Found::Nothing => Lookup::Unknown,
            }),
            Backend::Sealed(sealed) => {
                let known = self.cache.find(cookie, &*self.clock);
                // What is over here may live on in the store: a use elsewhere has moved the idle limit.
                let live = known.and_then(|entry| self.admit(entry).ok());
                live.map(Lookup::Live).ok_or(sealed)
            }
        }
    }

    pub(crate) async fn load(&self, cookie: &SessionCookie) -> Result<Lookup, StoreError> {
        let sealed = match self.load_now(cookie.as_sent()) {
            Ok(lookup) => return Ok(lookup),
            Err(sealed) => sealed,
        };
        self.start_services();
        let id = cookie.store_key();
        let before = self.cache.generation(&id);
        Ok(match sealed.fetch_under(id, cookie).await? {
            Fetched::Found(entry) => {
                let lookup = self.lookup(entry);
                if let Lookup::Live(live) = &lookup {
                    self.cache.keep(&id, live.entry(), before, &*self.clock);
                }
                lookup
            }
            Fetched::Moved(handle) => match self.replaced.find(cookie, self.clock.now()) {
                Some(entry) => Lookup::Over(Some(entry), EndReason::Replaced),
                None => Lookup::Moved(handle),
            },
            Fetched::Foreign => Lookup::Foreign,
            Fetched::Nothing => match self.replaced.find(cookie, self.clock.now()) {
                Some(entry) => Lookup::Over(Some(entry), EndReason::Replaced),
                None => Lookup::Unknown,
            },
        })
    }

    /// Checks again a session that was admitted before: after an await, the deadline may have come.
    ///
    /// # Errors
    ///
    /// Why the session is over.
    pub(crate) fn admit(&self, entry: Arc<Entry>) -> Result<LiveSession, (Arc<Entry>, EndReason)> {
        LiveSession::admit(entry, self.limits(), &*self.clock)
    }

    /// As [`admit`](Self::admit), for a request that was admitted: the state that passed.
    ///
    /// # Errors
    ///
    /// Why the session is over.
    pub(crate) fn check(&self, live: &LiveSession) -> Result<Arc<Versioned>, EndReason> {
        live.admit_again(self.limits(), &*self.clock)
    }

    fn lookup(&self, entry: Arc<Entry>) -> Lookup {
        match self.admit(entry) {
            Ok(live) => Lookup::Live(live),
            Err((entry, reason)) => Lookup::Over(Some(entry), reason),
        }
    }

    /// Takes over the session as the store has it now; `false`: it is gone.
    pub(crate) async fn reload(&self, entry: &Entry) -> Result<bool, StoreError> {
        if let Backend::Sealed(sealed) = &self.backend {
            match sealed.fetch(entry.cookie()).await? {
                Fetched::Found(current) if std::ptr::eq(&raw const *current, entry) => {}
                Fetched::Found(current) if current.ended().is_some() => return Ok(false),
                Fetched::Found(current) => {
                    entry.take_over(&current);
                }
                _ => return Ok(false),
            }
        }
        Ok(entry.ended().is_none())
    }

    /// Why a session is over that its store has no longer.
    pub(crate) fn reason_of_absence(&self, entry: &Entry) -> EndReason {
        entry.reason_of_absence(self.limits(), &*self.clock)
    }

    /// After a save that was stale: takes over the session as the store has it, even if that is older; `false`: it is gone.
    pub(crate) async fn reset(&self, entry: &Entry) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::Embedded(_) => Ok(entry.ended().is_none()),
            Backend::Sealed(sealed) => Ok(sealed.reset(entry).await? && entry.ended().is_none()),
        }
    }

    /// `true` to exactly one caller per key, until `until`.
    pub(crate) async fn remember(
        &self,
        key: &Id,
        until: crate::clock::UnixTime,
    ) -> Result<bool, StoreError> {
        self.start_services();
        let now = self.clock.now();
        match &self.backend {
            Backend::Embedded(store) => Ok(store.remember(key, until, now)),
            Backend::Sealed(sealed) => sealed.store().remember(key, until, now).await,
        }
    }
}
