//! One connection, and whether it is still one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, Value};

use super::error::Fault;

/// Clones share it; requests of many tasks travel on it at once.
#[derive(Clone)]
pub(super) struct Connection {
    wire: Wire,
    alive: Arc<AtomicBool>,
}

#[derive(Clone)]
pub(super) enum Wire {
    Single(MultiplexedConnection),
    /// Holds a connection to every node and finds the right one.
    Cluster(ClusterConnection),
}

impl Connection {
    pub(super) fn new(wire: Wire, alive: Arc<AtomicBool>) -> Self {
        Self { wire, alive }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.alive, &other.alive)
    }

    pub(super) async fn send(&mut self, command: &Cmd) -> Result<Value, Fault> {
        let answer = match &mut self.wire {
            Wire::Single(wire) => command.query_async(wire).await,
            Wire::Cluster(wire) => command.query_async(wire).await,
        };
        Ok(answer?)
    }
}
