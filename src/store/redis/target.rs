//! Where the server is: what URLs and settings say, checked, without any I/O.
//!
//! 1. RESP3 is spoken, whatever the URL says: only then a lost connection is noticed while nobody waits for an answer.
//! 2. What goes in clear text stays on this machine, unless the settings say otherwise: the URLs
//!    are looked at here, and the nodes that a cluster names before they are connected to
//!    ([`near`]).
//! 3. The `redis` crate takes its TLS settings from the process-wide default provider of rustls,
//!    and rustls panics if there is none and both ring and aws-lc-rs are in the tree. So ring is
//!    made the default before the first TLS connection is opened, unless the application has chosen
//!    one by then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _,
    ProtocolVersion, PushInfo, PushKind, RedisError, TlsCertificates,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::connection::{Connection, Wire};
use super::error::{Fault, RedisConfigError};
use super::masters::{self, Masters};
use super::near::NearNodes;
use super::settings::RedisSettings;
use crate::store::link;

pub(super) struct Target {
    topology: Topology,
    /// Of the first URL: nodes of a cluster are reached alike.
    seed: ConnectionInfo,
    settings: RedisSettings,
}

enum Topology {
    Single(Box<Client>),
    /// The nodes that were given, and those that are known since.
    Cluster {
        given: Vec<ConnectionInfo>,
        known: Mutex<Masters>,
        /// The only ones it may have, if it is reached in clear text.
        near: Option<NearNodes>,
    },
}

impl Target {
    pub(super) fn single(url: &str, settings: RedisSettings) -> Result<Self, RedisConfigError> {
        settings.check()?;
        let seed = parse(url, &settings)?;
        let client = client(seed.clone(), &settings)?;
        Ok(Self { topology: Topology::Single(Box::new(client)), seed, settings })
    }

    pub(super) fn cluster(
        urls: &[String],
        settings: RedisSettings,
    ) -> Result<Self, RedisConfigError> {
        settings.check()?;
        let nodes: Vec<ConnectionInfo> =
            urls.iter().map(|url| parse(url, &settings)).collect::<Result<_, _>>()?;
        let seed = nodes.first().cloned().ok_or(RedisConfigError::Cluster)?;
        client(seed.clone(), &settings)?;
        let is_clear_text = nodes.iter().any(|node| matches!(node.addr(), ConnectionAddr::Tcp(..)));
        let near = (is_clear_text && !settings.allow_clear_text).then(NearNodes::default);
        cluster_client(nodes.clone(), near.as_ref(), &settings)
            .map_err(|_| RedisConfigError::Cluster)?;
        let topology = Topology::Cluster { given: nodes, known: Mutex::default(), near };
        Ok(Self { topology, seed, settings })
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self.topology, Topology::Cluster { .. })
    }

    pub(super) async fn connect(&self) -> Result<Connection, Fault> {
        self.choose_cryptography();
        let client = match &self.topology {
            Topology::Single(client) => client,
            Topology::Cluster { given, known, near } => {
                let near = near.as_ref().map(NearNodes::for_connection);
                let connected = self.connect_cluster(given, known, near.as_ref()).await;
                let is_elsewhere = near.as_ref().is_some_and(NearNodes::has_refused);
                return connected
                    .map_err(|fault| if is_elsewhere { Fault::ClearText } else { fault });
            }
        };
        let alive = Arc::new(AtomicBool::new(true));
        let notice = Arc::clone(&alive);
        let wire = self
            .open(client, move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    notice.store(false, Ordering::Release);
                }
                Ok::<(), ()>(())
            })
            .await?;
        Ok(Connection::new(Wire::Single(wire), alive))
    }

    /// By any node that is there: those that were given may all have gone since.
    async fn connect_cluster(
        &self,
        given: &[ConnectionInfo],
        known: &Mutex<Masters>,
        near: Option<&NearNodes>,
    ) -> Result<Connection, Fault> {
        let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut nodes = given.to_vec();
        nodes.extend(lock().iter().map(|node| self.node(node)));
        let client = cluster_client(nodes, near, &self.settings)?;
        let wire = client.get_async_connection().await?;
        let alive = Arc::new(AtomicBool::new(true));
        let mut connection = Connection::new(Wire::Cluster(wire), alive);
        let masters = masters::of(connection.send(&masters::question()).await?)?;
        for (host, _) in near.into_iter().flat_map(|_| &masters) {
            self.check_way(host)?;
        }
        *lock() = masters;
        Ok(connection)
    }

    /// A connection of its own to `node`, or to the only server. What is pushed goes to `pushed`, in the order of arrival
    /// and before any answer that arrives after it.
    pub(super) async fn listen(
        &self,
        node: Option<&(String, u16)>,
        pushed: impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, Fault> {
        self.choose_cryptography();
        if let Some((host, _)) = node {
            self.check_way(host)?;
        }
        let info = node.map_or_else(|| self.seed.clone(), |node| self.node(node));
        let client = client(info, &self.settings)
            .map_err(|error| Fault::Refused(error.code().to_owned()))?;
        self.open(&client, pushed).await
    }

    /// A node under this name is not reached in clear text, or is here. One without a name is where
    /// the cluster begins.
    fn check_way(&self, host: &str) -> Result<(), Fault> {
        let is_clear_text = matches!(self.seed.addr(), ConnectionAddr::Tcp(..));
        let may = !is_clear_text || self.settings.allow_clear_text;
        if may || host.is_empty() || link::stays_here(host) {
            Ok(())
        } else {
            Err(Fault::ClearText)
        }
    }

    /// How to reach a node of the cluster: as the first that was given.
    fn node(&self, (host, port): &(String, u16)) -> ConnectionInfo {
        let mut addr = self.seed.addr().clone();
        if let ConnectionAddr::Tcp(old_host, old_port)
        | ConnectionAddr::TcpTls { host: old_host, port: old_port, .. } = &mut addr
        {
            // A node that does not know its own name is reached under the name that was given.
            if !host.is_empty() {
                old_host.clone_from(host);
            }
            *old_port = *port;
        }
        self.seed.clone().set_addr(addr)
    }

    async fn open(
        &self,
        client: &Client,
        pushed: impl Fn(PushInfo) -> Result<(), ()> + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, Fault> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.settings.connect_timeout))
            .set_response_timeout(Some(self.settings.response_timeout))
            .set_push_sender(pushed);
        Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
    }

    fn choose_cryptography(&self) {
        let is_tls = matches!(self.seed.addr(), ConnectionAddr::TcpTls { .. });
        if is_tls && rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have been faster; any choice will do.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
    }
}

