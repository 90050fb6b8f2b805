//! Settings of the builder that concern the store, and their check.

use std::time::Duration;

use super::builder::OidcAuthBuilder;
use crate::config::error::Findings;
use crate::session::live_cache::CacheSettings;

/// How a store is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreSettings {
    pub(crate) timeout: Duration,
    pub(crate) push: bool,
    pub(crate) staleness: Duration,
    pub(crate) capacity: usize,
    pub(crate) logout_waits: bool,
    /// Sessions of one user.
    pub(crate) max_per_user: usize,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            push: false,
            staleness: Duration::from_secs(2),
            capacity: 100_000,
            logout_waits: false,
            max_per_user: 100,
        }
    }
}

impl StoreSettings {
    pub(crate) fn cache(&self) -> CacheSettings {
        let staleness = self.push.then_some(self.staleness);
        CacheSettings { staleness, capacity: self.capacity }
    }

    /// How long the answer to a logout is held back.
    pub(crate) fn logout_wait(&self) -> Option<Duration> {
        (self.push && self.logout_waits).then_some(self.staleness)
    }

    pub(crate) fn check(&self, findings: &mut Findings) {
        findings.add_if(
            self.timeout < Duration::from_millis(100) || self.timeout > Duration::from_secs(60),
            "store_timeout",
            "it is not between 100 milliseconds and 1 minute",
            "5 seconds is the default",
        );
        findings.add_if(
            self.staleness < Duration::from_millis(200) || self.staleness > Duration::from_secs(30),
            "live_cache_staleness",
            "it is not between 200 milliseconds and 30 seconds",
            "2 seconds is the default",
        );
        findings.add_if(
            self.capacity < SMALLEST_CAPACITY,
            "live_cache_capacity",
            "it is less than 256",
            "100,000 is the default",
        );
        findings.add_if(
            self.max_per_user == 0,
            "max_sessions_per_user",
            "it is 0, so that each session would end as it begins",
            "1 or more; 100 is the default",
        );
        findings.add_if(
            self.logout_waits && !self.push,
            "logout_waits_for_nodes",
            "without push_invalidation no session is served from memory, and there is nothing to wait for",
            "leave it out, or set push_invalidation(true)",
        );
    }
}

impl OidcAuthBuilder {
    /// How long the store may take to answer; then the request gets 503. 100 ms to 1 minute, default 5 s.
    pub fn store_timeout(mut self, limit: Duration) -> Self {
        self.store_settings.timeout = limit;
        self
    }

    /// Whether sessions of a shared store are kept in this process's memory, too, until another node says that they changed.
    /// Default `false`: the store is asked at each request.
    ///
    /// PostgreSQL and Redis tell, and so does a store of yours that has [`listen`](crate::AuthStore::listen); with any
    /// other shared store this changes nothing. `SqliteStore::exclusive` and [`MemoryStore`](crate::MemoryStore) need no
    /// such bargain.
    ///
    /// # Security
    ///
    /// A session that was ended on another node may be admitted here for as long as the [staleness
    /// bound](Self::live_cache_staleness), at most. While the store's messages are not known to arrive, the store is asked.
    pub fn push_invalidation(mut self, enabled: bool) -> Self {
        self.store_settings.push = enabled;
        self
    }

    /// How stale a session in memory may be with [`push_invalidation`](Self::push_invalidation): 200 ms to 30 s, default 2 s. The
    /// connection on which changes are heard is tried four times as often.
    pub fn live_cache_staleness(mut self, bound: Duration) -> Self {
        self.store_settings.staleness = bound;
        self
    }

    /// How many sessions are kept in memory, at least 256, with [`push_invalidation`](Self::push_invalidation) or an
    /// exclusive store: default 100,000. Beyond it one makes room for another, and is loaded again when it is used.
    ///
    /// Without either, each request asks the store, and up to a quarter as many sessions (256 at least) are kept as they
    /// were opened: a record that comes again unchanged, to the last byte, is not deciphered and parsed again.
    pub fn live_cache_capacity(mut self, sessions: usize) -> Self {
        self.store_settings.capacity = sessions;
        self
    }

    /// Whether a logout is answered only when no node can admit the session any more, with
    /// [`push_invalidation`](Self::push_invalidation): it is then held back for the [staleness
    /// bound](Self::live_cache_staleness), which must be the same on all nodes. Default `false`: within that bound.
    pub fn logout_waits_for_nodes(mut self, enabled: bool) -> Self {
        self.store_settings.logout_waits = enabled;
        self
    }
}

/// One in each shard.
const SMALLEST_CAPACITY: usize = 256;
