//! Work on a session that one node does at a time.
//!
//! 1. A lock in the store, under the session's handle, has one holder; it ends with its lease unless it is renewed.
//! 2. A task renews it while the work goes on, and stops when the work is done or its process dies.
//! 3. Whoever works asks [`is_held`](Lease::is_held) before a step that must not happen twice. A node that was suspended has lost
//!    its lease: the longer of the two clocks' times counts ([`Moment`]). What it had sent before it slept may arrive after it.
//!
//! In the embedded store a lock is held in this process, and has no end but its release.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tower_sessions::session::Id;

use super::contract::StoreError;
use super::index::Handle;
use super::moment::Moment;
use super::sealed::SealedSessions;
use super::sessions::{Backend, Sessions};
use crate::clock::Clock;
use crate::random;
use crate::spawn::Spawn;

/// A lock that is held, and released when this is dropped.
pub(crate) struct Lease(Held);

enum Held {
    Local { key: Id, locks: LocalLocks },
    Shared { lock: Arc<Lock>, spawn: Arc<dyn Spawn> },
}

/// The locks that are held in this process.
#[derive(Clone, Default)]
pub(super) struct LocalLocks(Arc<Mutex<HashSet<Id>>>);

impl fmt::Debug for LocalLocks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LocalLocks")
    }
}

struct Lock {
    sealed: Weak<SealedSessions>,
    clock: Arc<dyn Clock>,
    key: Id,
    holder: Id,
    /// Since before the store was asked that gave it last; `None`: it is lost.
    held_since: Mutex<Option<Moment>>,
    released: AtomicBool,
}

impl Sessions {
    /// The lease of this session's tokens and id; `None`: another node has it.
    pub(crate) async fn lease(&self, handle: Handle) -> Result<Option<Lease>, StoreError> {
        self.lease_of(Id(i128::from_be_bytes(handle.to_bytes()))).await
    }

    pub(super) async fn lease_of(&self, key: Id) -> Result<Option<Lease>, StoreError> {
        let Backend::Sealed(sealed) = &self.backend else {
            let locks = self.local_locks.clone();
            let taken = local(&locks).insert(key);
            // Not made before it is known to be ours: it releases the lock when it is dropped.
            return Ok(taken.then(|| Lease(Held::Local { key, locks })));
        };
        let holder = random::bytes(&*self.random).map_err(StoreError::new)?;
        let lock = Arc::new(Lock {
            sealed: Arc::downgrade(sealed),
            clock: Arc::clone(&self.clock),
            key,
            holder: Id(i128::from_be_bytes(holder)),
            held_since: Mutex::new(None),
            released: AtomicBool::new(false),
        });
        if !lock.take().await? {
            return Ok(None);
        }
        let renewed = Arc::clone(&lock);
        self.spawn.spawn_service(Box::pin(async move { renewed.renew().await }));
        Ok(Some(Lease(Held::Shared { lock, spawn: Arc::clone(&self.spawn) })))
    }
}

fn local(locks: &LocalLocks) -> MutexGuard<'_, HashSet<Id>> {
    locks.0.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lease {
    /// Whether nobody else can have it now.
    pub(crate) fn is_held(&self) -> bool {
        match &self.0 {
            Held::Local { .. } => true,
            Held::Shared { lock, .. } => lock.is_held(),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match &self.0 {
            Held::Local { key, locks } => {
                local(locks).remove(key);
            }
            Held::Shared { lock, spawn } => {
                lock.released.store(true, Ordering::Release);
                let lock = Arc::clone(lock);
                spawn.spawn(Box::pin(async move { lock.release().await }));
            }
        }
    }
}

impl Lock {
    async fn take(&self) -> Result<bool, StoreError> {
        let (taken, since) = self.ask().await;
        let taken = taken?;
        if taken {
            self.hold(since);
        }
        Ok(taken)
    }

    /// Whether the store gives it, and since when it does then: counted from before the question, its lease is over no earlier.
    async fn ask(&self) -> (Result<bool, StoreError>, Moment) {
        let since = Moment::now(&*self.clock);
        let Some(sealed) = self.sealed.upgrade() else { return (Ok(false), since) };
        (sealed.store().lock(&self.key, &self.holder, LEASE).await, since)
    }

    fn hold(&self, since: Moment) {
        *self.held_since() = Some(since);
    }

    fn lose(&self) {
        *self.held_since() = None;
    }

    fn is_held(&self) -> bool {
        let since = *self.held_since();
        since.is_some_and(|since| {
            Moment::now(&*self.clock).since(since).saturating_add(MARGIN) < LEASE
        })
    }

    fn held_since(&self) -> MutexGuard<'_, Option<Moment>> {
        self.held_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(&self) {
        while self.is_held() {
            self.clock.sleep(RENEWED_EVERY).await;
            if self.released.load(Ordering::Acquire) {
                return;
            }
            let taken = self.ask().await;
            let was_held = self.is_held();
            if let (Ok(true), true) = (&taken.0, was_held) {
                self.hold(taken.1);
            }
            match taken.0 {
                // It was released meanwhile, and taken again by this very question; or it had run out before, and another
                // may have had it in between.
                Ok(true) if self.released.load(Ordering::Acquire) || !was_held => {
                    self.lose();
                    return self.release().await;
                }
                Ok(true) => {}
                // Another node has it: the lease was over.
                Ok(false) => self.lose(),
                Err(error) => warn_not_renewed(&error),
            }
        }
    }

    async fn release(&self) {
        let Some(sealed) = self.sealed.upgrade() else { return };
        if let Err(error) = sealed.store().unlock(&self.key, &self.holder).await {
            let error: &dyn std::error::Error = &error;
            tracing::debug!(error, "a lease runs out by itself");
        }
    }
}

fn warn_not_renewed(error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(code = "lease_not_renewed", error, "a lease was not renewed");
}

/// How long the others wait for a node that died.
const LEASE: Duration = Duration::from_secs(10);
const RENEWED_EVERY: Duration = Duration::from_secs(3);
/// Held for at least this long, or not held.
const MARGIN: Duration = Duration::from_secs(1);
