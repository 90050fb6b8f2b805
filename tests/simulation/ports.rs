//! Clock and tasks of a node.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum_oidc_session::clock::{Clock, Sleep, UnixTime};
use axum_oidc_session::spawn::{Spawn, Task};

use crate::executor::{Owner, Sim};

/// A machine's clock: the time since the begin, and how far it is wrong. The monotonic one stands still while the machine sleeps.
#[derive(Clone, Debug)]
pub(crate) struct NodeClock {
    sim: Sim,
    /// Milliseconds; clones share it.
    offset: Arc<AtomicI64>,
    /// Nanoseconds; clones share it.
    slept: Arc<AtomicU64>,
}

impl NodeClock {
    pub(crate) fn new(sim: &Sim, offset: i64) -> Self {
        Self { sim: sim.clone(), offset: Arc::new(AtomicI64::new(offset)), slept: Arc::default() }
    }

    /// The machine has slept for so long.
    pub(crate) fn has_slept(&self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(0);
        self.slept.fetch_add(nanos, Ordering::Relaxed);
    }

    /// Milliseconds.
    pub(crate) fn set_wrong_by(&self, offset: i64) {
        self.offset.store(offset, Ordering::Relaxed);
    }

    pub(crate) fn wrong_by(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }
}

impl Clock for NodeClock {
    fn now(&self) -> UnixTime {
        let millis = i64::try_from(self.sim.now().as_millis()).unwrap_or(i64::MAX / 2);
        UnixTime::from_seconds(BEGIN + (millis + self.wrong_by()).div_euclid(1000))
    }

    fn monotonic(&self) -> Duration {
        self.sim.now().saturating_sub(Duration::from_nanos(self.slept.load(Ordering::Relaxed)))
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let (clock, until) = (self.clone(), self.monotonic().saturating_add(duration));
        let first = self.sim.sleep(duration);
        Box::pin(async move {
            first.await;
            // What the machine has slept does not count.
            while clock.monotonic() < until {
                clock.sim.sleep(until - clock.monotonic()).await;
            }
        })
    }
}

/// Runs tasks that die with the node.
#[derive(Debug)]
pub(crate) struct NodeSpawner {
    pub(crate) sim: Sim,
    pub(crate) owner: Owner,
}

impl Spawn for NodeSpawner {
    fn spawn(&self, task: Task) {
        self.sim.spawn(self.owner, task);
    }
}

/// Seconds since the epoch when a run begins.
pub(crate) const BEGIN: i64 = 1_893_456_000;
