//! The one thread that writes.
//!
//! 1. What waits is done in one transaction: however many write, the disk is waited for once.
//! 2. A write is answered after the commit.
//! 3. If anything in the transaction fails, all of it is undone, and each write is done again in a transaction of its own: the
//!    one that fails, fails alone.
//! 4. If the transaction cannot even begin, no write is at fault, and all are refused.
//! 5. If the path does not lead to the file any more after the commit, what was written is lost, and refused.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::connection::{Role, Slot, Target};
use super::error::SqliteError;
use super::job::Job;
use super::workers::{Jobs, answer_read};

pub(super) fn work(jobs: &Jobs, target: &Target) {
    let mut slot = Slot::new(target, Role::Writer);
    while let Some(taken) = jobs.take(GROUP) {
        let (writes, reads): (Vec<_>, Vec<_>) = taken.into_iter().partition(|job| job.is_write());
        // Reads of what is not committed yet could be refuted.
        reads.into_iter().for_each(|read| answer_read(&mut slot, read));
        answer_writes(&mut slot, writes);
    }
}

/// Where a transaction failed.
enum Failure {
    AtBegin(SqliteError),
    Later(SqliteError),
}

fn answer_writes(slot: &mut Slot<'_>, mut writes: Vec<Box<dyn Job>>) {
    match attempt(slot, &mut writes) {
        Ok(()) => answer_all(writes, None),
        Err(Failure::Later(_)) if writes.len() > 1 => answer_each(slot, writes),
        Err(Failure::AtBegin(error) | Failure::Later(error)) => answer_all(writes, Some(&error)),
    }
}

fn answer_each(slot: &mut Slot<'_>, writes: Vec<Box<dyn Job>>) {
    let mut writes = writes.into_iter();
    while let Some(mut write) = writes.next() {
        match attempt(slot, std::slice::from_mut(&mut write)) {
            Ok(()) => write.answer(None),
            Err(Failure::Later(error)) => write.answer(Some(error)),
            Err(Failure::AtBegin(error)) => {
                write.answer(Some(error.clone()));
                return answer_all(writes.collect(), Some(&error));
            }
        }
    }
}

fn answer_all(writes: Vec<Box<dyn Job>>, failure: Option<&SqliteError>) {
    writes.into_iter().for_each(|write| write.answer(failure.cloned()));
}

fn attempt(slot: &mut Slot<'_>, writes: &mut [Box<dyn Job>]) -> Result<(), Failure> {
    if writes.is_empty() {
        return Ok(());
    }
    let connection = slot.connection().map_err(Failure::AtBegin)?;
    let done =
        transact(connection, writes).and_then(|()| slot.check_file().map_err(Failure::AtBegin));
    if let Err(Failure::AtBegin(error) | Failure::Later(error)) = &done {
        slot.failed(error);
    }
    done
}

fn transact(connection: &Connection, writes: &mut [Box<dyn Job>]) -> Result<(), Failure> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
        .map_err(|error| Failure::AtBegin(error.into()))?;
    for write in writes {
        write.run(&transaction).map_err(Failure::Later)?;
    }
    transaction.commit().map_err(|error| Failure::Later(error.into()))
}

/// Bounds how long the first of a group waits for the last.
const GROUP: usize = 256;
