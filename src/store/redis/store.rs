//! The store itself: what it is made of, and the port.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tower_sessions::session::Id;

use super::error::RedisConfigError;
use super::keys::Keys;
use super::link::Link;
use super::listener::RedisListener;
use super::probe;
use super::settings::RedisSettings;
use super::target::Target;
use crate::clock::UnixTime;
use crate::random::{self, SystemRandom};
use crate::session::contract::{
    AuthStore, Change, FoundSession, IndexKey, Inserted, Marker, Saved, StoreError, StoreListener,
    StoredSession, Touch,
};

/// A store in Redis (6.2 or later) or Valkey, for several nodes.
///
/// What it is made from is checked, but nothing is connected before the first request: the server may be down when the
/// application starts, and whenever it likes. Requests fail meanwhile ([`StoreError`]: users get 503, nobody is signed out), and
/// within about a second of its return they succeed again. Clones share one connection.
///
/// ```
/// use axum_oidc_session::RedisStore;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::new("rediss://sessions:secret@redis.internal:6379")?;
/// let cluster = RedisStore::cluster(["rediss://10.0.0.1:6379", "rediss://10.0.0.2:6379"])?;
/// # Ok(())
/// # }
/// ```
///
/// # What the server must be set to
///
/// A warning is logged once if it can be seen that there is no persistence, or that memory pressure drops keys.
/// `appendfsync` is yours to look after.
///
/// | setting | value | otherwise |
/// |---|---|---|
/// | `appendonly` | `yes` | sessions end with the server; with snapshots alone a crash brings back what was signed out |
/// | `appendfsync` | `always` | `everysec`, the default, may lose the last two seconds, also if only the process is killed: a logout in them comes undone |
/// | `maxmemory-policy` | `noeviction` | live sessions and revocations are dropped when memory is short |
/// | `min-replicas-to-write` | 1 or more, where there are replicas | a master that is cut off from them goes on answering beside its successor (below) |
///
/// When memory is full new logins get 503 and nothing live is given up. No key lacks an expiry.
///
/// # Security
///
/// Replication is asynchronous: a failover to a replica may lose the last writes, a logout or a revocation among them, although
/// they were answered, and nothing here can tell. Where that matters use a single server with `appendfsync always`, or
/// `min-replicas-to-write`, which makes losses rarer (as `WAIT` would), but not impossible.
///
/// A master that is cut off, and that a replica has succeeded, goes on answering the nodes on its side. They serve what was
/// ended on the other side, and what is ended on theirs comes undone when the master joins the others again. With
/// `min-replicas-to-write` the master refuses writes `min-replicas-max-lag` (10 s) after the cut; the store notices within 5 s
/// more and reads nothing from it then, nor ever from a replica: its users get 503. So such a node serves an ended session for
/// about 15 s at most. Without that setting there is no bound, and a warning is logged once; deadlines hold in any case. The
/// masters of a cluster stop by themselves after `cluster-node-timeout`.
///
/// Whoever can read the server sees no claims, tokens or cookies, since all is sealed; whoever can write to it can end
/// sessions. Give it a password or, better, an ACL user for `~oidc:*` and `&oidc:*`, and use `rediss://` outside of a
/// trusted network. TLS is rustls; unless the application has installed a process-wide default provider by the first
/// connection, ring is installed.
#[derive(Clone)]
pub struct RedisStore(Arc<Shared>);

pub(super) struct Shared {
    pub(super) link: Link,
    pub(super) keys: Keys,
    pub(super) tags: Tags,
}

