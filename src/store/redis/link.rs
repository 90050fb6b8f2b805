//! The connection that requests share, and how it comes back.
//!
//! 1. Nothing is connected before the first request.
//! 2. Of all requests that find no connection one opens it; the others wait for its outcome, which is theirs, too.
//! 3. After a failure requests fail at once until the next attempt is due: 50 ms later, doubling up to 1 s, less up to a half at
//!    random, so that the nodes of an application do not come in step.
//! 4. A connection that broke, does not answer, or leads to a replica is given up. That to a cluster stays in use, since
//!    its other nodes answer, until a task has opened another: at most one in a second.
//!    To a single server one is used only if it takes writes ([`probe`]).
//! 5. A read whose connection broke is asked once more. A write is not: nobody knows whether it was done. (A cluster's client
//!    repeats writes; they carry a tag by which a script knows them again.)

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{Cmd, Value};

use super::connection::Connection;
use super::error::Fault;
use super::health;
use super::probe;
use super::target::Target;
use crate::clock::{Clock as _, SystemClock};
use crate::random::{self, SystemRandom};
use crate::spawn::{Spawn as _, TokioSpawner};

/// Clones share the connection.
#[derive(Clone)]
pub(super) struct Link(Arc<Shared>);

struct Shared {
    target: Target,
    probe: Cmd,
    current: Mutex<Option<Connection>>,
    attempts: tokio::sync::Mutex<Attempts>,
    is_checked: AtomicBool,
}

#[derive(Default)]
struct Attempts {
    failures: u32,
    not_before: Duration,
    cause: String,
}

impl Link {
    pub(super) fn new(target: Target, probe: Cmd) -> Self {
        Self(Arc::new(Shared {
            target,
            probe,
            current: Mutex::default(),
            attempts: tokio::sync::Mutex::default(),
            is_checked: AtomicBool::new(false),
        }))
    }

    pub(super) fn target(&self) -> &Target {
        &self.0.target
    }

    /// Asks what changes nothing.
    pub(super) async fn read(&self, command: &Cmd) -> Result<Value, Fault> {
        match self.write(command).await {
            Err(Fault::Lost(_)) => self.write(command).await,
            answer => answer,
        }
    }

    /// Sends `command` once.
    pub(super) async fn write(&self, command: &Cmd) -> Result<Value, Fault> {
        let mut connection = self.connection().await?;
        let answer = connection.send(command).await;
        if let Err(fault) = &answer
            && fault.spoils_connection()
        {
            self.give_up(&connection);
        }
        answer
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        match self.current() {
            Some(connection) => Ok(connection),
            // Apart: what connecting needs is no part of every request.
            None => Box::pin(self.connect()).await,
        }
    }

    async fn connect(&self) -> Result<Connection, Fault> {
        let mut attempts = self.0.attempts.lock().await;
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        if SystemClock.monotonic() < attempts.not_before {
            return Err(Fault::NotConnected(attempts.cause.clone()));
        }
        match self.connect_to_master().await {
            Ok(connection) => {
                *attempts = Attempts::default();
                *self.lock() = Some(connection.clone());
                drop(attempts);
                self.check(connection.clone()).await;
                Ok(connection)
            }
            Err(fault) => {
                let cause = match fault {
                    Fault::Lost(cause) => cause,
                    fault => fault.to_string(),
                };
                attempts.fail(cause.clone());
                Err(Fault::NotConnected(cause))
            }
        }
    }

    async fn connect_to_master(&self) -> Result<Connection, Fault> {
        let mut connection = self.0.target.connect().await?;
        if !self.0.target.is_cluster()
            && let Some(fault) = probe::refusal(connection.send(&self.0.probe).await)
        {
            return Err(fault);
        }
        Ok(connection)
    }

    /// The connection that listens has found the server to be none to rely on: the next request connects again.
    pub(super) fn doubt(&self) {
        *self.lock() = None;
    }

    pub(super) fn probe(&self) -> &Cmd {
        &self.0.probe
    }

    /// Looks once whether the server is set up to keep sessions.
    async fn check(&self, connection: Connection) {
        if !self.0.is_checked.swap(true, Ordering::Relaxed) {
            let known = health::check(connection).await;
            self.0.is_checked.store(known, Ordering::Relaxed);
        }
    }

    fn current(&self) -> Option<Connection> {
        self.lock().as_ref().filter(|connection| connection.is_alive()).cloned()
    }

    fn give_up(&self, connection: &Connection) {
        if self.0.target.is_cluster() {
            let link = self.clone();
            return TokioSpawner.spawn(Box::pin(async move { link.renew().await }));
        }
        let mut current = self.lock();
        if current.as_ref().is_some_and(|current| current.is_same(connection)) {
            *current = None;
        }
    }

    /// Puts another connection in the place of the current one, if that is possible.
    async fn renew(&self) {
        let Ok(mut attempts) = self.0.attempts.try_lock() else { return };
        if SystemClock.monotonic() < attempts.not_before {
            return;
        }
        match self.0.target.connect().await {
            Ok(connection) => {
                *attempts = Attempts::default();
                attempts.not_before = SystemClock.monotonic().saturating_add(LONGEST_PAUSE);
                *self.lock() = Some(connection);
            }
            Err(fault) => attempts.fail(fault.to_string()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempts {
    fn fail(&mut self, cause: String) {
        let longest = SHORTEST_PAUSE.saturating_mul(1 << self.failures.min(5)).min(LONGEST_PAUSE);
        let [chance] = random::bytes::<1>(&SystemRandom).unwrap_or_default();
        let pause = longest - longest * u32::from(chance) / 512;
        self.failures = self.failures.saturating_add(1);
        self.not_before = SystemClock.monotonic().saturating_add(pause);
        self.cause = cause;
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let mut attempts = Attempts::default();
        for most in [50, 100, 200, 400, 800, 1_000, 1_000] {
            let before = SystemClock.monotonic();
            attempts.fail("no".to_owned());
            let after = SystemClock.monotonic();
            let most = Duration::from_millis(most);
            assert!(attempts.not_before >= before + most / 2, "{most:?}");
            assert!(attempts.not_before <= after + most, "{most:?}");
        }
    }
}
