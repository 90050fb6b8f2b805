//! What goes on beside the requests: freeing what has expired, and hearing what happens on other nodes.
//!
//! The services begin with the first session that is made or loaded, when there is a runtime, and end with the sessions they
//! serve.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use futures_util::future::{Either, select};

use super::contract::{StoreError, StoreEvent, StoreListener};
use super::live_cache::LiveCache;
use super::moment::Moment;
use super::recently_ended::RecentlyEnded;
use super::sealed::SealedSessions;
use super::service_time::ServiceTime;
use super::sessions::{Backend, Sessions};
use super::watch_service;
use crate::clock::Clock;
use crate::policy::Limits;
use crate::spawn::Task;
use crate::store::memory::{MemoryStore, RanOut};

impl Sessions {
    pub(super) fn start_services(&self) {
        self.services.call_once(|| match &self.backend {
            Backend::Embedded(store) => self.spawn.spawn_service(self.sweep(store)),
            Backend::Sealed(sealed) => {
                let watch_bound = self.cache.watch_bound();
                let services = Services {
                    sealed: Arc::downgrade(sealed),
                    cache: Arc::downgrade(&self.cache),
                    clock: Arc::clone(&self.clock),
                    limits: *self.limits(),
                    watch_bound,
                    recently_ended: [self.replaced.clone(), self.undeleted.clone()],
                };
                let time = ServiceTime::begin(&*self.clock);
                self.spawn.spawn_service(Box::pin(services.clone().delete_expired(time)));
                if !sealed.store().is_exclusive() {
                    let clock = Arc::clone(&self.clock);
                    let looking =
                        watch_service::look_after(Arc::downgrade(sealed), clock, watch_bound);
                    self.spawn.spawn_service(Box::pin(looking));
                }
                self.spawn.spawn_service(Box::pin(services.listen()));
            }
        });
    }

    /// Frees what has ended in the embedded store, while there is one.
    fn sweep(&self, store: &MemoryStore) -> Task {
        let (store, clock, limits) = (store.downgrade(), Arc::clone(&self.clock), *self.limits());
        let on_run_out = self.on_run_out.clone();
        let mut time = ServiceTime::begin(&*clock);
        Box::pin(async move {
            loop {
                clock.sleep(SWEEP_INTERVAL).await;
                let Some(store) = store.upgrade() else { return };
                let listener = on_run_out.0.get();
                store.forget(time.now(&*clock));
                for shard in store.shards() {
                    store.sweep(shard, &limits, &*clock);
                    let ran_out = store.take_ran_out();
                    if let Some(listener) = listener.filter(|_| !ran_out.is_empty()) {
                        listener.ran_out(ran_out);
                    }
                    // A shard at a time: requests go on in between.
                    tokio::task::yield_now().await;
                }
                if let Some(listener) = listener {
                    listener.swept();
                }
            }
        })
    }

    /// Who is told of sessions that the embedded store frees because they ran out unused.
    pub(crate) fn on_run_out(&self, listener: Box<dyn OnRunOut>) {
        // There is one owner.
        let _ = self.on_run_out.0.set(listener);
    }
}

/// Told of sessions that ran out: their refresh tokens are to be revoked.
pub(crate) trait OnRunOut: Send + Sync {
    /// Those of one shard: requests go on in between.
    fn ran_out(&self, sessions: Vec<RanOut>);

    /// These were all, for now.
    fn swept(&self);
}

/// Who is told, once that is known.
#[derive(Clone, Default)]
pub(super) struct RunOutListener(Arc<OnceLock<Box<dyn OnRunOut>>>);

impl fmt::Debug for RunOutListener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RunOutListener")
    }
}

#[derive(Clone)]
struct Services {
    sealed: Weak<SealedSessions>,
    cache: Weak<LiveCache>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    /// How soon what other nodes do is to be known, where somebody waits for it.
    watch_bound: Duration,
    recently_ended: [RecentlyEnded; 2],
}

impl Services {
    async fn delete_expired(self, mut time: ServiceTime) {
        loop {
            self.clock.sleep(SWEEP_INTERVAL).await;
            let (Some(sealed), Some(cache)) = (self.sealed.upgrade(), self.cache.upgrade()) else {
                return;
            };
            let grace = Duration::ZERO;
            cache.retain(|entry| !entry.is_long_over(&self.limits, &*self.clock, grace));
            let now = time.now(&*self.clock);
            sealed.opened().forget_expired(now);
            self.recently_ended.iter().for_each(|ended| ended.forget_expired(now));
            if let Err(error) = sealed.store().delete_expired(now).await {
                warn_not_deleted(&error);
            }
        }
    }

