//! The sessions that are in use in this process, over a store that holds sealed records.
//!
//! Requests of one session that are under way at the same time share its entry: what one of them learns from the store, all
//! know, and when it ends, it ends for all at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tower_sessions::session::Id;

use super::entry::{Entry, Version};
use super::moment::Moment;
use crate::policy::EndReason;

/// Entries by the id under which the store holds the session, for as long as somebody uses them.
#[derive(Default)]
pub(crate) struct Known {
    entries: Mutex<Entries>,
    /// Sessions that this process is deleting: who deletes them says why.
    ending: Mutex<HashMap<Id, usize>>,
}

#[derive(Default)]
struct Entries {
    by_id: HashMap<Id, Weak<Entry>>,
    /// At this size what nobody uses any more is taken out.
    swept_at: usize,
}

impl Known {
    /// The entry to use for what was just loaded: the one in use, brought up to date, or `loaded`. `None`: the session has
    /// changed or ended since the store was asked, and must be loaded again. `read_at`: when that was, and for how long it counts.
    /// `seen`: the versions that were in use before the store was asked. If they still are, the store counts, even where its versions
    /// are older or the same: it may have fallen back to a master that never had ours.
    ///
    /// Whoever changes or ends a session counts up its generation first, then looks here for the entry in use. `is_current`
    /// compares the generation within the lock, so one of the two sees the other.
    pub(crate) fn meet(
        &self,
        id: Id,
        loaded: Entry,
        seen: Option<(Version, Version)>,
        read_at: (Moment, Duration),
        is_current: impl FnOnce() -> bool,
    ) -> Option<Arc<Entry>> {
        let mut known = self.lock();
        if !is_current() {
            return None;
        }
        let entry = match known.by_id.get(&id).and_then(Weak::upgrade) {
            Some(entry) if entry.cookie().is(loaded.cookie().as_sent()) => {
                match seen {
                    Some(seen) => entry.reset_to(&loaded, seen),
                    None => entry.take_over(&loaded),
                }
                entry
            }
            _ => {
                let entry = Arc::new(loaded);
                insert(&mut known, id, &entry);
                entry
            }
        };
        entry.confirm(read_at.0, read_at.1);
        Some(entry)
    }

    /// Notes a session that was made here.
    pub(crate) fn note(&self, id: Id, entry: &Arc<Entry>) {
        insert(&mut self.lock(), id, entry);
    }

    /// The versions of both parts of the session that is in use.
    pub(crate) fn versions(&self, id: &Id) -> Option<(Version, Version)> {
        self.find(id).map(|entry| entry.versions())
    }

    pub(crate) fn find(&self, id: &Id) -> Option<Arc<Entry>> {
        self.lock().by_id.get(id).and_then(Weak::upgrade)
    }

    /// The session is found to be over: whoever uses it is told.
    pub(crate) fn end(&self, id: &Id, reason: EndReason) -> Option<Arc<Entry>> {
        let entry = self.find(id)?;
        if !self.ending().contains_key(id) {
            entry.end(reason);
        }
        Some(entry)
    }

    /// What was heard of none of them may be true of any: the store is asked before anything more is handed out. Whoever calls
    /// this has counted up the generations, so that no load that began before comes into use after it.
    pub(crate) fn doubt_all(&self) {
        self.lock().by_id.values().filter_map(Weak::upgrade).for_each(|entry| entry.in_doubt());
    }

    /// From now until this is dropped, the session is being deleted here.
    pub(crate) fn deleting(&self, id: Id) -> Deleting<'_> {
        *self.ending().entry(id).or_default() += 1;
        Deleting { known: self, id }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ending(&self) -> MutexGuard<'_, HashMap<Id, usize>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A deletion that is under way.
pub(crate) struct Deleting<'a> {
    known: &'a Known,
    id: Id,
}

impl Drop for Deleting<'_> {
    fn drop(&mut self) {
        let mut ending = self.known.ending();
        if let Some(count) = ending.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                ending.remove(&self.id);
            }
        }
    }
}

/// What nobody uses any more goes each time the map has doubled.
fn insert(known: &mut Entries, id: Id, entry: &Arc<Entry>) {
    if known.by_id.len() >= known.swept_at {
        known.by_id.retain(|_, entry| entry.strong_count() > 0);
        known.swept_at = (known.by_id.len() * 2).max(SMALLEST_SWEEP);
    }
    known.by_id.insert(id, Arc::downgrade(entry));
}

const SMALLEST_SWEEP: usize = 1024;

impl fmt::Debug for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Known")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::super::id::SessionCookie;
    use super::super::tests::{cookie, entry};
    use super::*;
    use crate::clock::ManualClock;

    fn read_at() -> (Moment, Duration) {
        (Moment::now(&ManualClock::at(1)), Duration::ZERO)
    }

    /// Found under the same key in the store, but opened by another.
    fn sibling(cookie: &SessionCookie) -> SessionCookie {
        let mut halves = URL_SAFE_NO_PAD.decode(&*cookie.encode()).unwrap();
        halves[31] ^= 1;
        SessionCookie::parse(URL_SAFE_NO_PAD.encode(halves)).unwrap()
    }

    #[test]
    fn a_session_in_use_is_given_to_its_own_cookie_alone() {
        let (known, ours) = (Known::default(), cookie());
        let id = ours.store_key();
        let meet = |cookie: &SessionCookie| {
            let loaded = Arc::into_inner(entry(cookie.clone())).unwrap();
            known.meet(id, loaded, None, read_at(), || true).unwrap()
        };
        let in_use = meet(&ours);
        assert!(Arc::ptr_eq(&meet(&ours), &in_use));
        let theirs = sibling(&ours);
        assert_eq!(theirs.store_key(), id);
        let met = meet(&theirs);
        assert!(!Arc::ptr_eq(&met, &in_use));
        assert!(met.cookie().is(theirs.as_sent()));
    }

    #[test]
    fn what_is_in_use_follows_a_store_that_fell_back() {
        let (known, ours) = (Known::default(), cookie());
        let id = ours.store_key();
        let in_use = entry(ours.clone());
        known.note(id, &in_use);
        let seen = known.versions(&id);
        let loaded = || Arc::into_inner(entry(ours.clone())).unwrap();
        // Two masters have each saved the same version.
        let stored = loaded();
        let state = stored.state();
        known.meet(id, stored, seen, read_at(), || true).unwrap();
        assert!(Arc::ptr_eq(&in_use.state(), &state));
        // A load that began before anything was in use takes only what is newer.
        known.meet(id, loaded(), None, read_at(), || true).unwrap();
        assert!(Arc::ptr_eq(&in_use.state(), &state));
    }

    #[test]
    fn a_record_that_was_overtaken_comes_into_no_use() {
        let (known, ours) = (Known::default(), cookie());
        let id = ours.store_key();
        let loaded = Arc::into_inner(entry(ours)).unwrap();
        assert!(known.meet(id, loaded, None, read_at(), || false).is_none());
        assert!(known.find(&id).is_none());
    }

    #[test]
    fn while_a_session_is_deleted_here_nobody_else_says_why() {
        let (known, entry) = (Known::default(), entry(cookie()));
        let id = entry.cookie().store_key();
        known.note(id, &entry);
        let (one, two) = (known.deleting(id), known.deleting(id));
        drop(one);
        assert!(known.end(&id, EndReason::Replaced).is_some());
        assert_eq!(entry.ended(), None, "another deletion is under way");
        drop(two);
        assert!(known.ending().is_empty());
        known.end(&id, EndReason::Replaced);
        assert_eq!(entry.ended(), Some(EndReason::Replaced));
    }
}
