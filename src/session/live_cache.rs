//! Decoded sessions, kept in memory over a store that holds sealed records.
//!
//! 1. Off unless asked for, or unless the store belongs to this process alone.
//! 2. Over a shared store a kept session serves only while the store's events are known to be heard: the last time this was
//!    confirmed may be no longer ago than the staleness bound, by either clock: a node that was suspended asks the store first.
//!    Whoever changes a session elsewhere is heard within it.
//! 3. A session that changed or ended while it was being loaded is not kept, and is loaded again: each change counts up a
//!    generation once the store has answered, and what was loaded under an earlier one is old.
//! 4. At its capacity one kept session makes room for another; the store still has it.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tower_sessions::session::Id;

use super::entry::Entry;
use super::id::{Finder, SentCookie};
use super::moment::{Freshness, Moment};
use super::watch_service;
use crate::clock::Clock;
use crate::store::memory::FinderHasher;

/// How sessions of a shared store are kept in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CacheSettings {
    /// `None`: not at all.
    pub(crate) staleness: Option<Duration>,
    /// How many sessions at most.
    pub(crate) capacity: usize,
}

/// The kept sessions.
pub(crate) struct LiveCache {
    mode: Mode,
    shards: Box<[Mutex<Shard>]>,
    generations: Box<[AtomicU64]>,
    /// Whether kept sessions serve.
    confirmed: Freshness,
    shard_capacity: usize,
}

type Shard = HashMap<Finder, Arc<Entry>, BuildHasherDefault<FinderHasher>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Off,
    /// Nobody else changes what is stored.
    Exact,
    Pushed {
        staleness: Duration,
    },
}

/// The state of a session's events before it was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl LiveCache {
    pub(crate) fn new(settings: &CacheSettings, exclusive: bool) -> Self {
        let mode = match settings.staleness {
            _ if exclusive => Mode::Exact,
            Some(staleness) => Mode::Pushed { staleness },
            None => Mode::Off,
        };
        let shards = if mode == Mode::Off { 0 } else { SHARDS };
        Self {
            mode,
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            generations: (0..GENERATIONS).map(|_| AtomicU64::new(0)).collect(),
            confirmed: Freshness::default(),
            shard_capacity: (settings.capacity / SHARDS).max(1),
        }
    }

    /// How stale a kept session may be; `None` if nothing has to be heard for it.
    pub(crate) fn staleness(&self) -> Option<Duration> {
        match self.mode {
            Mode::Pushed { staleness } => Some(staleness),
            Mode::Off | Mode::Exact => None,
        }
    }

    /// How soon what other nodes do is known, where somebody waits for it or asks.
    pub(super) fn watch_bound(&self) -> Duration {
        self.staleness().unwrap_or(watch_service::BOUND)
    }

    /// How many sessions are kept opened where each request asks the store: none where sessions are kept here.
    pub(crate) fn opened_capacity(&self, settings: &CacheSettings) -> usize {
        // With the record they are twice as large.
        if self.mode == Mode::Off { settings.capacity / 4 } else { 0 }
    }

    /// The session, if it is kept and may serve now.
    pub(crate) fn find(&self, cookie: SentCookie<'_>, clock: &dyn Clock) -> Option<Arc<Entry>> {
        let shard = self.confirmed_shard(cookie.finder(), clock)?;
        let entry = shard.get(&cookie.finder())?;
        let is_same = entry.cookie().is(cookie);
        (is_same && entry.ended().is_none()).then(|| Arc::clone(entry))
    }

    /// Whether what is kept may serve now.
    pub(super) fn is_confirmed(&self, clock: &dyn Clock) -> bool {
        match self.mode {
            Mode::Off => false,
            Mode::Exact => true,
            Mode::Pushed { .. } => self.confirmed.holds(clock),
        }
    }

    /// To be asked before a session is loaded.
    pub(crate) fn generation(&self, id: &Id) -> Generation {
        Generation(self.generation_of(id).load(Ordering::Acquire))
    }

    /// Keeps a session that was loaded after `before` was asked; not if nothing is heard of it now.
    pub(crate) fn keep(&self, id: &Id, entry: &Arc<Entry>, before: Generation, clock: &dyn Clock) {
        let finder = entry.cookie().finder();
        let Some(mut shard) = self.confirmed_shard(finder, clock) else { return };
        // Within the lock: an event counts up first, then takes out.
        if self.generation(id) != before || entry.ended().is_some() {
            return;
        }
        if shard.len() >= self.shard_capacity && !shard.contains_key(&finder) {
            let victim = shard.keys().next().copied();
            victim.and_then(|victim| shard.remove(&victim));
        }
        shard.insert(finder, Arc::clone(entry));
    }

    /// Something happened to a session: what is being loaded is not kept.
    pub(crate) fn outdate(&self, id: &Id) {
        self.generation_of(id).fetch_add(1, Ordering::AcqRel);
    }

    /// Keeps a session no longer.
    pub(crate) fn drop_entry(&self, entry: &Entry) {
        let finder = entry.cookie().finder();
        if let Some(mut shard) = self.shard(finder) {
            shard.remove(&finder);
        }
    }

    /// Everything that happened up to this moment has been heard.
    pub(crate) fn confirm(&self, at: Moment) {
        if let Mode::Pushed { staleness } = self.mode {
            self.confirmed.confirm(at, staleness);
        }
    }

    /// Events may have been lost: nothing that is kept may serve.
    pub(crate) fn flush(&self) {
        if self.mode == Mode::Exact {
            return;
        }
        self.confirmed.lose();
        self.generations.iter().for_each(|generation| {
            generation.fetch_add(1, Ordering::AcqRel);
        });
        self.retain(|_| false);
    }

    /// Keeps only what `still` says.
    pub(crate) fn retain(&self, still: impl Fn(&Entry) -> bool) {
        for shard in &self.shards {
            lock(shard).retain(|_, entry| still(entry));
        }
    }

    /// Where a session is kept, while what is kept may serve.
    fn confirmed_shard(&self, finder: Finder, clock: &dyn Clock) -> Option<MutexGuard<'_, Shard>> {
        if self.is_confirmed(clock) { self.shard(finder) } else { None }
    }

    fn shard(&self, finder: Finder) -> Option<MutexGuard<'_, Shard>> {
        self.shards.get(finder.shard(SHARDS)).map(lock)
    }

    fn generation_of(&self, id: &Id) -> &AtomicU64 {
        let [one, two, ..] = id.0.to_be_bytes();
        let index = usize::from(u16::from_be_bytes([one, two])) % GENERATIONS;
        &self.generations[index]
    }
}

