//! Sessions that were opened already: a record that a store gives again, unchanged, is not opened again.
//!
//! 1. The store is asked each time all the same: what is kept serves only if the record is the one that it was opened from, in
//!    all its parts, and only to the cookie that opened it.
//! 2. A record is the same if every byte of it is, its expiry apart: one that was damaged or tampered with does not open.
//! 3. The session is loaded anew: its clock begins with each load. What is shared is what was in the record.
//! 4. At its capacity one kept session makes room for another.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tower_sessions::session::Id;

use super::application::ApplicationPart;
use super::contract::{SessionIndex, StoredSession};
use super::entry::{Entry, Versioned};
use super::id::SessionCookie;
use crate::clock::{Clock, UnixTime};
use crate::store::memory::FinderHasher;

/// What was opened, by the key under which the store holds it.
pub(crate) struct OpenedSessions {
    shards: Box<[Mutex<Shard>]>,
    shard_capacity: usize,
}

type Shard = HashMap<Id, Kept, BuildHasherDefault<FinderHasher>>;

struct Kept {
    record: StoredSession,
    content: Content,
}

/// What a record holds, opened.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) cookie: SessionCookie,
    pub(crate) index: SessionIndex,
    pub(crate) state: Arc<Versioned>,
    pub(crate) application: Arc<ApplicationPart>,
    pub(crate) last_used_at: UnixTime,
}

impl Content {
    /// The session, loaded now.
    pub(crate) fn load(self, clock: &dyn Clock) -> Entry {
        let Self { cookie, index, state, application, last_used_at } = self;
        Entry::new((cookie, index), state, last_used_at, application, clock)
    }
}

impl OpenedSessions {
    /// For about `capacity` sessions; none of them if it is 0.
    pub(crate) fn new(capacity: usize) -> Self {
        let shards = if capacity == 0 { 0 } else { SHARDS };
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            shard_capacity: (capacity / SHARDS).max(1),
        }
    }

    /// What is in `stored`, if this very record was opened with this cookie before.
    pub(crate) fn find(&self, cookie: &SessionCookie, stored: &StoredSession) -> Option<Content> {
        let shard = self.shard(&stored.id)?;
        let kept = shard.get(&stored.id)?;
        let is_same = kept.content.cookie.is(cookie.as_sent())
            && kept.record.auth == stored.auth
            && kept.record.application == stored.application
            && kept.record.listing == stored.listing;
        is_same.then(|| kept.content.clone())
    }

    /// Keeps what was opened from `record`.
    pub(crate) fn keep(&self, record: StoredSession, content: &Content) {
        let id = record.id;
        let Some(mut shard) = self.shard(&id) else { return };
        if shard.len() >= self.shard_capacity && !shard.contains_key(&id) {
            let victim = shard.keys().next().copied();
            victim.and_then(|victim| shard.remove(&victim));
        }
        shard.insert(id, Kept { record, content: content.clone() });
    }

    /// The store has it no longer.
    pub(crate) fn forget(&self, id: &Id) {
        if let Some(mut shard) = self.shard(id) {
            shard.remove(id);
        }
    }

    /// Frees what has run out.
    pub(crate) fn forget_expired(&self, now: UnixTime) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.retain(|_, kept| now < kept.record.expires_at);
        }
    }

    fn shard(&self, id: &Id) -> Option<MutexGuard<'_, Shard>> {
        let index = usize::from(id.0.to_be_bytes()[0]) % SHARDS;
        self.shards.get(index).map(lock)
    }
}

impl fmt::Debug for OpenedSessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: usize = self.shards.iter().map(|shard| lock(shard).len()).sum();
        formatter.debug_struct("OpenedSessions").field("sessions", &count).finish()
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

const SHARDS: usize = 256;

#[cfg(test)]
mod tests {
    use super::super::contract::{IndexKey, Listing, SealedPart};
    use super::*;
    use crate::random::SystemRandom;
    use crate::session::record::tests::live_state;

