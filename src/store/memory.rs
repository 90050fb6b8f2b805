//! Sessions in the memory of this process.
//!
//! 1. The live entry is the store: one copy, unsealed, shared by all requests of the session.
//! 2. The map is split into shards, each behind a lock that is held for one look-up.
//! 3. At its capacity the store refuses new sessions; no live one is given up.
//! 4. What has ended leaves its reason behind for a while, so that the user is told why; then it is freed.

mod hasher;
#[cfg(test)]
#[cfg(feature = "test-util")]
mod laws;
mod revocations;

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tower_sessions::session::Id;

pub(crate) use self::hasher::FinderHasher;
use self::revocations::Revocations;
use crate::clock::{Clock, UnixTime};
use crate::policy::EndReason;
use crate::policy::{Limits, Refusal};
use crate::session::contract::{IndexKey, Inserted, Marker};
use crate::session::entry::Entry;
use crate::session::id::{Finder, SentCookie};
use crate::session::record::Owner;

/// A store in the memory of this process, bounded, for one node.
///
/// Sessions end with the process. At its capacity new sign-ins get 503; a live session is never given up for a new one.
///
/// Clones share their sessions. A store belongs to the first issuer and client id it is used for, and `build()` refuses it to
/// any other: a session of the one would be found, unsealed, under the cookie name of the other.
///
/// ```
/// use axum_oidc_session::MemoryStore;
///
/// let store = MemoryStore::default(); // at most 100,000 sessions
/// let larger = MemoryStore::with_capacity(1_000_000);
/// ```
#[derive(Clone)]
pub struct MemoryStore(Arc<Shared>);

struct Shared {
    shards: Box<[Mutex<Shard>]>,
    capacity: usize,
    live: AtomicUsize,
    remembered: Mutex<HashMap<i128, UnixTime>>,
    revocations: Revocations,
    ran_out: Mutex<Vec<RanOut>>,
    owner: OnceLock<Owner>,
}

/// A session whose time has come and that nobody used again, and why it ended.
pub(crate) type RanOut = (Arc<Entry>, EndReason);

type Shard = HashMap<Finder, Slot, BuildHasherDefault<FinderHasher>>;

enum Slot {
    Live(Arc<Entry>),
    /// Kept for a while so that a late request learns why.
    Ended {
        reason: EndReason,
        forget_at: UnixTime,
        /// The session under its old id, if it has moved: a logout with the old cookie follows it.
        moved: Option<Arc<Entry>>,
    },
}

/// What a look-up found.
#[derive(Debug)]
pub(crate) enum Found {
    Live(Arc<Entry>),
    Ended(EndReason, Option<Arc<Entry>>),
    Nothing,
}

impl MemoryStore {
    /// A store for at most `sessions` sessions.
    pub fn with_capacity(sessions: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self(Arc::new(Shared {
            shards,
            capacity: sessions,
            live: AtomicUsize::new(0),
            remembered: Mutex::default(),
            revocations: Revocations::default(),
            ran_out: Mutex::default(),
            owner: OnceLock::new(),
        }))
    }

    /// How many sessions are held, ended ones that have not been freed yet included.
    pub fn len(&self) -> usize {
        self.0.live.load(Ordering::Relaxed)
    }

