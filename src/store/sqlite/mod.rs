//! Sessions in an SQLite file: embedded, they survive a restart.
//!
//! | file | what |
//! |---|---|
//! | `store` | [`SqliteStore`]: each operation of the contract as work for a thread |
//! | `job`, `queue`, `workers`, `writer` | how work gets to the threads and is answered |
//! | `connection`, `file`, `schema` | opening the file, knowing it again, its tables |
//! | `sessions`, `beside`, `statements` | what an operation does on a connection |
//! | `error` | [`SqliteError`]: why the file could not be used |
//!
//! What it relies on:
//!
//! 1. Write-ahead log with `synchronous=FULL`: what was committed survives a power cut, if the disk keeps its word.
//! 2. Each write sees all that was committed before, by whichever process: transactions begin as writers (`BEGIN IMMEDIATE`).
//! 3. Each read sees all that was committed before it began.
//! 4. A version of SQLite (3.51.3 or later) in which several processes may write and checkpoint at once: those before could,
//!    very rarely, damage the file.
//!
//! What it cannot do: tell that bits of the file were changed in a way that leaves it well-formed (a record that was altered
//! does not open, since it is sealed; one whose key was altered is not found); save a write that was under way while the
//! file was deleted. That the file is gone, or another, is noticed by the next operation.

mod beside;
mod connection;
mod error;
mod file;
mod job;
mod queue;
mod schema;
mod sessions;
mod statements;
mod store;
mod workers;
mod writer;

#[cfg(test)]
mod tests;

pub use error::SqliteError;
pub use store::SqliteStore;
