//! The laws of a store over this one, which has other operations than the rest: entries that are shared, not records that
//! are kept.
//!
//! Each operation of the contract is made of those that sessions use here. Leases alone are not of this store: in one
//! process a lock ends when it is released.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tower_sessions::session::Id;

use super::{Found, MemoryStore, Slot, lock};
use crate::clock::{Clock, Sleep, SystemClock, UnixTime};
use crate::policy::{Ceiling, EndReason, Limits};
use crate::protocol::claims::Claims;
use crate::session::application::ApplicationPart;
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Listing, Marker, Part, Saved, SealedPart,
    StoreError, StoredSession, Touch,
};
use crate::session::entry::{Entry, Versioned};
use crate::session::id::SessionCookie;
use crate::session::index::Handle;
use crate::session::state::{Refresh, SessionState, Tokens};
use crate::store_laws;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_the_laws() {
    let store = Embedded { store: MemoryStore::default(), locks: Arc::default() };
    let nodes: Vec<Arc<dyn AuthStore>> = vec![Arc::new(store.clone()), Arc::new(store)];
    store_laws::check(&nodes).await.assert();
}

#[derive(Clone, Debug)]
struct Embedded {
    store: MemoryStore,
    locks: Arc<Mutex<HashMap<Id, (Id, Duration)>>>,
}

/// No limit but the one that a session states itself.
const LIMITS: fn() -> Limits =
    || Limits { idle: Duration::MAX, absolute: Duration::MAX, ..Limits::default() };

#[derive(Debug)]
struct At(UnixTime);

impl Clock for At {
    fn now(&self) -> UnixTime {
        self.0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }
}

impl Embedded {
    /// The session, if it is not over.
    fn live(&self, id: &Id, now: UnixTime) -> Option<Arc<Entry>> {
        match self.store.find(cookie(id).as_sent()) {
            Found::Live(entry) => {
                (entry.ended().is_none() && now < expires_at(&entry)).then_some(entry)
            }
            Found::Ended(..) | Found::Nothing => None,
        }
    }
}

fn cookie(id: &Id) -> SessionCookie {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&id.0.to_be_bytes());
    SessionCookie::parse(URL_SAFE_NO_PAD.encode(bytes)).unwrap()
}

fn id(entry: &Entry) -> Id {
    Id(i128::from_be_bytes(entry.cookie().first_half()))
}

fn expires_at(entry: &Entry) -> UnixTime {
    entry.state().state.shortened_to.unwrap()
}

