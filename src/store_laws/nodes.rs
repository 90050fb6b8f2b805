//! What every check is made of: the handles, the time, things that nobody has used before, and tasks that start together.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Barrier;
use tower_sessions::session::Id;

use crate::clock::{Clock as _, SystemClock, UnixTime};
use crate::random::{self, RandomUnavailable, SystemRandom};
use crate::session::contract::{
    AuthStore, Change, IndexKey, Inserted, Listing, Part, SealedPart, SessionIndex, StoreError,
    StoredSession, Touch,
};
use crate::spawn::{TokioSpawner, to_the_end};

/// A check and the law that it belongs to.
pub(super) struct Law {
    pub(super) number: u8,
    pub(super) name: &'static str,
    pub(super) check: fn(Nodes) -> Work<Result<(), Fault>>,
}

macro_rules! law {
    ($number:literal, $name:literal, $check:path) => {
        $crate::store_laws::nodes::Law {
            number: $number,
            name: $name,
            check: |nodes| Box::pin($check(nodes)),
        }
    };
}
pub(super) use law;

pub(super) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Why a check ended early.
#[derive(Debug)]
pub(super) enum Fault {
    Violation(String),
    NotOffered,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Self::Violation(format!("the store failed: {}", cause.unwrap_or_default()))
    }
}