    fn part(content: &[u8]) -> SealedPart {
        SealedPart { version: 1, content: content.to_vec() }
    }

    fn record(id: i128) -> StoredSession {
        let key = IndexKey([1; 16]);
        let index = SessionIndex { key_id: [1; 4], session: key, sid: key, sub: key };
        let listing = Listing { index, summary: b"summary".to_vec() };
        let expires_at = UnixTime::from_seconds(100);
        let mut record = StoredSession::new(Id(id), part(b"auth"), listing, expires_at);
        record.application = Some(part(b"application"));
        record
    }

    fn content(cookie: &SessionCookie, record: &StoredSession) -> Content {
        Content {
            cookie: cookie.clone(),
            index: record.listing.index,
            state: Arc::new(Versioned { version: 1, state: live_state() }),
            application: Arc::default(),
            last_used_at: UnixTime::from_seconds(1),
        }
    }

    fn cookie() -> SessionCookie {
        SessionCookie::generate(&SystemRandom).unwrap()
    }

    #[test]
    fn a_record_that_differs_in_anything_is_opened_again() {
        let (opened, cookie, kept) = (OpenedSessions::new(1000), cookie(), record(1));
        opened.keep(kept.clone(), &content(&cookie, &kept));
        assert!(opened.find(&cookie, &kept).is_some());
        let changes: [fn(&mut StoredSession); 9] = [
            |record| record.auth.version = 2,
            |record| record.auth.content[0] ^= 1,
            |record| record.auth.content.push(0),
            |record| record.application = None,
            |record| record.application.as_mut().unwrap().version = 2,
            |record| record.application.as_mut().unwrap().content[0] ^= 1,
            |record| record.listing.index.session = IndexKey([2; 16]),
            |record| record.listing.index.sub = IndexKey([2; 16]),
            |record| record.listing.summary[0] ^= 1,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = kept.clone();
            change(&mut changed);
            assert!(opened.find(&cookie, &changed).is_none(), "{number}");
        }
        assert!(opened.find(&self::cookie(), &kept).is_none(), "another cookie");
        assert!(opened.find(&cookie, &self::record(2)).is_none(), "another key");
        // When the store is to drop it says nothing of what was sealed.
        let mut touched = kept.clone();
        touched.expires_at = UnixTime::from_seconds(200);
        assert!(opened.find(&cookie, &touched).is_some());
    }

    #[test]
    fn what_is_gone_or_has_run_out_is_freed() {
        let (opened, cookie) = (OpenedSessions::new(1000), cookie());
        for id in 1..=3 {
            opened.keep(record(id), &content(&cookie, &record(id)));
        }
        opened.forget(&Id(1));
        assert!(opened.find(&cookie, &record(1)).is_none());
        opened.forget_expired(UnixTime::from_seconds(99));
        assert!(opened.find(&cookie, &record(2)).is_some());
        opened.forget_expired(UnixTime::from_seconds(100));
        assert!(opened.find(&cookie, &record(2)).is_none());
    }

    #[test]
    fn no_more_are_kept_than_were_asked_for() {
        let (opened, cookie) = (OpenedSessions::new(2 * SHARDS), cookie());
        for id in 0..1000 {
            opened.keep(record(id), &content(&cookie, &record(id)));
        }
        // The ids begin alike, so all of these are in one shard.
        let found = (0..1000).filter(|id| opened.find(&cookie, &record(*id)).is_some()).count();
        assert_eq!(found, 2);
        // A newer record of the same session takes its own place.
        let (opened, [first, second]) = (OpenedSessions::new(2 * SHARDS), [record(1), record(2)]);
        for kept in [&first, &second, &second] {
            opened.keep(kept.clone(), &content(&cookie, kept));
        }
        assert!([&first, &second].iter().all(|kept| opened.find(&cookie, kept).is_some()));
        let none = OpenedSessions::new(0);
        none.keep(record(1), &content(&cookie, &record(1)));
        assert!(none.find(&cookie, &record(1)).is_none());
    }
}
