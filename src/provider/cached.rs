//! A document of the provider, fetched when it is first needed and kept.
//!
//! | state | what a caller gets |
//! |---|---|
//! | nothing yet, or stale for more than [`MAX_STALE`] | waits for the fetch; all callers wait for the same one |
//! | the last fetch failed a moment ago | the same error at once, with the time until the next try |
//! | fresh | the document |
//! | stale | the document; a fetch in the background is started, failures of which are backed off |
//!
//! Fresh is what `Cache-Control: max-age` says, but at least [`MIN_FRESH`] and at most [`MAX_FRESH`]; [`FRESH`] if it says
//! nothing. Backing off starts at [`MIN_BACKOFF`] and doubles up to [`MAX_BACKOFF`]. Time is the monotonic clock's.

use std::fmt::Debug;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::events::{EventKind, Events};
use crate::spawn::Spawn;

/// Where a document comes from.
pub(super) trait Source: Debug + Send + Sync + 'static {
    type Value: Send + Sync + 'static;
    type Error: std::error::Error + Clone + Send + Sync + 'static;
    /// What it is called in events.
    const NAME: &'static str;

    /// Fetches the document once.
    fn fetch(&self) -> impl Future<Output = Result<Fetched<Self::Value>, Self::Error>> + Send;
}

/// A document as it was fetched.
#[derive(Debug)]
pub(super) struct Fetched<T> {
    pub(super) value: T,
    /// What `Cache-Control` says, unbounded.
    pub(super) max_age: Option<Duration>,
}

/// A document of the provider cannot be had at present.
#[derive(Clone, Debug, thiserror::Error)]
#[error("what the provider publishes is unavailable at present")]
pub struct Unavailable<E: std::error::Error + 'static> {
    #[source]
    reason: E,
    retry_after: Duration,
}

impl<E: std::error::Error + 'static> Unavailable<E> {
    /// Why.
    pub fn reason(&self) -> &E {
        &self.reason
    }

    /// How long nothing will be tried again, counted from when this error was returned.
    pub fn retry_after(&self) -> Duration {
        self.retry_after
    }
}

/// A document and its source.
#[derive(Debug)]
pub(super) struct Cached<S: Source> {
    source: S,
    clock: Arc<dyn Clock>,
    spawn: Arc<dyn Spawn>,
    events: Events,
    state: Mutex<State<S>>,
    /// Held while fetching: there is one fetch at a time.
    flight: tokio::sync::Mutex<()>,
    revalidating: AtomicBool,
}

struct State<S: Source> {
    document: Option<Document<S::Value>>,
    failure: Option<Failure<S::Error>>,
}

struct Document<T> {
    value: Arc<T>,
    fetched_at: Duration,
    fresh_for: Duration,
}

struct Failure<E> {
    reason: E,
    failed_at: Duration,
    backoff: Duration,
}

impl<S: Source> Cached<S> {
    pub(super) fn new(
        source: S,
        clock: Arc<dyn Clock>,
        spawn: Arc<dyn Spawn>,
        events: Events,
    ) -> Arc<Self> {
        Arc::new(Self {
            source,
            clock,
            spawn,
            events,
            state: Mutex::new(State { document: None, failure: None }),
            flight: tokio::sync::Mutex::new(()),
            revalidating: AtomicBool::new(false),
        })
    }

    /// The document, fetched if there is none.
    pub(super) async fn value(self: &Arc<Self>) -> Result<Arc<S::Value>, Unavailable<S::Error>> {
        let now = self.clock.monotonic();
        let stale = {
            let state = self.lock();
            match state.usable(now) {
                Some((value, true)) => return Ok(value),
                Some((value, false)) => Some((value, state.backed_off(now).is_none())),
                None => None,
            }
        };
        match stale {
            Some((value, due)) => {
                if due {
                    self.revalidate(&value);
                }
                Ok(value)
            }
            None => self.fetch_other_than(None, || true).await,
        }
    }

