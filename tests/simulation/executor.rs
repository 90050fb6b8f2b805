//! One thread that runs all tasks of all nodes, one step at a time, and in which time passes only when nothing can go on.
//!
//! 1. Of the tasks that can go on one is chosen by the seed.
//! 2. When none can, the clock goes on to the next timer.
//! 3. A task belongs to an owner: when a node dies all its tasks are dropped, wherever they are.
//! 4. A task that panics ends the run.
//! 5. The tasks of a node that sleeps wait, also those that could go on.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::chance::Chance;

/// Clones are the same simulation.
#[derive(Clone)]
pub(crate) struct Sim(Arc<Inner>);

/// Whose a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Browsers, networks, servers: what no node's death ends.
    World,
    /// A node, and which of its lives.
    Node(usize, u32),
}

pub(crate) type TaskId = u64;

struct Inner {
    chance: Chance,
    state: Mutex<State>,
    ready: Ready,
    steps: AtomicU64,
    /// Of all steps: which task, and when.
    digest: AtomicU64,
    current: AtomicU64,
}

#[derive(Default)]
struct State {
    now: Duration,
    next: u64,
    tasks: BTreeMap<TaskId, Task>,
    timers: BTreeMap<(Duration, u64), Waker>,
    /// The task that runs now, if it was ended meanwhile.
    ended: Option<TaskId>,
    dead: Vec<Owner>,
    /// Nodes, by number.
    asleep: BTreeSet<usize>,
}

impl State {
    fn is_asleep(&self, id: TaskId) -> bool {
        match self.tasks.get(&id).map(|task| task.owner) {
            Some(Owner::Node(number, _)) => self.asleep.contains(&number),
            _ => false,
        }
    }
}

struct Task {
    owner: Owner,
    /// `None` while it runs.
    future: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    waker: Arc<TaskWaker>,
}

/// In the order of their numbers: that in which they were woken may differ from process to process.
type Ready = Arc<Mutex<BTreeSet<TaskId>>>;

struct TaskWaker {
    id: TaskId,
    ready: Ready,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        lock(&self.ready).insert(self.id);
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Sim")
    }
}

impl Sim {
    pub(crate) fn new(chance: Chance) -> Self {
        Self(Arc::new(Inner {
            chance,
            state: Mutex::default(),
            ready: Arc::default(),
            steps: AtomicU64::new(0),
            digest: AtomicU64::new(0),
            current: AtomicU64::new(0),
        }))
    }

    /// Time since the begin.
    pub(crate) fn now(&self) -> Duration {
        lock(&self.0.state).now
    }

    /// How often a task was polled.
    pub(crate) fn steps(&self) -> u64 {
        self.0.steps.load(Ordering::Relaxed)
    }

    /// The same for the same steps.
    pub(crate) fn digest(&self) -> u64 {
        self.0.digest.load(Ordering::Relaxed)
    }

    fn note_step(&self, id: TaskId) {
        let step = id ^ u64::try_from(self.now().as_nanos()).unwrap_or(0);
        let digest = (self.digest().rotate_left(5) ^ step).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0.digest.store(digest, Ordering::Relaxed);
    }

    /// The task that runs.
    pub(crate) fn current(&self) -> TaskId {
        self.0.current.load(Ordering::Relaxed)
    }

