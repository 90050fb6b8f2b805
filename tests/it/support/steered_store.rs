//! A store each of whose calls waits until the test lets it pass: so two nodes over it are taken through the orders of their
//! calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::{Clock as _, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::{Id, Record};
use axum_oidc_session::tower_sessions::{SessionStore, session_store};
use axum_oidc_session::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoreListener,
    StoredSession, Touch,
};
use futures_util::future::{Either, select};
use tokio::sync::{Notify, oneshot};

/// What holds the calls of two nodes back. Open at first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    waiting: [VecDeque<oneshot::Sender<()>>; 2],
    under_way: usize,
    finished: [bool; 2],
    /// Of the next load of each node: the answer is there, and whether it may go on.
    held: [Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>; 2],
}

/// A load whose answer the store has given, and the node does not have yet.
pub(crate) struct HeldLoad {
    answered: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl HeldLoad {
    /// Waits until the store has answered.
    pub(crate) async fn answered(&mut self) {
        (&mut self.answered).await.unwrap();
    }

    /// Gives the node the answer.
    pub(crate) fn release(self) {
        let _gone = self.go_on.send(());
    }
}

impl Gate {
    /// From now on calls wait.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.finished = [false; 2];
    }

    /// Holds the answer to the next load of `node` back.
    pub(crate) fn hold_load(&self, node: usize) -> HeldLoad {
        let (is_there, answered) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel();
        self.lock().held[node] = Some((is_there, may_go_on));
        HeldLoad { answered, go_on }
    }

    /// Lets all calls pass, those that wait and those that come.
    pub(crate) fn open(&self) {
        let mut state = self.lock();
        state.is_closed = false;
        let waiting = state.waiting.each_mut().map(std::mem::take);
        drop(state);
        for call in waiting.into_iter().flatten() {
            let _gone = call.send(());
        }
    }

    /// Nothing is left to do for `node` but what goes on in the background.
    pub(crate) fn finish(&self, node: usize) {
        self.lock().finished[node] = true;
        self.0.changed.notify_waiters();
    }

    /// Lets the next call of `node` pass and waits for its end; `false`: there is none, or it waits for the other node.
    pub(crate) async fn step(&self, node: usize) -> bool {
        let passed = async {
            loop {
                let changed = self.0.changed.notified();
                let next = {
                    let mut state = self.lock();
                    match state.waiting[node].pop_front() {
                        Some(call) => Some(call),
                        None if state.finished[node] => return false,
                        None => None,
                    }
                };
                // One whose caller is gone passes nothing.
                if next.is_some_and(|call| call.send(()).is_ok()) {
                    break;
                }
                changed.await;
            }
            loop {
                let changed = self.0.changed.notified();
                if self.lock().under_way == 0 {
                    return true;
                }
                changed.await;
            }
        };
        match select(std::pin::pin!(passed), SystemClock.sleep(PATIENCE)).await {
            Either::Left((passed, _)) => passed,
            Either::Right(_) => false,
        }
    }

    async fn pass(&self, node: usize) -> UnderWay {
        let waits = {
            let mut state = self.lock();
            if state.is_closed {
                let (sender, receiver) = oneshot::channel();
                state.waiting[node].push_back(sender);
                Some(receiver)
            } else {
                None
            }
        };
        if let Some(receiver) = waits {
            self.0.changed.notify_waiters();
            let _open = receiver.await;
        }
        self.lock().under_way += 1;
        UnderWay(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }
}

struct UnderWay(Gate);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
        self.0.0.changed.notify_waiters();
    }
}

/// The store as one of the two nodes has it.
#[derive(Clone, Debug)]
pub(crate) struct SteeredStore {
    store: Arc<dyn AuthStore>,
    gate: Gate,
    node: usize,
}

impl SteeredStore {
    pub(crate) fn new(store: Arc<dyn AuthStore>, gate: &Gate, node: usize) -> Self {
        Self { store, gate: gate.clone(), node }
    }
}

#[async_trait]
impl AuthStore for SteeredStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.insert(session, now).await
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        let passing = self.gate.pass(self.node).await;
        let answer = self.store.fetch(id, now).await;
        drop(passing);
        let held = self.gate.lock().held[self.node].take();
        if let Some((answered, may_go_on)) = held {
            let _gone = answered.send(());
            let _gone = may_go_on.await;
        }
        answer
    }

    async fn save_if(
        &self,
        id: &Id,
        change: &Change<'_>,
        now: UnixTime,
    ) -> Result<Saved, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.save_if(id, change, now).await
    }

    async fn touch(&self, id: &Id, touch: &Touch<'_>, now: UnixTime) -> Result<Saved, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.touch(id, touch, now).await
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.remember(key, until, now).await
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.find(keys, now).await
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.mark(markers, now).await
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.markers(keys, now).await
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.lock(key, holder, lease).await
    }

    /// Not held back: nobody waits for it.
    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        self.store.unlock(key, holder).await
    }

    async fn delete_expired(&self, now: UnixTime) -> Result<u64, StoreError> {
        self.store.delete_expired(now).await
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        self.store.listen().await
    }

    fn is_exclusive(&self) -> bool {
        self.store.is_exclusive()
    }

    fn claim(&self) -> bool {
        self.store.claim()
    }

    fn release(&self) {
        self.store.release();
    }
}

/// Of this trait only `delete` is used.
#[async_trait]
impl SessionStore for SteeredStore {
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.store.save(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.store.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let _passing = self.gate.pass(self.node).await;
        self.store.delete(id).await
    }
}

/// After this long a node that does not come waits for the other one.
const PATIENCE: Duration = Duration::from_millis(40);