    /// Whether no session is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn downgrade(&self) -> WeakMemoryStore {
        WeakMemoryStore(Arc::downgrade(&self.0))
    }

    /// Whether this is the store of `owner`, as it is of the first that asks: sessions are unsealed here, and a cookie of one
    /// Relying Party must open nothing at another (ceiling rule 16).
    pub(crate) fn belongs_to(&self, owner: &Owner) -> bool {
        self.0.owner.get_or_init(|| owner.clone()) == owner
    }

    pub(crate) fn find(&self, cookie: SentCookie<'_>) -> Found {
        match self.shard(cookie.finder()).get(&cookie.finder()) {
            Some(Slot::Live(entry)) if entry.cookie().is(cookie) => Found::Live(Arc::clone(entry)),
            Some(Slot::Ended { reason, moved, .. }) => {
                let same = |old: &&Arc<Entry>| old.cookie().is(cookie);
                Found::Ended(*reason, moved.as_ref().filter(same).map(Arc::clone))
            }
            Some(Slot::Live(_)) | None => Found::Nothing,
        }
    }

    pub(crate) fn insert(&self, entry: Arc<Entry>, limits: &Limits, clock: &dyn Clock) -> Inserted {
        if !self.reserve() {
            self.make_room(limits, clock);
            if !self.reserve() {
                return Inserted::Full;
            }
        }
        let finder = entry.cookie().finder();
        match self.shard(finder).entry(finder) {
            std::collections::hash_map::Entry::Occupied(_) => {
                self.0.live.fetch_sub(1, Ordering::Relaxed);
                Inserted::Exists
            }
            std::collections::hash_map::Entry::Vacant(vacant) => {
                self.0.revocations.index(&entry);
                vacant.insert(Slot::Live(entry));
                Inserted::Done
            }
        }
    }

    /// Puts a session in the place of one that has moved to a new id; the store may be full.
    pub(crate) fn replace(&self, old: &Entry, new: Arc<Entry>, now: UnixTime) -> Inserted {
        let finder = new.cookie().finder();
        match self.shard(finder).entry(finder) {
            std::collections::hash_map::Entry::Occupied(_) => return Inserted::Exists,
            std::collections::hash_map::Entry::Vacant(vacant) => {
                self.0.revocations.index(&new);
                vacant.insert(Slot::Live(new));
                self.0.live.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.bury(old, EndReason::Replaced, now);
        Inserted::Done
    }

    /// Takes an ended session out and leaves its reason.
    pub(crate) fn bury(&self, entry: &Entry, reason: EndReason, now: UnixTime) {
        let finder = entry.cookie().finder();
        let forget_at = now.saturating_add(REASON_KEPT);
        self.0.revocations.unindex(entry);
        let mut shard = self.shard(finder);
        if let Some(slot @ Slot::Live(_)) = shard.get_mut(&finder) {
            let moved = match slot {
                Slot::Live(entry) if entry.is_moving() => Some(Arc::clone(entry)),
                _ => None,
            };
            *slot = Slot::Ended { reason, forget_at, moved };
            self.0.live.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// `true` if `key` was not remembered already.
    pub(crate) fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> bool {
        let mut remembered = lock(&self.0.remembered);
        match remembered.get(&key.0) {
            Some(known) if *known > now => false,
            _ => {
                remembered.insert(key.0, until);
                true
            }
        }
    }

    /// The live sessions under any of `keys`.
    pub(crate) fn find_by(&self, keys: &[IndexKey]) -> Vec<Arc<Entry>> {
        let live = |finder: Finder| match self.shard(finder).get(&finder) {
            Some(Slot::Live(entry)) => Some(Arc::clone(entry)),
            Some(Slot::Ended { .. }) | None => None,
        };
        self.0.revocations.find(keys).into_iter().filter_map(live).collect()
    }

    /// Finds a session by these keys, too, and by no further ones that it had before.
    pub(crate) fn index_further(&self, entry: &Entry, keys: Vec<IndexKey>) {
        self.0.revocations.index_further(entry, keys);
    }

    pub(crate) fn mark(&self, markers: &[Marker], now: UnixTime) {
        self.0.revocations.mark(markers, now);
    }

    pub(crate) fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Vec<Marker> {
        self.0.revocations.markers(keys, now)
    }

    /// Frees what need not be remembered any more.
    pub(crate) fn forget(&self, now: UnixTime) {
        self.0.revocations.forget(now);
        let mut remembered = lock(&self.0.remembered);
        remembered.retain(|_, until| *until > now);
        remembered.shrink_to_fit();
    }

    pub(crate) fn shards(&self) -> std::ops::Range<usize> {
        0..SHARDS
    }

    /// There is no room: what is over goes at once, its reason, too.
    fn make_room(&self, limits: &Limits, clock: &dyn Clock) {
        for shard in self.shards() {
            self.free(shard, limits, clock, Duration::ZERO);
        }
    }

    /// Frees what is over in one shard. The reason stays for a while: a late request is told why its session ended.
    pub(crate) fn sweep(&self, shard: usize, limits: &Limits, clock: &dyn Clock) {
        self.free(shard, limits, clock, REASON_KEPT);
    }

    /// The sessions that ran out since this was asked last.
    pub(crate) fn take_ran_out(&self) -> Vec<RanOut> {
        std::mem::take(&mut lock(&self.0.ran_out))
    }

    fn free(&self, shard: usize, limits: &Limits, clock: &dyn Clock, reason_kept: Duration) {
        let (now, mut ran_out) = (clock.now(), Vec::new());
        lock(&self.0.shards[shard]).retain(|_, slot| {
            if let Slot::Live(entry) = slot
                && entry.is_long_over(limits, clock, Duration::ZERO)
            {
                let deadline = entry.deadline(limits);
                let reason = EndReason::from(Refusal::from(deadline.limit));
                let (is_first, entry) = (entry.end(reason), Arc::clone(entry));
                let reason = entry.ended().unwrap_or(reason);
                self.0.revocations.unindex(&entry);
                let forget_at = deadline.at.saturating_add(reason_kept);
                *slot = Slot::Ended { reason, forget_at, moved: None };
                ran_out.push((is_first, (entry, reason)));
            }
            !matches!(slot, Slot::Ended { forget_at, .. } if *forget_at <= now)
        });
        self.0.live.fetch_sub(ran_out.len(), Ordering::Relaxed);
        let firsts = ran_out.into_iter().filter_map(|(is_first, one)| is_first.then_some(one));
        lock(&self.0.ran_out).extend(firsts);
    }

    fn reserve(&self) -> bool {
        let below = |live| (live < self.0.capacity).then_some(live + 1);
        self.0.live.fetch_update(Ordering::Relaxed, Ordering::Relaxed, below).is_ok()
    }

    fn shard(&self, finder: Finder) -> MutexGuard<'_, Shard> {
        lock(&self.0.shards[finder.shard(SHARDS)])
    }
}

/// A store that nobody may be using any more.
pub(crate) struct WeakMemoryStore(Weak<Shared>);

impl WeakMemoryStore {
    pub(crate) fn upgrade(&self) -> Option<MemoryStore> {
        self.0.upgrade().map(MemoryStore)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemoryStore")
            .field("sessions", &self.len())
            .field("capacity", &self.0.capacity)
            .finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 1024;
const DEFAULT_CAPACITY: usize = 100_000;
const REASON_KEPT: Duration = Duration::from_secs(600);
