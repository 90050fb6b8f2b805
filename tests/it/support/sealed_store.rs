//! A store in memory that gets sealed records, as a database would, and fails on demand.
//!
//! What it can be told is here; what a store has to do is in `operations`.

mod operations;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum_oidc_session::clock::{Clock, SystemClock, UnixTime};
use axum_oidc_session::tower_sessions::session::Id;
use axum_oidc_session::{IndexKey, Marker, StoreError, StoreEvent, StoredSession};
use tokio::sync::broadcast;

/// Clones share the sessions.
#[derive(Clone, Debug)]
pub(crate) struct SealedTestStore {
    clock: Arc<dyn Clock>,
    inner: Arc<Mutex<Inner>>,
    events: broadcast::Sender<StoreEvent>,
    is_mute: Arc<AtomicBool>,
    has_no_events: Arc<AtomicBool>,
    is_exclusive: bool,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    sessions: HashMap<Id, StoredSession>,
    remembered: HashMap<Id, UnixTime>,
    markers: HashMap<IndexKey, Marker>,
    /// Holder, and when the lease is over on the monotonic clock.
    locks: HashMap<Id, (Id, Duration)>,
    fails: Fails,
    delay: Duration,
    delay_of_inserts: Duration,
    delay_of_saves: Duration,
    delay_of_fetches: Duration,
    /// Of the answer to what was done at once.
    late: HashMap<Operation, Duration>,
    failing_deletes: u32,
    reads: u64,
    saves: u64,
    inserts: u64,
    writes: u64,
    writes_left: Option<u64>,
    hangs: bool,
    keeps_answers: bool,
    lost_answers: u32,
    saves_before_touches: u32,
}

/// What fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fails {
    #[default]
    Nothing,
    Everything,
    /// Everything but reading.
    Writes,
    /// Making new sessions alone.
    Inserts,
    /// Deleting alone.
    Deletes,
    /// Looking for markers alone.
    Markers,
    /// Reading sessions alone.
    Fetches,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    /// What no request waits for; it is not counted.
    Upkeep,
    Read,
    Fetch,
    Markers,
    Insert,
    Write,
    Save,
    Delete,
}

impl Operation {
    fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Fetch | Self::Markers | Self::Upkeep)
    }
}

impl SealedTestStore {
    /// A store whose leases run by `clock`.
    pub(crate) fn new(clock: impl Clock) -> Self {
        let events = broadcast::Sender::new(EVENTS_KEPT);
        Self {
            clock: Arc::new(clock),
            inner: Arc::default(),
            events,
            is_mute: Arc::default(),
            has_no_events: Arc::default(),
            is_exclusive: false,
        }
    }

    /// The same store for somebody who has it alone.
    pub(crate) fn exclusive(&self) -> Self {
        Self { is_exclusive: true, ..self.clone() }
    }

    /// A store that has what this one has, and hears nothing of it from now on.
    pub(crate) fn cut_off(&self) -> Self {
        let inner = Arc::new(Mutex::new(self.lock().clone()));
        Self { inner, events: broadcast::Sender::new(EVENTS_KEPT), ..self.clone() }
    }

    /// Makes operations fail until told otherwise.
    pub(crate) fn fail(&self, what: Fails) {
        self.lock().writes_left = None;
        self.lock().hangs = false;
        self.lock().keeps_answers = false;
        self.lock().fails = what;
    }

    /// Lets this many more writes pass, deletions among them, and then fails all of them.
    pub(crate) fn fail_writes_after(&self, writes: u64) {
        self.lock().writes_left = Some(writes);
    }

    /// From now on nothing is answered until [`fail`](Self::fail) is called.
    pub(crate) fn hang(&self) {
        self.lock().hangs = true;
    }

    /// Lets another process save the session before each of the next touches.
    pub(crate) fn save_before_touches(&self, touches: u32) {
        self.lock().saves_before_touches = touches;
    }

    /// From now on saves do their work, and nobody is told, until [`fail`](Self::fail) is called.
    pub(crate) fn keep_answers(&self) {
        self.lock().keeps_answers = true;
    }

    /// The next saves do their work, and fail.
    pub(crate) fn lose_answers(&self, saves: u32) {
        self.lock().lost_answers = saves;
    }

    /// Whether all answers that are to be lost have been.
    pub(crate) fn has_lost_answers(&self) -> bool {
        self.lock().lost_answers == 0
    }

    /// From now on nobody can listen.
    pub(crate) fn have_no_events(&self) {
        self.has_no_events.store(true, Ordering::SeqCst);
    }

    /// From now on no listener hears anything, and none notices.
    pub(crate) fn hold_events_back(&self) {
        self.is_mute.store(true, Ordering::SeqCst);
    }

    /// All leases are over, as after a time in which they could not be renewed.
    pub(crate) fn drop_locks(&self) {
        self.lock().locks.clear();
    }

    /// Every listener misses something, as when its connection is lost.
    pub(crate) fn lose_listeners(&self) {
        for _ in 0..=EVENTS_KEPT {
            let _nobody = self.events.send(StoreEvent::Changed(Id(0)));
        }
    }