    /// The document, fetched again if it is still `seen`, and if then `permit` says so; else the one there is.
    ///
    /// `permit` is asked while no other fetch is under way.
    pub(super) async fn fetch_other_than(
        &self,
        seen: Option<&Arc<S::Value>>,
        permit: impl FnOnce() -> bool,
    ) -> Result<Arc<S::Value>, Unavailable<S::Error>> {
        let _flight = self.flight.lock().await;
        let now = self.clock.monotonic();
        {
            let state = self.lock();
            match (state.usable(now), seen) {
                (Some((value, _)), Some(seen)) if Arc::ptr_eq(&value, seen) => {}
                (Some((value, _)), _) => return Ok(value),
                (None, _) => {}
            }
            if let Some(unavailable) = state.backed_off(now) {
                return Err(unavailable);
            }
        }
        if let Some(seen) = seen.filter(|_| !permit()) {
            return Ok(Arc::clone(seen));
        }
        let result = self.source.fetch().await;
        self.record(result)
    }

    fn record(
        &self,
        result: Result<Fetched<S::Value>, S::Error>,
    ) -> Result<Arc<S::Value>, Unavailable<S::Error>> {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        match result {
            Ok(Fetched { value, max_age }) => {
                let was_down = state.failure.is_some();
                let value = Arc::new(value);
                let fresh_for = max_age.unwrap_or(FRESH).clamp(MIN_FRESH, MAX_FRESH);
                let document = Document { value: Arc::clone(&value), fetched_at: now, fresh_for };
                *state = State { document: Some(document), failure: None };
                drop(state);
                if was_down {
                    self.tell(EventKind::ProviderAvailable { document: S::NAME }, None);
                }
                Ok(value)
            }
            Err(reason) => {
                let last = state.failure.as_ref().map(|failure| failure.backoff);
                let backoff = last.map_or(MIN_BACKOFF, |last| (last * 2).min(MAX_BACKOFF));
                state.failure = Some(Failure { reason: reason.clone(), failed_at: now, backoff });
                drop(state);
                let kind = EventKind::ProviderUnavailable { document: S::NAME, pause: backoff };
                self.tell(kind, Some(&reason));
                Err(Unavailable { reason, retry_after: backoff })
            }
        }
    }

    fn revalidate(self: &Arc<Self>, stale: &Arc<S::Value>) {
        if self.revalidating.swap(true, Ordering::AcqRel) {
            return;
        }
        let (revalidation, stale) = (Revalidation(Arc::clone(self)), Arc::clone(stale));
        self.spawn.spawn(Box::pin(async move {
            // A failure is told where it is noted; the old one serves on.
            drop(revalidation.0.fetch_other_than(Some(&stale), || true).await);
        }));
    }

    fn tell(&self, kind: EventKind, cause: Option<&(dyn std::error::Error + 'static)>) {
        self.events.tell_with(&*self.clock, kind, cause);
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks a revalidation as under way until it is dropped, be it because its runtime is shut down.
struct Revalidation<S: Source>(Arc<Cached<S>>);

impl<S: Source> Drop for Revalidation<S> {
    fn drop(&mut self) {
        self.0.revalidating.store(false, Ordering::Release);
    }
}

impl<S: Source> State<S> {
    /// The document unless it is too old, and whether it is fresh.
    fn usable(&self, now: Duration) -> Option<(Arc<S::Value>, bool)> {
        let document = self.document.as_ref()?;
        let age = now.saturating_sub(document.fetched_at);
        let usable = age < document.fresh_for + MAX_STALE;
        usable.then(|| (Arc::clone(&document.value), age < document.fresh_for))
    }

    fn backed_off(&self, now: Duration) -> Option<Unavailable<S::Error>> {
        let failure = self.failure.as_ref()?;
        let retry_after = (failure.failed_at + failure.backoff).saturating_sub(now);
        let reason = || failure.reason.clone();
        (!retry_after.is_zero()).then(|| Unavailable { reason: reason(), retry_after })
    }
}

impl<S: Source> Debug for State<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("State")
    }
}

/// How long a document is fresh if the provider does not say.
const FRESH: Duration = Duration::from_secs(3600);
const MIN_FRESH: Duration = Duration::from_secs(5 * 60);
const MAX_FRESH: Duration = Duration::from_secs(24 * 3600);
/// How long a stale document may serve while the provider cannot be reached.
const MAX_STALE: Duration = Duration::from_secs(7 * 86_400);
const MIN_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
