//! Discovery (OpenID Connect Discovery 1.0 section 4): the provider's metadata, fetched when it is first needed.

use std::sync::Arc;

use url::Url;

use super::cached::{Cached, Fetched, Source, Unavailable};
use super::document;
use super::http_client::HttpClient;
use super::metadata::{Metadata, MetadataError, well_known_url};
use crate::protocol::algorithm::SigningAlgorithm;

/// The metadata cannot be had at present.
pub type DiscoveryError = Unavailable<MetadataError>;

impl DiscoveryError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        self.reason().code()
    }

    /// Whether waiting cannot cure it: a setting is wrong, here or at the provider.
    pub fn is_permanent(&self) -> bool {
        self.reason().is_permanent()
    }
}

/// The metadata of one issuer, cached.
pub(super) type Discovery = Cached<MetadataSource>;

/// Where the metadata of one issuer is.
#[derive(Debug)]
pub(super) struct MetadataSource {
    pub(super) issuer: String,
    pub(super) algorithm: SigningAlgorithm,
    pub(super) http: Arc<dyn HttpClient>,
}

impl Source for MetadataSource {
    type Value = Metadata;
    type Error = MetadataError;
    const NAME: &'static str = "metadata";

    async fn fetch(&self) -> Result<Fetched<Metadata>, MetadataError> {
        let url: Url = well_known_url(&self.issuer)?;
        let response = document::fetch(&*self.http, &url).await;
        let response =
            response.map_err(|source| MetadataError::Document { url: url.to_string(), source })?;
        let (value, oddities) = Metadata::parse(response.body(), &self.issuer, self.algorithm)?;
        for error in &oddities {
            let (code, error): (_, &dyn std::error::Error) = (error.code(), error);
            let (url, issuer) = (url.as_str(), &self.issuer);
            tracing::warn!(code, error, url, issuer, "a part of the provider's metadata is odd");
        }
        tracing::debug!(issuer = self.issuer, "fetched the provider's metadata");
        Ok(Fetched { value, max_age: document::max_age(response.headers()) })
    }
}
