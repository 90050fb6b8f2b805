//! The threads that work on the file, so that no task of the application ever waits for a disk.
//!
//! | threads | work |
//! |---|---|
//! | one writer | all writes; with an exclusive store, whose one connection it holds, all reads too |
//! | a few readers | reads, each on a connection of its own: they see what was committed last and wait for no writer |
//!
//! They start with the first operation. A panic costs the operations in hand and the connection, not the thread: what waits
//! would wait for ever. All end, what waits being done first, when the last clone of the store is dropped.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

use super::connection::{Role, Slot, Target};
use super::error::SqliteError;
use super::job::Job;
use super::queue::Queue;
use super::writer;

pub(super) type Jobs = Queue<Box<dyn Job>>;

/// Threads of one kind, and the queue they share.
pub(super) struct Workers {
    role: Role,
    target: Arc<Target>,
    jobs: Arc<Jobs>,
    /// How many threads there are.
    threads: Mutex<usize>,
}

impl Workers {
    pub(super) fn new(role: Role, target: Arc<Target>) -> Self {
        Self { role, target, jobs: Arc::new(Queue::new()), threads: Mutex::default() }
    }

    pub(super) fn submit(&self, job: Box<dyn Job>) -> Result<(), SqliteError> {
        self.staff()?;
        self.jobs.push(job)
    }

    fn staff(&self) -> Result<(), SqliteError> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, wanted) = match self.role {
            Role::Writer => ("sqlite-writer", 1),
            Role::Reader => ("sqlite-reader", READERS),
        };
        while *threads < wanted {
            let (role, target, jobs) = (self.role, self.target.clone(), self.jobs.clone());
            match Builder::new().name(name.to_owned()).spawn(move || work(role, &jobs, &target)) {
                Ok(_) => *threads += 1,
                // Fewer readers will do.
                Err(_) if *threads > 0 => break,
                Err(_) => return Err(SqliteError::Thread),
            }
        }
        Ok(())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Workers").field("role", &self.role).finish_non_exhaustive()
    }
}

fn work(role: Role, jobs: &Jobs, target: &Target) {
    // What a panic may have left half done goes with the connection, which is not used again.
    let until_closed = || match role {
        Role::Writer => writer::work(jobs, target),
        Role::Reader => read(jobs, target),
    };
    while catch_unwind(AssertUnwindSafe(until_closed)).is_err() {}
}

fn read(jobs: &Jobs, target: &Target) {
    let mut slot = Slot::new(target, Role::Reader);
    while let Some(taken) = jobs.take(1) {
        taken.into_iter().for_each(|job| answer_read(&mut slot, job));
    }
}

/// Does a read and answers it.
pub(super) fn answer_read(slot: &mut Slot<'_>, mut job: Box<dyn Job>) {
    if job.is_abandoned() {
        return;
    }
    let done = slot.connection().and_then(|connection| job.run(connection));
    if let Err(error) = &done {
        slot.failed(error);
    }
    job.answer(done.err());
}

const READERS: usize = 4;