    pub(crate) fn spawn(
        &self,
        owner: Owner,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> TaskId {
        let mut state = lock(&self.0.state);
        state.next += 1;
        let id = state.next;
        if state.dead.contains(&owner) {
            // What the dead drop may drop more.
            drop(state);
            return id;
        }
        let ready = Arc::clone(&self.0.ready);
        let waker = Arc::new(TaskWaker { id, ready });
        state.tasks.insert(id, Task { owner, future: Some(Box::pin(future)), waker });
        drop(state);
        lock(&self.0.ready).insert(id);
        id
    }

    /// Drops a task, as a server does when its client hangs up.
    pub(crate) fn cancel(&self, id: TaskId) {
        let mut state = lock(&self.0.state);
        if id == self.current() {
            state.ended = Some(id);
        }
        let task = state.tasks.remove(&id);
        drop(state);
        drop(task);
    }

    /// Drops all tasks of an owner; it makes no more.
    pub(crate) fn kill(&self, owner: Owner) {
        let mut state = lock(&self.0.state);
        state.dead.push(owner);
        let of_owner = state.tasks.iter().filter(|(_, task)| task.owner == owner);
        let ids: Vec<TaskId> = of_owner.map(|(id, _)| *id).collect();
        drop(state);
        ids.into_iter().for_each(|id| self.cancel(id));
    }

    /// From now on no task of this node runs, in whichever of its lives.
    pub(crate) fn suspend(&self, node: usize) {
        lock(&self.0.state).asleep.insert(node);
    }

    /// Ends a [`suspend`](Self::suspend).
    pub(crate) fn resume(&self, node: usize) {
        lock(&self.0.state).asleep.remove(&node);
    }

    pub(crate) fn is_suspended(&self, node: usize) -> bool {
        lock(&self.0.state).asleep.contains(&node)
    }

    /// Runs until `main` is done. Everything else is dropped then.
    pub(crate) fn run(&self, main: impl Future<Output = ()> + Send + 'static) {
        let main = self.spawn(Owner::World, main);
        while lock(&self.0.state).tasks.contains_key(&main) {
            if !self.step() {
                self.pass_time();
            }
            assert!(self.steps() < MOST_STEPS, "it goes round and round");
        }
    }

    /// Drops everything: tasks hold the simulation that holds them.
    pub(crate) fn clear(&self) {
        let mut state = lock(&self.0.state);
        let (tasks, timers) = (std::mem::take(&mut state.tasks), std::mem::take(&mut state.timers));
        drop(state);
        drop((tasks, timers));
    }

    /// `false`: no task can go on.
    fn step(&self) -> bool {
        let id = {
            let state = lock(&self.0.state);
            let mut ready = lock(&self.0.ready);
            let awake = || ready.iter().filter(|id| !state.is_asleep(**id));
            let count = if state.asleep.is_empty() { ready.len() } else { awake().count() };
            if count == 0 {
                return false;
            }
            let index = self.0.chance.index(count);
            let Some(id) = awake().nth(index).copied() else { return false };
            ready.remove(&id);
            id
        };
        let (mut future, waker) = {
            let mut state = lock(&self.0.state);
            let Some(task) = state.tasks.get_mut(&id) else { return true };
            let Some(future) = task.future.take() else { return true };
            (future, Arc::clone(&task.waker))
        };
        self.0.steps.fetch_add(1, Ordering::Relaxed);
        self.note_step(id);
        self.0.current.store(id, Ordering::Relaxed);
        let polled = future.as_mut().poll(&mut Context::from_waker(&Waker::from(waker)));
        self.0.current.store(0, Ordering::Relaxed);
        let mut state = lock(&self.0.state);
        let ended = state.ended.take().is_some();
        match polled {
            Poll::Pending if !ended => {
                if let Some(task) = state.tasks.get_mut(&id) {
                    task.future = Some(future);
                    return true;
                }
            }
            _ => drop(state.tasks.remove(&id)),
        }
        drop(state);
        drop(future);
        true
    }

    fn pass_time(&self) {
        let mut state = lock(&self.0.state);
        let Some(((at, _), waker)) = state.timers.pop_first() else {
            panic!("everything waits, and for nothing");
        };
        state.now = state.now.max(at);
        drop(state);
        waker.wake();
    }

    pub(crate) fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = lock(&self.0.state);
        state.next += 1;
        let key = (state.now.saturating_add(duration), state.next);
        drop(state);
        Sleep { sim: self.clone(), key }
    }

    /// `None`: it took longer.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match select(std::pin::pin!(work), self.sleep(limit)).await {
            Either::Left((value, _)) => Some(value),
            Either::Right(_) => None,
        }
    }
}

/// A timer.
pub(crate) struct Sleep {
    sim: Sim,
    key: (Duration, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.sim.0.state);
        if state.now >= self.key.0 {
            return Poll::Ready(());
        }
        state.timers.insert(self.key, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let timer = lock(&self.sim.0.state).timers.remove(&self.key);
        drop(timer);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In one run; an ordinary one has some ten thousand.
const MOST_STEPS: u64 = 20_000_000;
