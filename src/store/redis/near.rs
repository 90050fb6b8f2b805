//! A cluster that is reached in clear text: its nodes stay on this machine.
//!
//! The URLs that are given say where a cluster begins. Its other nodes are where the cluster says
//! they are, in the answer to `CLUSTER SLOTS` or in a redirection. Whatever leads the `redis` crate
//! to a node, it asks this for its address first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::io::AsyncDNSResolver;
use redis::{ErrorKind, RedisError, RedisFuture};

use crate::store::link;

/// Finds addresses of this machine, and no other.
#[derive(Clone, Debug, Default)]
pub(super) struct NearNodes {
    has_refused: Arc<AtomicBool>,
    has_logged: Arc<AtomicBool>,
}

impl NearNodes {
    /// For another connection, which has met no node elsewhere yet.
    pub(super) fn for_connection(&self) -> Self {
        Self { has_refused: Arc::default(), has_logged: Arc::clone(&self.has_logged) }
    }

    /// Whether a node was elsewhere.
    pub(super) fn has_refused(&self) -> bool {
        self.has_refused.load(Ordering::Acquire)
    }
}

impl AsyncDNSResolver for NearNodes {
    fn resolve<'a, 'b: 'a>(
        &'a self,
        host: &'b str,
        port: u16,
    ) -> RedisFuture<'a, Box<dyn Iterator<Item = SocketAddr> + Send + 'a>> {
        let found = addresses(host, port).map(|found| {
            let found: Box<dyn Iterator<Item = SocketAddr> + Send + 'a> =
                Box::new(found.into_iter());
            found
        });
        if found.is_none() {
            self.has_refused.store(true, Ordering::Release);
        }
        if found.is_none() && !self.has_logged.swap(true, Ordering::AcqRel) {
            tracing::error!(
                code = "redis_cluster_clear_text",
                %host,
                port,
                "a node of the Redis cluster is on another machine, and redis:// would reach it in clear text: it is not \
                 used; give the cluster's URLs as rediss://, or say RedisSettings::insecure_allow_clear_text"
            );
        }
        let refused =
            (ErrorKind::InvalidClientConfig, "a node of the cluster is on another machine");
        Box::pin(std::future::ready(found.ok_or_else(|| RedisError::from(refused))))
    }
}

/// Where `host` is on this machine; `None`: it is not, or nobody knows.
fn addresses(host: &str, port: u16) -> Option<Vec<SocketAddr>> {
    if !link::stays_here(host) {
        return None;
    }
    let ips = match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(ip) => vec![ip],
        // `localhost` is loopback whatever a resolver says (RFC 6761 section 6.3).
        Err(_) => vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)],
    };
    Some(ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_here_has_an_address() {
        for (host, expected) in [
            ("127.0.0.1", Some(vec!["127.0.0.1:6379"])),
            ("127.8.9.1", Some(vec!["127.8.9.1:6379"])),
            ("::1", Some(vec!["[::1]:6379"])),
            ("[::1]", Some(vec!["[::1]:6379"])),
            ("localhost", Some(vec!["127.0.0.1:6379", "[::1]:6379"])),
            ("10.0.0.1", None),
            ("192.0.2.1", None),
            ("::ffff:10.0.0.1", None),
            ("node.redis.internal", None),
            ("localhost.example", None),
            ("", None),
        ] {
            let found = addresses(host, 6379);
            let found = found.map(|it| it.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(
                found,
                expected.map(|it| it.into_iter().map(str::to_owned).collect()),
                "{host}"
            );
        }
    }

    #[tokio::test]
    async fn a_node_elsewhere_is_refused_and_remembered() {
        let near = NearNodes::default();
        assert!(near.resolve("127.0.0.1", 1).await.is_ok());
        assert!(!near.has_refused());
        assert!(near.resolve("10.0.0.1", 1).await.is_err());
        assert!(near.has_refused());
        assert!(!near.for_connection().has_refused());
    }
}
