//! What the provider publishes.

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::Value;
use url::Url;

use super::tokens;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::provider::Metadata;

/// Metadata that is taken is the issuer's, and each endpoint is https.
pub fn discovery_document(input: &[u8]) {
    let issuer = "https://op.example/tenant";
    let Ok(metadata) = Metadata::parse(input, issuer, SigningAlgorithm::Es256) else { return };
    let document: Value = serde_json::from_slice(input).unwrap();
    assert_eq!(document["issuer"], issuer);
    let optional = [
        &metadata.userinfo_endpoint,
        &metadata.end_session_endpoint,
        &metadata.revocation_endpoint,
    ];
    let needed = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    let all: Vec<&Url> = needed.into_iter().chain(optional.into_iter().flatten()).collect();
    assert!(all.iter().all(|url| url.scheme() == "https" && url.has_host()), "{all:?}");
}

/// Whatever the key set is, nothing is verified with it that its keys did not sign.
pub fn jwks(input: &[u8]) {
    let Ok(keys) = serde_json::from_slice::<CoreJsonWebKeySet>(input) else { return };
    assert!(!tokens::verifies_with(&keys), "a token of a key that is not in the set");
}
