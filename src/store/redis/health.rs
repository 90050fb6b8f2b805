//! Whether the server is set up to keep sessions. Asked once, after the first connection; the answer is a line in the log.
//!
//! | code | what | the line says |
//! |---|---|---|
//! | `redis_evicts` | `maxmemory-policy` is not `noeviction` | live sessions and revocations may be dropped |
//! | `redis_not_persistent` | neither an append-only file nor snapshots | a restart signs everyone out and forgets revocations |
//! | `redis_snapshots_only` | snapshots, but no append-only file | a crash brings signed-out sessions back |
//! | `redis_isolation_unnoticed` | replicas, and `min-replicas-to-write` is 0 | a master that is cut off serves what was ended on its successor |
//!
//! Where `CONFIG` is forbidden, as with many hosted servers, nothing is said about snapshots.

use redis::{FromRedisValue as _, Value, cmd};

use super::connection::Connection;

/// Warns; `false` if nothing could be learned.
pub(super) async fn check(mut connection: Connection) -> bool {
    let Ok(info) = connection.send(&cmd("INFO")).await else { return false };
    let snapshots = connection.send(cmd("CONFIG").arg("GET").arg("save")).await.ok();
    let Some(info) = text(info) else { return false };
    for warning in warnings(&info, snapshots.and_then(pair)) {
        match warning {
            Warning::Evicts => tracing::warn!(
                code = "redis_evicts",
                "Redis drops keys when its memory is full: set maxmemory-policy to noeviction, or live sessions and revocations are lost"
            ),
            Warning::NotPersistent => tracing::warn!(
                code = "redis_not_persistent",
                "Redis writes nothing to disk: a restart signs everyone out and forgets revocations (set appendonly to yes)"
            ),
            Warning::SnapshotsOnly => tracing::warn!(
                code = "redis_snapshots_only",
                "Redis writes snapshots only: a crash brings sessions back that were signed out since the last one (set appendonly to yes)"
            ),
            Warning::IsolationUnnoticed => tracing::warn!(
                code = "redis_isolation_unnoticed",
                "Redis has replicas, and min-replicas-to-write is 0: set it to 1 or more, or a master that is cut off from them goes on answering beside its successor, and sessions that were ended there are served"
            ),
        }
    }
    true
}

#[derive(Debug, PartialEq, Eq)]
enum Warning {
    Evicts,
    NotPersistent,
    SnapshotsOnly,
    IsolationUnnoticed,
}

/// `save` is the setting of that name, if it is known.
fn warnings(info: &str, save: Option<String>) -> Vec<Warning> {
    let field = |name: &str| {
        info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    };
    let mut warnings = Vec::new();
    if field("maxmemory_policy").is_some_and(|policy| policy != "noeviction") {
        warnings.push(Warning::Evicts);
    }
    if field("aof_enabled") == Some("0") {
        match save.as_deref() {
            Some("") => warnings.push(Warning::NotPersistent),
            Some(_) => warnings.push(Warning::SnapshotsOnly),
            None => {}
        }
    }
    // The number of good replicas is shown only where some are demanded.
    let has_replicas = field("connected_slaves").is_some_and(|count| count != "0");
    if has_replicas && field("min_slaves_good_slaves").is_none() {
        warnings.push(Warning::IsolationUnnoticed);
    }
    warnings
}

fn text(value: Value) -> Option<String> {
    match value {
        // In a cluster each node answers; one is as good as another.
        Value::Map(nodes) => nodes.into_iter().next().and_then(|(_, info)| text(info)),
        value => String::from_redis_value(value).ok(),
    }
}

fn pair(value: Value) -> Option<String> {
    match value {
        Value::Map(nodes)
            if matches!(nodes.first(), Some((_, Value::Map(_) | Value::Array(_)))) =>
        {
            nodes.into_iter().next().and_then(|(_, pairs)| pair(pairs))
        }
        value => {
            let pairs = Vec::<(String, String)>::from_redis_value(value).ok()?;
            pairs.into_iter().find_map(|(name, value)| (name == "save").then_some(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_which_server() {
        let info = |policy: &str, aof: u8| {
            format!(
                "# Memory\r\nmaxmemory_policy:{policy}\r\n\r\n# Persistence\r\naof_enabled:{aof}\r\n"
            )
        };
        let save = |text: &str| Some(text.to_owned());
        for (info, save, expected) in [
            (info("noeviction", 1), save(""), vec![]),
            (info("noeviction", 1), None, vec![]),
            (info("allkeys-lru", 1), None, vec![Warning::Evicts]),
            (info("volatile-ttl", 1), None, vec![Warning::Evicts]),
            (info("noeviction", 0), save(""), vec![Warning::NotPersistent]),
            (info("noeviction", 0), save("3600 1"), vec![Warning::SnapshotsOnly]),
            (info("noeviction", 0), None, vec![]),
            (String::new(), None, vec![]),
            ("role:master\r\nconnected_slaves:0\r\n".to_owned(), None, vec![]),
            (
                "role:master\r\nconnected_slaves:2\r\n".to_owned(),
                None,
                vec![Warning::IsolationUnnoticed],
            ),
            ("connected_slaves:2\r\nmin_slaves_good_slaves:2\r\n".to_owned(), None, vec![]),
        ] {
            assert_eq!(warnings(&info, save.clone()), expected, "{info} {save:?}");
        }
    }
}