impl fmt::Debug for LiveCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LiveCache").field("mode", &self.mode).finish_non_exhaustive()
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 256;
/// Sessions that share one are loaded again when the other changes.
const GENERATIONS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::super::tests::{cookie, entry};
    use super::*;
    use crate::clock::ManualClock;
    use crate::policy::EndReason;

    const STALENESS: Duration = Duration::from_secs(1);

    fn clock() -> ManualClock {
        ManualClock::at(1_000_000)
    }

    /// With room for `per_shard` sessions in each shard; events are heard at the time of [`clock`].
    fn pushed(per_shard: usize) -> LiveCache {
        let settings = CacheSettings { staleness: Some(STALENESS), capacity: per_shard * SHARDS };
        let cache = LiveCache::new(&settings, false);
        cache.confirm(Moment::now(&clock()));
        cache
    }

    fn keep(cache: &LiveCache, entry: &Arc<Entry>) {
        let id = entry.cookie().store_key();
        cache.keep(&id, entry, cache.generation(&id), &clock());
    }

    fn is_kept(cache: &LiveCache, entry: &Entry) -> bool {
        cache.find(entry.cookie().as_sent(), &clock()).is_some()
    }

    /// So many sessions that share a shard.
    fn together(count: usize) -> Vec<Arc<Entry>> {
        let cookies = std::iter::repeat_with(cookie);
        let there = cookies.filter(|cookie| cookie.finder().shard(SHARDS) == 0);
        there.take(count).map(entry).collect()
    }

    #[test]
    fn what_changed_while_it_was_loaded_is_not_kept() {
        let (cache, entry) = (pushed(1), entry(cookie()));
        let id = entry.cookie().store_key();
        let before = cache.generation(&id);
        cache.outdate(&id);
        cache.keep(&id, &entry, before, &clock());
        assert!(!is_kept(&cache, &entry));
        cache.keep(&id, &entry, cache.generation(&id), &clock());
        assert!(is_kept(&cache, &entry));
    }

    #[test]
    fn what_ended_while_it_was_loaded_is_not_kept() {
        let (cache, [ended, kept]) = (pushed(1), together(2).try_into().unwrap());
        ended.end(EndReason::Revoked);
        keep(&cache, &kept);
        keep(&cache, &ended);
        assert!(is_kept(&cache, &kept), "it takes nobody's place");
    }

    #[test]
    fn nothing_is_kept_unless_events_are_heard() {
        let (cache, entry) = (pushed(1), entry(cookie()));
        let id = entry.cookie().store_key();
        let later = clock();
        later.advance(STALENESS);
        cache.keep(&id, &entry, cache.generation(&id), &later);
        assert!(!is_kept(&cache, &entry));
        let off = LiveCache::new(&CacheSettings { staleness: None, capacity: 1000 }, false);
        off.confirm(Moment::now(&clock()));
        keep(&off, &entry);
        assert!(!is_kept(&off, &entry), "it was not asked for");
    }

    /// The monotonic clock stands still in the meantime.
    #[test]
    fn nothing_that_was_kept_serves_after_a_sleep() {
        let (cache, entry, clock) = (pushed(1), entry(cookie()), clock());
        keep(&cache, &entry);
        assert!(cache.find(entry.cookie().as_sent(), &clock).is_some());
        clock.step(3_600);
        assert!(cache.find(entry.cookie().as_sent(), &clock).is_none());
        cache.confirm(Moment::now(&clock));
        assert!(cache.find(entry.cookie().as_sent(), &clock).is_some());
    }

    #[test]
    fn a_session_that_is_kept_again_takes_no_more_room() {
        let (cache, entries) = (pushed(2), together(3));
        entries[..2].iter().for_each(|entry| keep(&cache, entry));
        for entry in &entries[..2] {
            keep(&cache, entry);
            assert!(entries[..2].iter().all(|entry| is_kept(&cache, entry)));
        }
        keep(&cache, &entries[2]);
        assert!(is_kept(&cache, &entries[2]));
        assert_eq!(entries.iter().filter(|entry| is_kept(&cache, entry)).count(), 2);
    }

    #[test]
    fn lost_events_cost_nothing_where_nobody_else_makes_any() {
        let exclusive = LiveCache::new(&CacheSettings { staleness: None, capacity: 1000 }, true);
        for (cache, stays) in [(exclusive, true), (pushed(1), false)] {
            let entry = entry(cookie());
            keep(&cache, &entry);
            assert!(is_kept(&cache, &entry));
            cache.flush();
            cache.confirm(Moment::now(&clock()));
            assert_eq!(is_kept(&cache, &entry), stays, "{cache:?}");
        }
    }
}
