//! The provider's keys (JWK Set, RFC 7517 section 5), and what happens when a token names one that is not among them.
//!
//! 1. The set is fetched when first needed, and kept as [`super::cached`] says: an outage of the provider does not keep
//!    tokens from being verified.
//! 2. A token that none of the keys verifies causes one fetch, however many such tokens there are at the time: the provider may
//!    have a new key, under a new id or an old one.
//! 3. These fetches are paid from a bucket of [`BURST`] that fills by one each [`REFILL`]: made-up tokens cannot make us flood
//!    the provider. The bucket is empty only if the set has been fetched [`REFILL`] ago or less, so a genuine rotation is
//!    seen within that time. ID Tokens, which come from the token endpoint, have a bucket of their own, and so have logout
//!    tokens, which anyone can send: strangers cannot spend that of the logins.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::CoreJsonWebKeySet;

use super::cached::{Cached, Fetched, Source, Unavailable};
use super::discovery::{Discovery, DiscoveryError};
use super::document::{self, DocumentError};
use super::http_client::HttpClient;
use crate::clock::Clock;
use crate::events::Events;
use crate::protocol::jwt::parse_key_set;
use crate::spawn::Spawn;

/// The keys cannot be had at present.
pub type JwksError = Unavailable<KeySetError>;

impl JwksError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        self.reason().code()
    }

    /// Whether waiting cannot cure it: a setting is wrong, here or at the provider.
    pub fn is_permanent(&self) -> bool {
        self.reason().is_permanent()
    }
}

/// Why the provider's keys could not be fetched.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// The metadata, which says where they are, cannot be had.
    #[error("where the provider's keys are is unknown: there is no metadata")]
    Discovery(#[source] DiscoveryError),
    /// The set could not be fetched, or is no JWK Set.
    #[error("the provider's JWK Set could not be read at {url}, its jwks_uri")]
    #[non_exhaustive]
    Document {
        /// Where it was looked for.
        url: String,
        /// Why.
        #[source]
        source: DocumentError,
    },
}

impl KeySetError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Document { source, .. } => source.code(),
        }
    }

    /// Whether waiting cannot cure it: a setting is wrong, here or at the provider.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Discovery(error) => error.is_permanent(),
            Self::Document { source, .. } => source.is_permanent(),
        }
    }
}

/// What a fetch of newer keys is paid from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Budget {
    IdTokens,
    LogoutTokens,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct Jwks {
    cached: Arc<Cached<KeySetSource>>,
    id_tokens: Mutex<Bucket>,
    logout_tokens: Mutex<Bucket>,
    clock: Arc<dyn Clock>,
}

impl Jwks {
    pub(super) fn new(
        discovery: Arc<Discovery>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
        spawn: Arc<dyn Spawn>,
        events: Events,
    ) -> Self {
        let source = KeySetSource { discovery, http };
        let bucket = || Mutex::new(Bucket { tokens: BURST, since: clock.monotonic() });
        let (id_tokens, logout_tokens) = (bucket(), bucket());
        let cached = Cached::new(source, Arc::clone(&clock), spawn, events);
        Self { cached, id_tokens, logout_tokens, clock }
    }

    /// The keys.
    pub(super) async fn keys(&self) -> Result<Arc<CoreJsonWebKeySet>, JwksError> {
        self.cached.value().await
    }

    /// Keys newer than `seen`, none of which verified a token; `seen` itself if it must not be fetched again yet.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<CoreJsonWebKeySet>,
        budget: Budget,
    ) -> Result<Arc<CoreJsonWebKeySet>, JwksError> {
        let take = || {
            let bucket = match budget {
                Budget::IdTokens => &self.id_tokens,
                Budget::LogoutTokens => &self.logout_tokens,
            };
            let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
            bucket.take(self.clock.monotonic())
        };
        self.cached.fetch_other_than(Some(seen), take).await
    }
}

#[derive(Debug)]
struct KeySetSource {
    discovery: Arc<Discovery>,
    http: Arc<dyn HttpClient>,
}

impl Source for KeySetSource {
    type Value = CoreJsonWebKeySet;
    type Error = KeySetError;
    const NAME: &'static str = "keys";

    async fn fetch(&self) -> Result<Fetched<CoreJsonWebKeySet>, KeySetError> {
        let metadata = self.discovery.value().await.map_err(KeySetError::Discovery)?;
        let unusable =
            |source| KeySetError::Document { url: metadata.jwks_uri.to_string(), source };
        let response = document::fetch(&*self.http, &metadata.jwks_uri).await.map_err(unusable)?;
        let value = parse_key_set(response.body()).ok_or_else(|| unusable(DocumentError::Json))?;
        tracing::debug!(issuer = metadata.issuer, "fetched the provider's keys");
        Ok(Fetched { value, max_age: document::max_age(response.headers()) })
    }
}

/// A token bucket.
#[derive(Debug)]
struct Bucket {
    tokens: u32,
    /// Up to when it has been filled.
    since: Duration,
}

impl Bucket {
    fn take(&mut self, now: Duration) -> bool {
        while self.tokens < BURST && now.saturating_sub(self.since) >= REFILL {
            self.tokens += 1;
            self.since += REFILL;
        }
        if self.tokens == BURST {
            self.since = now;
        }
        let granted = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        granted
    }
}

const BURST: u32 = 3;
const REFILL: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_grants_a_burst_and_then_one_each_refill() {
        let (start, nanosecond) = (Duration::from_secs(100), Duration::from_nanos(1));
        let mut bucket = Bucket { tokens: BURST, since: Duration::ZERO };
        for expected in [true, true, true, false, false] {
            assert_eq!(bucket.take(start), expected);
        }
        assert!(!bucket.take(start + REFILL - nanosecond));
        assert!(bucket.take(start + REFILL));
        assert!(!bucket.take(start + REFILL * 2 - nanosecond));
        assert!(bucket.take(start + REFILL * 2 + nanosecond));
        let later = start + REFILL * 100;
        for expected in [true, true, true, false] {
            assert_eq!(bucket.take(later), expected, "never more than a burst");
        }
    }
}
