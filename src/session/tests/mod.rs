//! Sessions of two nodes over one store, one of which does something just before a call of the other.

mod entry;
mod moves;
mod saves;
mod services;
mod store;

use std::sync::Arc;
use std::time::Duration;

pub(super) use self::services::{cookie, entry};
use self::store::PlannedStore;
use super::application::{ApplicationPart, Data};
use super::contract::{Saved, Store, StoreError};
use super::entry::Entry;
use super::id::SessionCookie;
use super::index::Indexer;
use super::live_cache::CacheSettings;
use super::live_session::LiveSession;
use super::record::Owner;
use super::record::tests::live_state as state;
use super::sessions::{Lookup, Ports, SessionSettings, Sessions};
use crate::clock::{ManualClock, UnixTime};
use crate::policy::{EndReason, Limits};
use crate::random::{Random, SystemRandom};
use crate::secret::key_ring::KeyRing;
use crate::spawn::TokioSpawner;

struct Nodes {
    clock: ManualClock,
    /// As the first node has it.
    store: PlannedStore,
    here: Arc<Sessions>,
    there: Arc<Sessions>,
}

impl Nodes {
    fn new() -> Self {
        Self::with_random(Arc::new(SystemRandom))
    }

    fn with_random(random: Arc<dyn Random>) -> Self {
        let clock = ManualClock::at(NOW);
        let (store, indexer) = (PlannedStore::new(clock.clone()), indexer());
        let node = |store: PlannedStore| {
            let ports = ports(&clock, Arc::clone(&random));
            Arc::new(sessions(Store::from(store), indexer.clone(), ports))
        };
        let (here, there) = (node(store.clone()), node(store.elsewhere()));
        Self { clock, store, here, there }
    }

    /// A new session on the first node, with application data.
    async fn sign_in(&self) -> LiveSession {
        let application = ApplicationPart { version: 1, data: data("cart", 1) };
        self.here.create(state(), application).await.unwrap()
    }

    /// The same session as the other node has it.
    async fn there(&self, entry: &Entry) -> Arc<Entry> {
        Arc::clone(live(&self.there, entry.cookie()).await.unwrap().entry())
    }

    /// The other node saves tokens that were obtained at `at`, to the session that it has as `entry`.
    fn refresh_there(&self, entry: &Arc<Entry>, at: i64) -> impl Future<Output = ()> + use<> {
        let (there, entry) = (Arc::clone(&self.there), Arc::clone(entry));
        async move {
            let current = entry.state();
            let mut state = current.state.clone();
            state.tokens.obtained_at = self::at(at);
            assert_eq!(there.save(&entry, current.version, state).await.unwrap(), Saved::Done);
        }
    }

    /// Somebody signs out at the other node.
    fn sign_out_there(&self, entry: &Arc<Entry>) -> impl Future<Output = Answer> + use<> {
        let (there, entry) = (Arc::clone(&self.there), Arc::clone(entry));
        async move {
            let ended = there.end(&entry, EndReason::LoggedOut, &mut Vec::new()).await;
            ended.map(|is_first| assert!(is_first))
        }
    }
}

type Answer = Result<(), StoreError>;

fn sessions(store: Store, indexer: Indexer, ports: Ports) -> Sessions {
    let settings = SessionSettings {
        limits: Limits::default(),
        attempt_lifetime: Duration::from_secs(600),
        // A test says itself how late the store is.
        store_timeout: Duration::from_secs(3600),
        cache: CacheSettings { staleness: None, capacity: 0 },
        revocation_wait: None,
    };
    Sessions::new(store, indexer, settings, ports)
}

fn ports(clock: &ManualClock, random: Arc<dyn Random>) -> Ports {
    Ports { clock: Arc::new(clock.clone()), random, spawn: Arc::new(TokioSpawner) }
}

fn indexer() -> Indexer {
    let ring = KeyRing::random(&SystemRandom).unwrap();
    Indexer::new(ring, Owner::new("https://op.example.com", "client"))
}

fn data(key: &str, value: i32) -> Data {
    Data::from([(key.to_owned(), value.into())])
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

/// The session that this cookie opens.
async fn live(sessions: &Sessions, cookie: &SessionCookie) -> Option<LiveSession> {
    match sessions.load(cookie).await.unwrap() {
        Lookup::Live(live) => Some(live),
        _ => None,
    }
}

const NOW: i64 = 1_000;