fn parse(url: &str, settings: &RedisSettings) -> Result<ConnectionInfo, RedisConfigError> {
    let info = url.into_connection_info().map_err(|_| RedisConfigError::Url)?;
    if matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
        return Err(RedisConfigError::InsecureTls);
    }
    if let ConnectionAddr::Tcp(host, _) = info.addr()
        && !settings.allow_clear_text
        && !link::stays_here(host)
    {
        return Err(RedisConfigError::ClearText);
    }
    let redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(redis))
}

fn cluster_client(
    nodes: Vec<ConnectionInfo>,
    near: Option<&NearNodes>,
    settings: &RedisSettings,
) -> Result<ClusterClient, RedisError> {
    let mut builder = ClusterClient::builder(nodes)
        .connection_timeout(settings.connect_timeout)
        .response_timeout(settings.response_timeout)
        .max_retry_wait(LONGEST_WAIT_MILLIS);
    if let Some(near) = near {
        builder = builder.async_dns_resolver(near.clone());
    }
    if let Some(certificates) = certificates(settings) {
        builder = builder.certs(certificates);
    }
    builder.build()
}

fn client(info: ConnectionInfo, settings: &RedisSettings) -> Result<Client, RedisConfigError> {
    match certificates(settings) {
        Some(_) if !has_root(settings) => Err(RedisConfigError::RootCertificates),
        Some(certificates) => Client::build_with_tls(info, certificates)
            .map_err(|_| RedisConfigError::RootCertificates),
        None => Client::open(info).map_err(|_| RedisConfigError::Url),
    }
}

fn has_root(settings: &RedisSettings) -> bool {
    let pem = settings.root_certificates.as_deref().unwrap_or_default();
    CertificateDer::pem_slice_iter(pem).next().is_some()
}

fn certificates(settings: &RedisSettings) -> Option<TlsCertificates> {
    let root_cert = settings.root_certificates.clone()?;
    Some(TlsCertificates { client_tls: None, root_cert: Some(root_cert) })
}

/// Between two tries within one request to a cluster.
const LONGEST_WAIT_MILLIS: u64 = 250;
