//! Work that many requests want and one task does.
//!
//! The first that asks starts a task of its own, which runs to its end even if everyone who waits hangs up; the others
//! wait for its outcome.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::spawn::Spawn;

/// At most one task per key.
pub(crate) struct InFlight<K, T> {
    running: Arc<Mutex<HashMap<K, watch::Receiver<Option<T>>>>>,
}

impl<K, T> InFlight<K, T>
where
    K: Eq + Hash + Copy + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// The outcome of the task under `key`; `start` makes it if none runs.
    ///
    /// `None` if the task was cut off (the runtime is shutting down).
    pub(crate) async fn join<F>(
        &self,
        key: K,
        spawner: &dyn Spawn,
        start: impl FnOnce() -> F,
    ) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut receiver = self.receiver(key, spawner, start);
        let outcome = receiver.wait_for(Option::is_some).await.ok()?;
        outcome.clone()
    }

    /// Whether a task runs under `key`.
    pub(crate) fn is_running(&self, key: K) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&key)
    }

    /// Waits until no task runs under `key`.
    pub(crate) async fn settled(&self, key: K) {
        let running = {
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.get(&key).cloned()
        };
        if let Some(mut running) = running {
            // An error means that the task was cut off: it runs no more either.
            let _ = running.wait_for(Option::is_some).await;
        }
    }

    fn receiver<F>(
        &self,
        key: K,
        spawner: &dyn Spawn,
        start: impl FnOnce() -> F,
    ) -> watch::Receiver<Option<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(receiver) = running.get(&key) {
            return receiver.clone();
        }
        let (sender, receiver) = watch::channel(None);
        running.insert(key, receiver.clone());
        drop(running);
        let (task, done) = (start(), Done { running: Arc::clone(&self.running), key });
        spawner.spawn(Box::pin(async move {
            let outcome = task.await;
            // Out of the map first: whoever comes now must see what the task has saved, not its outcome.
            drop(done);
            sender.send_replace(Some(outcome));
        }));
        receiver
    }
}

/// Takes the task out of the map, also when it is cut off.
struct Done<K: Eq + Hash, T> {
    running: Arc<Mutex<HashMap<K, watch::Receiver<Option<T>>>>>,
    key: K,
}

impl<K: Eq + Hash, T> Drop for Done<K, T> {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl<K, T> Default for InFlight<K, T> {
    fn default() -> Self {
        Self { running: Arc::default() }
    }
}

impl<K, T> fmt::Debug for InFlight<K, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InFlight")
    }
}
