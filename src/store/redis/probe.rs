//! Whether the server is one to rely on: a master that still takes writes.
//!
//! A replica may be behind, and a master whose replicas have left it may have a successor: neither knows of what was ended since,
//! and both go on answering reads. So each new connection begins with a write that changes nothing, and the connection that
//! listens repeats it. A server that refuses it as a replica, or for want of replicas (`min-replicas-to-write`), is not asked
//! for sessions: requests fail until it takes writes again, or the way there leads to another.
//!
//! The masters of a cluster need none of this: one that is cut off from the others stops answering by itself.

use redis::{Cmd, Value, cmd};

use super::error::Fault;
use super::keys::Keys;

/// A write, to a key of its own.
pub(super) fn question(keys: &Keys) -> Cmd {
    let mut question = cmd("SET");
    question.arg(keys.probe()).arg("1").arg("EX").arg(KEPT_SECONDS);
    question
}

/// What the answer says against the server. Nothing, if it refuses for another reason: a full memory, a user who may not.
pub(super) fn refusal(answer: Result<Value, Fault>) -> Option<Fault> {
    answer.err().filter(|fault| matches!(fault, Fault::ReadOnly | Fault::Isolated))
}

const KEPT_SECONDS: u32 = 60;