impl From<tower_sessions::session_store::Error> for Fault {
    fn from(error: tower_sessions::session_store::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<RandomUnavailable> for Fault {
    fn from(error: RandomUnavailable) -> Self {
        Self::Violation(error.to_string())
    }
}

/// A violation unless `seen` is what it should be.
pub(super) fn expect<T: PartialEq + Debug>(seen: T, wanted: T, what: &str) -> Result<(), Fault> {
    if seen == wanted {
        return Ok(());
    }
    Err(Fault::Violation(format!("{what}: {seen:?} instead of {wanted:?}")))
}

/// A violation unless it is so.
pub(super) fn ensure(is_so: bool, otherwise: impl Into<String>) -> Result<(), Fault> {
    if is_so { Ok(()) } else { Err(Fault::Violation(otherwise.into())) }
}

/// The handles on the store, and the time that a check begins with.
#[derive(Clone)]
pub(super) struct Nodes {
    nodes: Arc<[Arc<dyn AuthStore>]>,
    pub(super) now: UnixTime,
    /// Every session that was made up, stored or not.
    made: Arc<Mutex<Vec<Id>>>,
}

impl Nodes {
    pub(super) fn new(nodes: &[Arc<dyn AuthStore>], now: UnixTime) -> Self {
        Self { nodes: nodes.into(), now, made: Arc::default() }
    }

    /// Deletes what the check has left behind. Whether that works is not the check's business.
    pub(super) async fn clear(&self) {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        for some in made.chunks(8) {
            let deletes = some.iter().map(|id| self.nodes[0].delete(id));
            let _outcomes = futures_util::future::join_all(deletes).await;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A handle; there are as many as are asked for.
    pub(super) fn node(&self, index: usize) -> Arc<dyn AuthStore> {
        Arc::clone(&self.nodes[index % self.nodes.len()])
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Arc<dyn AuthStore>> + '_ {
        self.nodes.iter().cloned()
    }

    /// `seconds` after the check's time.
    pub(super) fn at(&self, seconds: i64) -> UnixTime {
        UnixTime::from_seconds(self.now.seconds() + seconds)
    }

    /// A session that nobody has heard of, for an hour.
    pub(super) fn session(&self) -> Result<StoredSession, Fault> {
        let auth = SealedPart { version: 1, content: random_bytes(64)? };
        let session = StoredSession::new(id()?, auth, listing()?, self.at(HOUR));
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(session.id);
        Ok(session)
    }

    /// Such a session, stored by the first node.
    pub(super) async fn stored(&self) -> Result<StoredSession, Fault> {
        let session = self.session()?;
        self.insert(&session).await?;
        Ok(session)
    }

    pub(super) async fn insert(&self, session: &StoredSession) -> Result<(), Fault> {
        let inserted = self.node(0).insert(session, self.now).await?;
        expect(inserted, Inserted::Done, "the insert of a new session")
    }

    /// What every node must say of a session.
    pub(super) async fn expect_stored(&self, session: &StoredSession) -> Result<(), Fault> {
        for (index, node) in self.all().enumerate() {
            let seen = node.fetch(&session.id, self.now).await?;
            let Some(seen) = seen else {
                return Err(Fault::Violation(format!("node {index} has no such session")));
            };
            expect_same(&seen, session)?;
        }
        Ok(())
    }

    /// That no node has the session any more: not under its id, not under any of `keys`.
    pub(super) async fn expect_gone(&self, gone: &Id, keys: &[IndexKey]) -> Result<(), Fault> {
        for (index, node) in self.all().enumerate() {
            let fetched = node.fetch(gone, self.now).await?;
            ensure(fetched.is_none(), format!("node {index} still has the session"))?;
            let found = node.find(keys, self.now).await?;
            let is_found = found.iter().any(|found| found.id == *gone);
            ensure(!is_found, format!("node {index} still finds the session"))?;
        }
        Ok(())
    }
}

/// A difference is named, but not shown: it may be long.
pub(super) fn expect_same(seen: &StoredSession, wanted: &StoredSession) -> Result<(), Fault> {
    ensure(seen.id == wanted.id, "the session has another id")?;
    expect(&seen.auth, &wanted.auth, "the auth part")?;
    expect(&seen.application, &wanted.application, "the application part")?;
    ensure(seen.listing.index == wanted.listing.index, "the session has other keys")?;
    ensure(seen.listing.summary == wanted.listing.summary, "the session has another summary")?;
    expect(seen.expires_at, wanted.expires_at, "expires_at")
}

/// A change of one part alone.
pub(super) fn change(part: Part, expected: u64, content: &[u8]) -> Change {
    Change::new(part, expected, content)
}

/// A touch of a session whose auth part was never saved.
pub(super) fn touch(expires_at: UnixTime) -> Touch {
    Touch::new(1, b"touched", expires_at)
}

pub(super) fn id() -> Result<Id, Fault> {
    Ok(Id(i128::from_be_bytes(random::bytes(&SystemRandom)?)))
}

pub(super) fn key() -> Result<IndexKey, Fault> {
    Ok(IndexKey(random::bytes(&SystemRandom)?))
}

pub(super) fn listing() -> Result<Listing, Fault> {
    let key_id = random::bytes(&SystemRandom)?;
    let index = SessionIndex { key_id, session: key()?, sid: key()?, sub: key()? };
    Ok(Listing { index, summary: random_bytes(40)? })
}

pub(super) fn random_bytes(length: usize) -> Result<Vec<u8>, Fault> {
    use crate::random::Random as _;
    let mut bytes = vec![0; length];
    SystemRandom.fill(&mut bytes)?;
    Ok(bytes)
}

/// Runs `work` in tasks of their own that start together; the outcomes in their order.
pub(super) async fn together<T: Send + 'static>(
    work: Vec<Work<Result<T, Fault>>>,
) -> Result<Vec<T>, Fault> {
    let start = Arc::new(Barrier::new(work.len()));
    let tasks = work.into_iter().map(|work| {
        let start = Arc::clone(&start);
        let task = async move {
            start.wait().await;
            work.await
        };
        async move {
            let outcome = to_the_end(&TokioSpawner, task).await;
            outcome.unwrap_or_else(|| Err(Fault::Violation("a task panicked".to_owned())))
        }
    });
    futures_util::future::join_all(tasks).await.into_iter().collect()
}

/// A pause of random length: mostly none or a few turns of the scheduler, sometimes a millisecond or two.
pub(super) async fn jitter() -> Result<(), Fault> {
    let [choice, length] = random::bytes(&SystemRandom)?;
    if choice < 48 {
        SystemClock.sleep(Duration::from_millis(u64::from(length % 3))).await;
    } else {
        for _ in 0..length % 16 {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

pub(super) const HOUR: i64 = 3_600;