/// What the store is given, in the fields that a state has.
fn state(content: &[u8], summary: &[u8], expires_at: UnixTime) -> SessionState {
    let at = UnixTime::from_seconds(0);
    SessionState {
        handle: Handle::from_bytes([0; 16]),
        session_expires_at: Ceiling::None,
        ceiling_since: at,
        ordinal: 0,
        renewal_tried: false,
        attempt_begun_at: at,
        logged_in_at: at,
        sid: None,
        further_sids: Box::default(),
        device: Some(URL_SAFE_NO_PAD.encode(summary)),
        claims: Claims::from_json(r#"{"sub":"x"}"#).unwrap(),
        id_token: SecretString::from(URL_SAFE_NO_PAD.encode(content)),
        id_token_issued_at: at,
        auth_time: None,
        shortened_to: Some(expires_at),
        tokens: Tokens {
            is_refreshed: false,
            access_token: SecretString::from(String::new()),
            obtained_at: at,
            expires_at: None,
            scope: String::new(),
            refresh: Refresh::Unavailable,
        },
    }
}

fn application(version: u64, content: &[u8]) -> ApplicationPart {
    let content = json!(URL_SAFE_NO_PAD.encode(content));
    ApplicationPart { version, data: HashMap::from([("content".to_owned(), content)]) }
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn content(state: &SessionState) -> Vec<u8> {
    decoded(state.id_token.expose_secret())
}

fn listing(entry: &Entry) -> Listing {
    let summary = decoded(entry.state().state.device.as_deref().unwrap_or_default());
    Listing { index: entry.index(), summary }
}

fn stored(entry: &Entry) -> StoredSession {
    let (versioned, part) = (entry.state(), entry.application());
    let content = content(&versioned.state);
    let auth = SealedPart { version: versioned.version, content };
    let at = expires_at(entry);
    let mut session = StoredSession::new(id(entry), auth, listing(entry), at);
    session.application = part.data.get("content").map(|content| SealedPart {
        version: part.version,
        content: decoded(content.as_str().unwrap()),
    });
    session
}

#[async_trait]
impl AuthStore for Embedded {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        // Ids of this store are never used again; here those of what is over are.
        let over = match self.store.find(cookie(&session.id).as_sent()) {
            Found::Live(entry) if now >= expires_at(&entry) => Some(entry),
            _ => None,
        };
        if let Some(over) = over {
            over.end(EndReason::AbsoluteLimit);
            self.store.bury(&over, EndReason::AbsoluteLimit, now);
        }
        let finder = cookie(&session.id).finder();
        let mut shard = self.store.shard(finder);
        if let Some(Slot::Ended { .. }) = shard.get(&finder) {
            shard.remove(&finder);
        }
        drop(shard);
        let state = state(&session.auth.content, &session.listing.summary, session.expires_at);
        let part = session.application.as_ref();
        let part = part.map(|part| application(part.version, &part.content)).unwrap_or_default();
        let state = Versioned { version: session.auth.version, state };
        let found_by = (cookie(&session.id), session.listing.index);
        let entry = Entry::new(found_by, state, now, part, &At(now));
        Ok(self.store.insert(Arc::new(entry), &LIMITS(), &At(now)))
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.live(id, now).map(|entry| stored(&entry)))
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        let Some(entry) = self.live(id, now) else { return Ok(Saved::Gone) };
        let summary = match &change.listing {
            Some(listing) => listing.summary.clone(),
            None => listing(&entry).summary,
        };
        let at = change.expires_at.unwrap_or_else(|| expires_at(&entry));
        let saved = match change.part {
            Part::Auth => entry.commit_state(change.expected, state(&change.content, &summary, at)),
            Part::Application => {
                let part = application(change.expected + 1, &change.content);
                let saved = entry.commit_application(change.expected, part);
                if saved == Saved::Done && (change.listing.is_some() || change.expires_at.is_some())
                {
                    // The state is no part of it: its version stays.
                    let _done = entry.change_state_for_laws(None, |before| {
                        state(&content(before), &summary, at)
                    });
                }
                saved
            }
        };
        if let (Saved::Done, Some(listing)) = (saved, change.listing) {
            self.store.0.revocations.move_for_laws(&entry, listing.index);
        }
        Ok(saved)
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        let Some(entry) = self.live(id, now) else { return Ok(Saved::Gone) };
        Ok(entry.change_state_for_laws(Some(touch.expected), |before| {
            state(&content(before), &touch.summary, touch.expires_at)
        }))
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        Ok(self.store.remember(key, until, now))
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let found = self.store.find_by(keys).into_iter();
        let live = found.filter(|entry| entry.ended().is_none() && now < expires_at(entry));
        Ok(live
            .map(|entry| FoundSession {
                id: id(&entry),
                listing: listing(&entry),
                expires_at: expires_at(&entry),
            })
            .collect())
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        self.store.mark(markers, now);
        Ok(())
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        Ok(self.store.markers(keys, now))
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let (mut locks, now) = (lock(&self.locks), SystemClock.monotonic());
        match locks.get(key) {
            Some((held_by, until)) if held_by != holder && now < *until => Ok(false),
            _ => {
                locks.insert(*key, (*holder, now + lease));
                Ok(true)
            }
        }
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        let mut locks = lock(&self.locks);
        if locks.get(key).is_some_and(|(held_by, _)| held_by == holder) {
            locks.remove(key);
        }
        Ok(())
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        if let Found::Live(entry) = self.store.find(cookie(id).as_sent()) {
            entry.end(EndReason::LoggedOut);
            self.store.bury(&entry, EndReason::LoggedOut, SystemClock.now());
        }
        Ok(())
    }
}