    async fn listen(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let mut was_heard = false;
            let Some(sealed) = self.sealed.upgrade() else { return };
            let listening = sealed.store().listen().await;
            drop(sealed);
            let lost = match listening {
                Ok(None) => return,
                Ok(Some(listener)) => self.hear(listener, &mut was_heard).await,
                Err(error) => Some(error),
            };
            let Some(error) = lost else { return };
            warn_lost(&error);
            if was_heard {
                pause = FIRST_PAUSE;
            }
            self.clock.sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Until the connection is lost (the error), or there is nobody to hear for.
    async fn hear(
        &self,
        mut listener: Box<dyn StoreListener>,
        was_heard: &mut bool,
    ) -> Option<StoreError> {
        let staleness = self.cache.upgrade()?.staleness();
        let watched = Arc::clone(self.sealed.upgrade()?.watched());
        // What was known before may have changed unheard.
        self.missed()?;
        let lost = loop {
            let asked_at = Moment::now(&*self.clock);
            let caught_up = select(listener.catch_up(), self.clock.sleep(ANSWER_WITHIN));
            match caught_up.await {
                Either::Left((Ok(events), _)) => {
                    self.apply(events)?;
                    *was_heard = true;
                    self.cache.upgrade()?.confirm(asked_at);
                    watched.heard(asked_at, self.watch_bound);
                }
                Either::Left((Err(error), _)) => break error,
                Either::Right(_) => break StoreError::new("the listener has no answer"),
            }
            let mut begun = pin!(watched.begun());
            begun.as_mut().enable();
            let interval = match staleness {
                Some(staleness) => staleness / 4,
                None if watched.is_empty() => QUIET_INTERVAL,
                None => self.watch_bound / 4,
            };
            let tick = select(self.clock.sleep(interval), begun);
            match self.hear_until(&mut *listener, tick).await {
                Heard::Tick => {}
                Heard::Lost(error) => break error,
                Heard::Nobody => return None,
            }
        };
        self.missed()?;
        Some(lost)
    }

    /// Events may have been lost: nothing that is kept serves, and of what is in use the store is asked first. `None`: there is
    /// nobody left to tell.
    fn missed(&self) -> Option<()> {
        let (sealed, cache) = (self.sealed.upgrade()?, self.cache.upgrade()?);
        // First, so that no load that began before comes into use undoubted.
        cache.flush();
        sealed.watched().missed();
        sealed.known().doubt_all();
        Some(())
    }

    async fn hear_until(
        &self,
        listener: &mut dyn StoreListener,
        mut tick: impl Future<Output = impl Sized> + Unpin,
    ) -> Heard {
        loop {
            match select(pin!(listener.next()), &mut tick).await {
                Either::Left((Ok(event), _)) => {
                    if self.apply(vec![event]).is_none() {
                        return Heard::Nobody;
                    }
                }
                Either::Left((Err(error), _)) => return Heard::Lost(error),
                Either::Right(_) => return Heard::Tick,
            }
        }
    }

    /// `None`: there is nobody left to tell.
    fn apply(&self, events: Vec<StoreEvent>) -> Option<()> {
        let (sealed, cache) = (self.sealed.upgrade()?, self.cache.upgrade()?);
        for event in events {
            let (StoreEvent::Changed(id) | StoreEvent::Deleted(id)) = event;
            cache.outdate(&id);
            sealed.opened().forget(&id);
            sealed.watched().look_at(&id);
            let entry = match event {
                StoreEvent::Deleted(_) => sealed.deleted_elsewhere(&id),
                StoreEvent::Changed(_) => sealed.known().find(&id),
            };
            if let Some(entry) = entry {
                entry.in_doubt();
                cache.drop_entry(&entry);
            }
        }
        Some(())
    }
}

fn warn_lost(error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(code = "events_lost", error, "the store's events are not heard");
}

fn warn_not_deleted(error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(code = "expired_not_deleted", error, "expired sessions stay in the store");
}

enum Heard {
    Tick,
    Lost(StoreError),
    Nobody,
}

const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How often the connection is tried while nothing is kept in memory.
const QUIET_INTERVAL: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
