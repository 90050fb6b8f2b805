//! How a node hears of changes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum_oidc_session::{StoreError, StoreEvent, StoreListener};
use tokio::sync::Notify;

use super::SimStore;
use crate::executor::lock;

/// What is on its way to one node.
#[derive(Default)]
pub(crate) struct Subscriber {
    pub(super) node: usize,
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Default)]
struct Queue {
    /// When each arrives.
    waiting: VecDeque<(Duration, StoreEvent)>,
    is_broken: bool,
    /// The other end has closed the connection, and this end has not noticed.
    is_half_open: bool,
}

impl Subscriber {
    pub(super) fn of(node: usize) -> Self {
        Self { node, ..Self::default() }
    }

    pub(super) fn send(&self, arrives: Duration, event: StoreEvent) {
        let mut queue = lock(&self.queue);
        let earliest = queue.waiting.back().map_or(Duration::ZERO, |(at, _)| *at);
        queue.waiting.push_back((arrives.max(earliest), event));
        drop(queue);
        self.changed.notify_one();
    }

    /// An event that cannot be sent: nobody hears of it until somebody asks.
    pub(super) fn close(&self) {
        lock(&self.queue).is_half_open = true;
    }

    pub(super) fn break_off(&self) {
        let mut queue = lock(&self.queue);
        queue.is_broken = true;
        queue.waiting.clear();
        drop(queue);
        self.changed.notify_one();
    }
}

pub(super) struct Listener {
    pub(super) store: SimStore,
    pub(super) subscriber: Arc<Subscriber>,
}

#[async_trait]
impl StoreListener for Listener {
    async fn next(&mut self) -> Result<StoreEvent, StoreError> {
        loop {
            let arrives = {
                let mut queue = lock(&self.subscriber.queue);
                if queue.is_broken {
                    return Err(StoreError::new("the connection broke"));
                }
                match queue.waiting.front() {
                    Some((at, _)) if *at <= self.store.sim.now() => {
                        let first = queue.waiting.pop_front();
                        return first.map(|(_, event)| event).ok_or_else(|| unreachable!());
                    }
                    front => front.map(|(at, _)| *at),
                }
            };
            match arrives {
                Some(at) => self.store.sim.sleep(at.saturating_sub(self.store.sim.now())).await,
                None => self.subscriber.changed.notified().await,
            }
        }
    }

    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError> {
        let subscriber = Arc::clone(&self.subscriber);
        let drain = move |_: &mut super::Contents, _: &SimStore| {
            let mut queue = lock(&subscriber.queue);
            let waiting: Vec<StoreEvent> = queue.waiting.drain(..).map(|(_, it)| it).collect();
            (!queue.is_broken && !queue.is_half_open).then_some(waiting)
        };
        let waiting = self.store.ask(false, drain).await?;
        waiting.ok_or_else(|| StoreError::new("the connection broke"))
    }
}