    /// Makes every answer take this long, by the system's clock.
    pub(crate) fn answer_slowly(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    /// Makes inserts take this long, by the system's clock.
    pub(crate) fn insert_slowly(&self, delay: Duration) {
        self.lock().delay_of_inserts = delay;
    }

    /// Makes saves that begin from now on take this long, by the system's clock.
    pub(crate) fn save_slowly(&self, delay: Duration) {
        self.lock().delay_of_saves = delay;
    }

    /// Makes reading a session take this long, by the system's clock.
    pub(crate) fn fetch_slowly(&self, delay: Duration) {
        self.lock().delay_of_fetches = delay;
    }

    /// Lets reads of a session be done at once, and their answers take this long, by the system's clock.
    pub(crate) fn answer_fetches_late(&self, delay: Duration) {
        self.lock().late.insert(Operation::Fetch, delay);
    }

    /// As [`answer_fetches_late`](Self::answer_fetches_late), of deletions.
    pub(crate) fn answer_deletions_late(&self, delay: Duration) {
        self.lock().late.insert(Operation::Delete, delay);
    }

    /// Makes the next deletions fail.
    pub(crate) fn fail_deletes(&self, deletions: u32) {
        self.lock().failing_deletes = deletions;
    }

    /// Sessions that have not expired, as they are stored; not the traces of those that gave way.
    pub(crate) fn stored(&self) -> Vec<StoredSession> {
        let now = self.clock.now();
        let is_live = |session: &&StoredSession| {
            now < session.expires_at && !session.listing.summary.is_empty()
        };
        self.lock().sessions.values().filter(is_live).cloned().collect()
    }

    /// How many sessions, used attempts and other once-keys, markers and locks there are.
    pub(crate) fn rows(&self) -> usize {
        let inner = self.lock();
        let once = inner.remembered.len() + inner.markers.len() + inner.locks.len();
        inner.sessions.len() + once
    }

    /// How many records there are, whatever they are of.
    pub(crate) fn records(&self) -> usize {
        self.lock().sessions.len()
    }

    /// Replaces what is stored under `session.id`, as someone with access to the database can.
    pub(crate) fn tamper(&self, session: StoredSession) {
        self.lock().sessions.insert(session.id, session);
    }

    /// Answers with `session` whoever asks for the record under `id`, as a store does that mixes its answers up.
    pub(crate) fn answer_with(&self, id: Id, session: StoredSession) {
        self.lock().sessions.insert(id, session);
    }

    /// How often the store was asked for a session.
    pub(crate) fn reads(&self) -> u64 {
        self.lock().reads
    }

    /// How often the store was asked to change something, failures included.
    pub(crate) fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// How often the store was asked to save a part of a session.
    pub(crate) fn saves(&self) -> u64 {
        self.lock().saves
    }

    /// How often the store was asked to store a new session.
    pub(crate) fn inserts(&self) -> u64 {
        self.lock().inserts
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    async fn ready(&self, operation: Operation) -> Result<(), StoreError> {
        let (fails, delay) = {
            let mut inner = self.lock();
            match operation {
                Operation::Upkeep => {}
                Operation::Read | Operation::Fetch | Operation::Markers => inner.reads += 1,
                Operation::Insert | Operation::Write | Operation::Save | Operation::Delete => {
                    inner.writes += 1;
                    match &mut inner.writes_left {
                        Some(0) => return Err(StoreError::new("the test's store is told to fail")),
                        Some(left) => *left -= 1,
                        None => {}
                    }
                }
            }
            if operation == Operation::Delete && inner.failing_deletes > 0 {
                inner.failing_deletes -= 1;
                return Err(StoreError::new("the test's store is told to fail"));
            }
            inner.saves += u64::from(operation == Operation::Save);
            inner.inserts += u64::from(operation == Operation::Insert);
            let delay = match operation {
                Operation::Insert => inner.delay.max(inner.delay_of_inserts),
                Operation::Save => inner.delay.max(inner.delay_of_saves),
                Operation::Fetch => inner.delay.max(inner.delay_of_fetches),
                _ => inner.delay,
            };
            (inner.fails, delay)
        };
        if self.lock().hangs {
            std::future::pending::<()>().await;
        }
        if !delay.is_zero() {
            SystemClock.sleep(delay).await;
        }
        let fails = match fails {
            Fails::Nothing => false,
            Fails::Everything => true,
            Fails::Writes => !operation.is_read(),
            Fails::Inserts => operation == Operation::Insert,
            Fails::Deletes => operation == Operation::Delete,
            Fails::Markers => operation == Operation::Markers,
            Fails::Fetches => operation == Operation::Fetch,
        };
        if fails { Err(StoreError::new("the test's store is told to fail")) } else { Ok(()) }
    }

    async fn late(&self, operation: Operation) {
        let delay = self.lock().late.get(&operation).copied();
        if let Some(delay) = delay.filter(|delay| !delay.is_zero()) {
            SystemClock.sleep(delay).await;
        }
    }

    fn with_live<T>(
        &self,
        id: &Id,
        now: UnixTime,
        change: impl FnOnce(&mut StoredSession) -> T,
    ) -> Option<T> {
        let mut inner = self.lock();
        inner.sessions.get_mut(id).filter(|session| now < session.expires_at).map(change)
    }

    /// Nobody may be listening.
    fn tell(&self, event: StoreEvent) {
        if !self.is_mute.load(Ordering::SeqCst) {
            let _listeners = self.events.send(event);
        }
    }
}

const EVENTS_KEPT: usize = 4_096;
