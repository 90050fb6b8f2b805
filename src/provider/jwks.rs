//! The provider's keys (JWK Set, RFC 7517 section 5), and what happens when a token names one that is not among them.
//!
//! 1. The set is fetched when first needed, and kept as [`super::cached`] says: an outage of the provider does not keep
//!    tokens from being verified.
//! 2. A token signed with an unknown key causes one fetch, however many such tokens there are at the time.
//! 3. These fetches are paid from a bucket of [`BURST`] that fills by one each [`REFILL`]: made-up key ids cannot make us flood
//!    the provider. The bucket is empty only if the set has been fetched [`REFILL`] ago or less, so a genuine rotation is
//!    seen within that time.
//!
//! `openidconnect` leaves out keys that it does not understand, those for encryption do not verify signatures.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::CoreJsonWebKeySet;

use super::cached::{Cached, Fetched, Source, Unavailable};
use super::discovery::{Discovery, DiscoveryError};
use super::document::{self, DocumentError};
use super::http_client::HttpClient;
use crate::clock::Clock;
use crate::events::Events;
use crate::spawn::Spawn;

/// The keys cannot be had at present.
pub type JwksError = Unavailable<KeySetError>;

impl JwksError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        self.reason().code()
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
    #[error("the provider's JWK Set could not be read")]
    Document(#[source] DocumentError),
}

impl KeySetError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Document(error) => error.code(),
        }
    }
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct Jwks {
    cached: Arc<Cached<KeySetSource>>,
    bucket: Mutex<Bucket>,
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
        let bucket = Mutex::new(Bucket { tokens: BURST, since: clock.monotonic() });
        Self { cached: Cached::new(source, Arc::clone(&clock), spawn, events), bucket, clock }
    }

    /// The keys.
    pub(super) async fn keys(&self) -> Result<Arc<CoreJsonWebKeySet>, JwksError> {
        self.cached.value().await
    }

    /// Keys newer than `seen`, in which a token's key was not; `seen` itself if it must not be fetched again yet.
    pub(super) async fn newer_than(
        &self,
        seen: &Arc<CoreJsonWebKeySet>,
    ) -> Result<Arc<CoreJsonWebKeySet>, JwksError> {
        let take = || {
            let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
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
        let response = document::fetch(&*self.http, &metadata.jwks_uri, &MEDIA_TYPES)
            .await
            .map_err(KeySetError::Document)?;
        let value = serde_json::from_slice(response.body())
            .map_err(|_| KeySetError::Document(DocumentError::Json))?;
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
const MEDIA_TYPES: [&str; 2] = [document::JSON, "application/jwk-set+json"];

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
