//! A node whose tasks a test runs by hand.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use super::super::{indexer, sessions};
use super::told_store::ToldStore;
use crate::clock::{ManualClock, UnixTime};
use crate::random::SystemRandom;
use crate::session::contract::{IndexKey, SessionIndex, Store};
use crate::session::entry::{Entry, Versioned};
use crate::session::id::SessionCookie;
use crate::session::record::tests::live_state;
use crate::session::sessions::{Ports, Sessions};
use crate::spawn::{Spawn, Task};

/// Sessions and what they run on, which may outlive them.
pub(super) struct Node {
    pub(super) sessions: Sessions,
    pub(super) clock: ManualClock,
    pub(super) tasks: Arc<Tasks>,
}

impl Node {
    pub(super) fn over(store: Store) -> Self {
        let (clock, tasks) = (ManualClock::at(NOW), Arc::new(Tasks::default()));
        let ports = Ports {
            clock: Arc::new(clock.clone()),
            random: Arc::new(SystemRandom),
            spawn: Arc::clone(&tasks) as Arc<dyn Spawn>,
        };
        Self { sessions: sessions(store, indexer(), ports), clock, tasks }
    }

    /// With the store, to tell it what to answer.
    pub(super) fn told() -> (Self, ToldStore) {
        let store = ToldStore::default();
        (Self::over(Store::from(store.clone())), store)
    }
}

/// The tasks that have not ended.
#[derive(Default)]
pub(super) struct Tasks(Mutex<Vec<Task>>);

impl Tasks {
    /// Lets all of them, and those that they start, go on as far as they come; how many there are then.
    pub(super) fn run(&self) -> usize {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..ROUNDS {
            let mut tasks = std::mem::take(&mut *self.0.lock().unwrap());
            tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
            self.0.lock().unwrap().append(&mut tasks);
        }
        self.0.lock().unwrap().len()
    }
}

impl Spawn for Tasks {
    fn spawn(&self, task: Task) {
        self.0.lock().unwrap().push(task);
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tasks")
    }
}

pub(in crate::session) fn cookie() -> SessionCookie {
    SessionCookie::generate(&SystemRandom).unwrap()
}

/// A session in memory, used just now.
pub(in crate::session) fn entry(cookie: SessionCookie) -> Arc<Entry> {
    let key = IndexKey([1; 16]);
    let index = SessionIndex { key_id: [1; 4], session: key, sid: key, sub: key };
    let (now, clock) = (UnixTime::from_seconds(NOW), ManualClock::at(NOW));
    let state = Versioned { version: 1, state: live_state() };
    Arc::new(Entry::new((cookie, index), state, now, Arc::default(), &clock))
}

const NOW: i64 = 1_000_000;
/// A task that has started another, or woken one, is followed by it.
const ROUNDS: usize = 4;
