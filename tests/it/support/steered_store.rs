//! A store each of whose calls waits until the test lets it pass: so two nodes over it are taken through the orders of their
//! calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::clock::{Clock as _, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::Id;
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
    /// The next load of each node waits when the store has answered it.
    held_loads: [Option<Stop>; 2],
    /// The next deletion of each node waits before the store is asked.
    held_deletes: [Option<Stop>; 2],
}

/// Where a call says that it is there, and waits until it may go on.
#[derive(Debug)]
struct Stop {
    is_there: oneshot::Sender<()>,
    may_go_on: oneshot::Receiver<()>,
}

impl Stop {
    async fn wait(self) {
        let _gone = self.is_there.send(());
        let _gone = self.may_go_on.await;
    }
}

/// A call that is held back.
pub(crate) struct HeldCall {
    is_there: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl HeldCall {
    fn new() -> (Self, Stop) {
        let ((there, is_there), (go_on, may_go_on)) = (oneshot::channel(), oneshot::channel());
        (Self { is_there, go_on }, Stop { is_there: there, may_go_on })
    }

    /// Waits until the call has come to where it is held.
    pub(crate) async fn reached(&mut self) {
        (&mut self.is_there).await.unwrap();
    }

    /// Lets it go on.
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
    pub(crate) fn hold_load(&self, node: usize) -> HeldCall {
        let (held, stop) = HeldCall::new();
        self.lock().held_loads[node] = Some(stop);
        held
    }

    /// Holds the next deletion of `node` back, before the store is asked.
    pub(crate) fn hold_delete(&self, node: usize) -> HeldCall {
        let (held, stop) = HeldCall::new();
        self.lock().held_deletes[node] = Some(stop);
        held
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
        let stop = self.gate.lock().held_loads[self.node].take();
        if let Some(stop) = stop {
            stop.wait().await;
        }
        answer
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        let _passing = self.gate.pass(self.node).await;
        self.store.save_if(id, change, now).await
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
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

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        let stop = self.gate.lock().held_deletes[self.node].take();
        if let Some(stop) = stop {
            stop.wait().await;
        }
        let _passing = self.gate.pass(self.node).await;
        self.store.delete(id).await
    }
}

/// After this long a node that does not come waits for the other one.
const PATIENCE: Duration = Duration::from_millis(40);
