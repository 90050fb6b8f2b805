//! By whom sessions are found, and what remains of revocations.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::UnixTime;
use crate::session::contract::{IndexKey, Marker};
use crate::session::entry::Entry;
use crate::session::id::Finder;

/// The index and the markers of a memory store.
#[derive(Default)]
pub(super) struct Revocations {
    index: Mutex<BTreeSet<(IndexKey, Finder)>>,
    /// Keys of sessions beside those of their index; few have any.
    further: Mutex<HashMap<Finder, Vec<IndexKey>>>,
    markers: Mutex<HashMap<IndexKey, Marker>>,
}

impl Revocations {
    pub(super) fn index(&self, entry: &Entry) {
        let finder = entry.cookie().finder();
        lock(&self.index).extend(entry.index().keys().map(|key| (key, finder)));
    }

    pub(super) fn unindex(&self, entry: &Entry) {
        let finder = entry.cookie().finder();
        // Before the index is locked: who adds further keys locks them the other way round.
        let further = lock(&self.further).remove(&finder).unwrap_or_default();
        let mut index = lock(&self.index);
        for key in further.into_iter().chain(entry.index().keys()) {
            index.remove(&(key, finder));
        }
    }

    /// The session is found by these keys, too, in the place of those that it had beside its index.
    pub(super) fn index_further(&self, entry: &Entry, keys: Vec<IndexKey>) {
        let (finder, mut further) = (entry.cookie().finder(), lock(&self.further));
        if keys.is_empty() && !further.contains_key(&finder) {
            return;
        }
        let mut index = lock(&self.index);
        index.extend(keys.iter().map(|key| (*key, finder)));
        let gone = further.remove(&finder).unwrap_or_default();
        for key in gone.into_iter().filter(|key| !keys.contains(key)) {
            index.remove(&(key, finder));
        }
        if !keys.is_empty() {
            further.insert(finder, keys);
        }
    }

    /// A session that the laws move to other keys is found all the while.
    #[cfg(test)]
    #[cfg(feature = "test-util")]
    pub(super) fn move_for_laws(&self, entry: &Entry, to: crate::session::contract::SessionIndex) {
        let (finder, mut index) = (entry.cookie().finder(), lock(&self.index));
        for key in entry.index().keys() {
            index.remove(&(key, finder));
        }
        index.extend(to.keys().map(|key| (key, finder)));
        entry.indexed(to);
    }

    /// Each once.
    pub(super) fn find(&self, keys: &[IndexKey]) -> BTreeSet<Finder> {
        let index = lock(&self.index);
        let under = |key: &IndexKey| {
            let range = (*key, Finder::MIN)..=(*key, Finder::MAX);
            index.range(range).map(|(_, finder)| *finder)
        };
        keys.iter().flat_map(under).collect()
    }

    pub(super) fn mark(&self, markers: &[Marker], now: UnixTime) {
        let mut known = lock(&self.markers);
        for marker in markers {
            let earlier = known.get(&marker.key).filter(|earlier| now < earlier.until);
            let merged = earlier.map_or(*marker, |earlier| earlier.merge(*marker));
            known.insert(marker.key, merged);
        }
    }

    /// Each once.
    pub(super) fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Vec<Marker> {
        let (known, keys) = (lock(&self.markers), keys.iter().collect::<BTreeSet<_>>());
        let found = keys.into_iter().filter_map(|key| known.get(key));
        found.filter(|marker| now < marker.until).copied().collect()
    }

    pub(super) fn forget(&self, now: UnixTime) {
        let mut known = lock(&self.markers);
        known.retain(|_, marker| now < marker.until);
        known.shrink_to_fit();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
