//! The store that all nodes share: a server that answers late, fails before or after it did its work, and whose messages take time.
//!
//! What it does keeps the laws of `AuthStore`. A question that was sent is answered or not, whoever still waits for it.

mod listener;
mod masters;
mod operations;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::{IndexKey, Marker, StoreError, StoreEvent, StoredSession};
use tokio::sync::oneshot;

use self::listener::Subscriber;
use self::masters::Masters;
use crate::chance::Chance;
use crate::executor::{Owner, Sim, lock};
use crate::truth::Truth;
use crate::weather::{Trouble, Weather};

/// What is stored.
#[derive(Default)]
pub(crate) struct Contents {
    /// By number: the order of a map must not depend on the process.
    sessions: BTreeMap<i128, StoredSession>,
    remembered: BTreeMap<i128, UnixTime>,
    markers: BTreeMap<IndexKey, Marker>,
    /// Holder, and when the lease is over.
    locks: BTreeMap<i128, (i128, Duration)>,
    subscribers: Vec<Arc<Subscriber>>,
    /// Everything that was ever handed over, to be searched for what must not be in it.
    seen: BTreeSet<Vec<u8>>,
}

impl Contents {
    fn saw(&mut self, bytes: &[u8]) {
        if !self.seen.contains(bytes) {
            self.seen.insert(bytes.to_vec());
        }
    }

    fn saw_id(&mut self, id: i128) {
        self.saw(&id.to_be_bytes());
    }
}

/// The server.
#[derive(Clone, Default)]
pub(crate) struct Server(pub(crate) Arc<Mutex<Masters>>);

impl Server {
    pub(crate) fn seen(&self) -> BTreeSet<Vec<u8>> {
        lock(&self.0).current().seen.clone()
    }
}

/// A node's way to it.
#[derive(Clone)]
pub(crate) struct SimStore {
    pub(crate) node: usize,
    pub(crate) server: Server,
    pub(crate) sim: Sim,
    pub(crate) chance: Chance,
    pub(crate) weather: Weather,
    pub(crate) truth: Truth,
    pub(crate) is_exclusive: bool,
    /// It tells nobody of changes.
    pub(crate) is_mute: bool,
}

impl fmt::Debug for SimStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SimStore")
    }
}

impl SimStore {
    /// A question and its answer. `looks`: whoever asks learns from it whether the session is there.
    async fn ask<T: Send + 'static>(
        &self,
        looks: bool,
        apply: impl FnOnce(&mut Contents, &SimStore) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (before, after) = (self.delay(), self.delay());
        if self.goes_wrong(Trouble::StoreRefuses) {
            self.sim.sleep(before).await;
            self.truth.store_failed();
            return Err(StoreError::new("the store is not reached"));
        }
        let loses = self.goes_wrong(Trouble::StoreLosesAnswer);
        let asked_by = self.sim.current();
        let master = lock(&self.server.0).number_of(self.node);
        let (sender, answer) = oneshot::channel();
        let this = self.clone();
        self.sim.spawn(Owner::World, async move {
            this.sim.sleep(before).await;
            // A client that is gone may have sent it, or not.
            if sender.is_closed() && this.chance.permille(500) {
                return;
            }
            let value = match lock(&this.server.0).find(master) {
                Some(contents) => apply(contents, &this),
                None => return this.truth.store_failed(),
            };
            let applied = (this.truth.next(), this.sim.now());
            this.sim.sleep(after).await;
            // The connection that it would come on has broken, or it was there before.
            let is_cut = lock(&this.server.0).number_of(this.node) != master;
            if loses || is_cut && this.chance.permille(500) {
                this.truth.store_failed();
            } else {
                let _ = sender.send((value, applied));
            }
        });
        let (value, applied) =
            answer.await.map_err(|_| StoreError::new("the store's answer is lost"))?;
        if looks {
            self.truth.looked(asked_by, applied);
        }
        Ok(value)
    }

    fn delay(&self) -> Duration {
        if self.goes_wrong(Trouble::StoreSlow) {
            self.truth.store_failed();
            return self.chance.millis(500, 8_000);
        }
        // Now and then an answer is overtaken by what comes later.
        let longest = if self.chance.permille(60) { 300_000 } else { 20_000 };
        Duration::from_micros(self.chance.between(100, longest))
    }

    fn goes_wrong(&self, trouble: Trouble) -> bool {
        self.chance.permille(self.weather.of(trouble))
    }

    /// Tells all nodes.
    fn tell(&self, contents: &mut Contents, event: StoreEvent) {
        contents.subscribers.retain(|subscriber| Arc::strong_count(subscriber) > 1);
        for subscriber in &contents.subscribers {
            if self.sim.is_suspended(subscriber.node) {
                subscriber.close();
                continue;
            }
            let late = match self.goes_wrong(Trouble::StoreSlow) {
                true => {
                    self.truth.store_failed();
                    self.chance.millis(500, 5_000)
                }
                false if self.chance.permille(500) => self.chance.millis(0, 5),
                false => self.chance.millis(0, 200),
            };
            subscriber.send(self.sim.now() + late, event);
        }
    }

    /// The connections on which changes are heard break: what was not heard by then is lost.
    pub(crate) fn deafen(&self) {
        self.truth.store_failed();
        lock(&self.server.0).current().break_off(|_| true);
    }
}