impl RedisStore {
    /// A store on the server at `url` (`redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS).
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] if the URL cannot be used; it does not repeat it.
    pub fn new(url: impl AsRef<str>) -> Result<Self, RedisConfigError> {
        Self::with_settings(url, RedisSettings::default())
    }

    /// As [`new`](Self::new), with these settings.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] names what cannot be used.
    pub fn with_settings(
        url: impl AsRef<str>,
        settings: RedisSettings,
    ) -> Result<Self, RedisConfigError> {
        let keys = Keys::new(&settings.key_prefix)?;
        Self::over(Target::single(url.as_ref(), settings)?, keys)
    }

    /// A store on a Redis Cluster, of which `urls` are some nodes. The others are learned from them; they are
    /// reached by the same scheme, user and password.
    ///
    /// If that scheme is `redis://`, the nodes that the cluster names must be on this machine as
    /// well: one that is elsewhere is not connected to, and requests get [`StoreError`] (503) until
    /// the URLs are `rediss://`, or
    /// [`insecure_allow_clear_text`](RedisSettings::insecure_allow_clear_text) is said. Sentinel is
    /// not supported. What the nodes send each other (replication, the cluster bus) is theirs: set
    /// `tls-replication` and `tls-cluster` on the servers.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] if the URLs cannot be used together.
    pub fn cluster(
        urls: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, RedisConfigError> {
        Self::cluster_with_settings(urls, RedisSettings::default())
    }

    /// As [`cluster`](Self::cluster), with these settings.
    ///
    /// # Errors
    ///
    /// [`RedisConfigError`] names what cannot be used.
    pub fn cluster_with_settings(
        urls: impl IntoIterator<Item = impl Into<String>>,
        settings: RedisSettings,
    ) -> Result<Self, RedisConfigError> {
        let keys = Keys::new(&settings.key_prefix)?;
        let urls: Vec<String> = urls.into_iter().map(Into::into).collect();
        Self::over(Target::cluster(&urls, settings)?, keys)
    }

    fn over(target: Target, keys: Keys) -> Result<Self, RedisConfigError> {
        let tags = Tags::new()?;
        let link = Link::new(target, probe::question(&keys));
        Ok(Self(Arc::new(Shared { link, keys, tags })))
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisStore")
            .field("key_prefix", &self.0.keys.prefix())
            .field("is_cluster", &self.0.link.target().is_cluster())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl AuthStore for RedisStore {
    async fn insert(&self, session: &StoredSession, now: UnixTime) -> Result<Inserted, StoreError> {
        Ok(self.insert_session(session, now).await?)
    }

    async fn fetch(&self, id: &Id, now: UnixTime) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.fetch_session(id, now).await?)
    }

    async fn save_if(&self, id: &Id, change: Change, now: UnixTime) -> Result<Saved, StoreError> {
        Ok(self.save_part(id, &change, now).await?)
    }

    async fn touch(&self, id: &Id, touch: Touch, now: UnixTime) -> Result<Saved, StoreError> {
        Ok(self.touch_session(id, &touch, now).await?)
    }

    async fn remember(&self, key: &Id, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        Ok(self.remember_key(key, until, now).await?)
    }

    async fn find(
        &self,
        keys: &[IndexKey],
        now: UnixTime,
    ) -> Result<Vec<FoundSession>, StoreError> {
        Ok(self.find_sessions(keys, now).await?)
    }

    async fn mark(&self, markers: &[Marker], now: UnixTime) -> Result<(), StoreError> {
        Ok(self.keep_markers(markers, now).await?)
    }

    async fn markers(&self, keys: &[IndexKey], now: UnixTime) -> Result<Vec<Marker>, StoreError> {
        Ok(self.markers_under(keys, now).await?)
    }

    async fn lock(&self, key: &Id, holder: &Id, lease: Duration) -> Result<bool, StoreError> {
        Ok(self.take_lock(key, holder, lease).await?)
    }

    async fn unlock(&self, key: &Id, holder: &Id) -> Result<(), StoreError> {
        Ok(self.release_lock(key, holder).await?)
    }

    async fn listen(&self) -> Result<Option<Box<dyn StoreListener>>, StoreError> {
        Ok(Some(Box::new(RedisListener::begin(self).await?)))
    }

    async fn delete(&self, id: &Id) -> Result<(), StoreError> {
        Ok(self.delete_session(id).await?)
    }
}

/// Names for calls, each used once: by its tag a call that is repeated is known again.
pub(super) struct Tags {
    store: [u8; 8],
    calls: AtomicU64,
}

impl Tags {
    fn new() -> Result<Self, RedisConfigError> {
        let store = random::bytes(&SystemRandom);
        let store = store.map_err(|_| RedisConfigError::RandomUnavailable)?;
        Ok(Self { store, calls: AtomicU64::new(0) })
    }

    /// 32 hexadecimal digits.
    pub(super) fn next(&self) -> String {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}{call:016x}", u64::from_be_bytes(self.store))
    }
}
