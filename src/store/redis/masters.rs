//! Which nodes of a cluster run scripts, and so publish events.

use std::collections::BTreeSet;

use redis::{Cmd, FromRedisValue as _, Value, cmd};

use super::error::Fault;

/// Hosts and ports. A node that does not know its own name has none.
pub(super) type Masters = BTreeSet<(String, u16)>;

pub(super) fn question() -> Cmd {
    let mut question = cmd("CLUSTER");
    question.arg("SLOTS");
    question
}

/// The masters in the answer to [`question`].
pub(super) fn of(answer: Value) -> Result<Masters, Fault> {
    let Value::Array(ranges) = answer else { return Err(Fault::Foreign) };
    ranges.into_iter().map(master).collect()
}

/// The master in `[first slot, last slot, [host, port, …], …]`.
fn master(range: Value) -> Result<(String, u16), Fault> {
    let Value::Array(range) = range else { return Err(Fault::Foreign) };
    let Some(Value::Array(node)) = range.get(2) else { return Err(Fault::Foreign) };
    let (Some(host), Some(port)) = (node.first(), node.get(1)) else { return Err(Fault::Foreign) };
    let host = Option::<String>::from_redis_value_ref(host).map_err(|_| Fault::Foreign)?;
    let port = u16::from_redis_value_ref(port).map_err(|_| Fault::Foreign)?;
    Ok((host.unwrap_or_default(), port))
}
