//! Hearing of events: a connection of its own, or in a cluster one to every master.
//!
//! 1. A script publishes on the node that runs it, before it is answered. The server writes to each subscriber in that
//!    order, and an answer to a later PING behind it. So after the PING's answer everything is here that was answered
//!    before it was sent.
//! 2. The nodes of a cluster pass messages on, but late, and not reliably: so each master is listened to, and what comes by
//!    several ways is given once. When the masters are others than at the beginning, events may have been lost.
//! 3. In silence the nodes are asked every 10 s whether they are still there.
//! 4. A single server is asked every 5 s whether it still takes writes ([`probe`]).

use std::collections::{HashSet, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select, try_join_all};
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, Value, cmd};
use tokio::sync::mpsc;

use super::error::Fault;
use super::event::{self, Tag};
use super::link::Link;
use super::masters::{self, Masters};
use super::probe;
use super::store::RedisStore;
use crate::clock::{Clock as _, SystemClock};
use crate::session::contract::{StoreError, StoreEvent, StoreListener};

pub(super) struct RedisListener {
    store: RedisStore,
    connections: Vec<MultiplexedConnection>,
    masters: Masters,
    heard: mpsc::Receiver<Heard>,
    is_lost: Arc<AtomicBool>,
    given: Given,
    /// When the server was last asked whether it takes writes.
    probed_at: Duration,
}

enum Heard {
    Event(StoreEvent, Tag),
    /// Wakes who waits; [`RedisListener::is_lost`] is set already.
    Lost,
}

impl RedisListener {
    pub(super) async fn begin(store: &RedisStore) -> Result<Self, Fault> {
        let target = store.shared().link.target();
        let masters = masters(&store.shared().link).await?;
        let (sender, heard) = mpsc::channel(MOST_WAITING);
        let is_lost = Arc::new(AtomicBool::new(false));
        let nodes: Vec<Option<&(String, u16)>> =
            if target.is_cluster() { masters.iter().map(Some).collect() } else { vec![None] };
        let connections = try_join_all(nodes.into_iter().map(|node| {
            let pushed = pushed(sender.clone(), Arc::clone(&is_lost));
            async move {
                let mut connection = target.listen(node, pushed).await?;
                connection.subscribe(store.shared().keys.events()).await?;
                Ok::<_, Fault>(connection)
            }
        }))
        .await?;
        let store = store.clone();
        let (given, probed_at) = (Given::default(), SystemClock.monotonic());
        Ok(Self { store, connections, masters, heard, is_lost, given, probed_at })
    }

    /// Asks all nodes whether they are there.
    async fn ask(&mut self) -> Result<(), Fault> {
        self.probe().await?;
        let asked = self.connections.iter().cloned().map(|mut connection| async move {
            cmd("PING").query_async::<Value>(&mut connection).await.map_err(Fault::from)
        });
        try_join_all(asked).await?;
        if masters(&self.store.shared().link).await? == self.masters {
            Ok(())
        } else {
            Err(Fault::EventsLost)
        }
    }

    async fn probe(&mut self) -> Result<(), Fault> {
        let link = &self.store.shared().link;
        let now = SystemClock.monotonic();
        let is_due = now.saturating_sub(self.probed_at) >= PROBED_EVERY;
        let ([connection], true) = (self.connections.as_mut_slice(), is_due) else {
            return Ok(());
        };
        if link.target().is_cluster() {
            return Ok(());
        }
        self.probed_at = now;
        let answer = link.probe().query_async::<Value>(connection).await;
        match probe::refusal(answer.map_err(Fault::from)) {
            Some(fault) => {
                link.doubt();
                Err(fault)
            }
            None => Ok(()),
        }
    }

    async fn wait(&mut self) -> Result<StoreEvent, Fault> {
        loop {
            self.check()?;
            let silence = SystemClock.sleep(LONGEST_SILENCE);
            let heard = match select(pin!(self.heard.recv()), silence).await {
                Either::Left((heard, _)) => Some(heard.ok_or(Fault::EventsLost)?),
                Either::Right(_) => None,
            };
            match heard {
                Some(Heard::Event(event, tag)) => {
                    if self.given.is_new(tag) {
                        return Ok(event);
                    }
                }
                Some(Heard::Lost) => return Err(Fault::EventsLost),
                None => self.ask_or_lose().await?,
            }
        }
    }

    async fn drain(&mut self) -> Result<Vec<StoreEvent>, Fault> {
        self.ask_or_lose().await?;
        self.check()?;
        let mut events = Vec::new();
        while let Ok(heard) = self.heard.try_recv() {
            match heard {
                Heard::Event(event, tag) if self.given.is_new(tag) => events.push(event),
                Heard::Event(..) => {}
                Heard::Lost => return Err(Fault::EventsLost),
            }
        }
        Ok(events)
    }

    async fn ask_or_lose(&mut self) -> Result<(), Fault> {
        let answer = self.ask().await;
        answer.inspect_err(|_| self.lose())
    }

    fn check(&self) -> Result<(), Fault> {
        if self.is_lost.load(Ordering::Acquire) { Err(Fault::EventsLost) } else { Ok(()) }
    }

    fn lose(&self) {
        self.is_lost.store(true, Ordering::Release);
    }
}

#[async_trait]
impl StoreListener for RedisListener {
    async fn next(&mut self) -> Result<StoreEvent, StoreError> {
        Ok(self.wait().await?)
    }

    async fn catch_up(&mut self) -> Result<Vec<StoreEvent>, StoreError> {
        Ok(self.drain().await?)
    }
}

/// Takes what one connection is pushed.
fn pushed(
    sender: mpsc::Sender<Heard>,
    is_lost: Arc<AtomicBool>,
) -> impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static {
    move |push| {
        let heard = match event::of_push(&push) {
            Ok(None) => return Ok(()),
            Ok(Some((event, tag))) => Heard::Event(event, tag),
            Err(_) => Heard::Lost,
        };
        if matches!(heard, Heard::Lost) {
            is_lost.store(true, Ordering::Release);
        }
        sender.try_send(heard).map_err(|_| is_lost.store(true, Ordering::Release))
    }
}

/// Those of a cluster; a single server has none.
async fn masters(link: &Link) -> Result<Masters, Fault> {
    if link.target().is_cluster() {
        masters::of(link.read(&masters::question()).await?)
    } else {
        Ok(Masters::new())
    }
}

/// The calls whose events were given lately.
#[derive(Default)]
struct Given {
    known: HashSet<Tag>,
    order: VecDeque<Tag>,
}

impl Given {
    fn is_new(&mut self, tag: Tag) -> bool {
        if !self.known.insert(tag) {
            return false;
        }
        self.order.push_back(tag);
        if self.order.len() > MOST_KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

const PROBED_EVERY: Duration = Duration::from_secs(5);
const LONGEST_SILENCE: Duration = Duration::from_secs(10);
/// A listener that lets more events wait hears that it has lost some.
const MOST_WAITING: usize = 65_536;
const MOST_KNOWN: usize = 4_096;
