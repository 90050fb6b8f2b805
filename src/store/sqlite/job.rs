//! One operation, on its way from a task to a thread and back.
//!
//! The answer is given apart from the work: a write is answered once the transaction it was part of is committed, and its work
//! may be done a second time if that transaction failed.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::SqliteError;

/// An operation that waits for a thread.
pub(super) trait Job: Send {
    fn is_write(&self) -> bool;

    /// Nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// Does the work and keeps the outcome.
    fn run(&mut self, connection: &Connection) -> Result<(), SqliteError>;

    /// Tells whoever waits: the outcome that is kept, or `failure`.
    fn answer(self: Box<Self>, failure: Option<SqliteError>);
}

pub(super) type Answer<T> = oneshot::Receiver<Result<T, SqliteError>>;

struct Work<T, F> {
    is_write: bool,
    work: F,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, SqliteError>>,
}

/// A job of `work`, and where its answer arrives.
pub(super) fn job<T, F>(is_write: bool, work: F) -> (Box<dyn Job>, Answer<T>)
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Result<T, SqliteError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Work { is_write, work, outcome: None, reply }), answer)
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, SqliteError> + Send,
{
    fn is_write(&self) -> bool {
        self.is_write
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), SqliteError> {
        self.outcome = Some((self.work)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, failure: Option<SqliteError>) {
        let answer = match (failure, self.outcome) {
            (None, Some(outcome)) => Ok(outcome),
            (failure, _) => Err(failure.unwrap_or(SqliteError::Thread)),
        };
        // Whoever hung up needs no answer.
        drop(self.reply.send(answer));
    }
}
