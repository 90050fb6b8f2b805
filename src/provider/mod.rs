//! The OpenID Provider, asked over HTTP.
//!
//! | file | what |
//! |---|---|
//! | `client` | the provider as the flows see it: each question one function |
//! | `cached` | a document that is fetched when needed and kept: freshness, single flight, backoff |
//! | `discovery`, `metadata` | where the provider's endpoints are, and what must hold of them |
//! | `jwks` | its keys, and what happens on an unknown one |
//! | `token_endpoint`, `client_authentication`, `reachability` | code exchange and refresh, and whether anybody answers |
//! | `userinfo`, `revocation` | claims about the user, the end of a token |
//! | `token_facts` | what the log says of a refused token |
//! | `verification_error` | why there is no verified token |
//! | `document`, `http_client`, `http_client_settings`, `tls` | how all of them are reached |
//!
//! Everything is bounded in time and size, no redirect is followed, and only GETs are ever sent twice.

mod cached;
mod client;
mod client_authentication;
mod discovery;
mod document;
mod http_client;
mod http_client_settings;
mod jwks;
mod metadata;
mod reachability;
mod revocation;
#[cfg(test)]
mod test_server;
mod tls;
mod token_endpoint;
mod token_facts;
mod userinfo;
mod verification_error;

pub use cached::Unavailable;
pub(crate) use client::{Provider, ProviderSettings};
pub use discovery::DiscoveryError;
pub use document::DocumentError;
#[cfg(not(feature = "test-util"))]
pub(crate) use http_client::HttpClient;
pub use http_client::HttpError;
#[cfg(feature = "test-util")]
pub use http_client::{HttpClient, ResponseFuture};
pub use http_client_settings::{HttpClientSettings, HttpClientSettingsError};
pub use jwks::{JwksError, KeySetError};
#[cfg(fuzzing)]
pub(crate) use metadata::Metadata;
pub use metadata::MetadataError;
pub(crate) use revocation::TokenTypeHint;
pub use token_endpoint::{MalformedResponse, TokenEndpointError};
pub use userinfo::UserInfoError;
pub use verification_error::{IdTokenVerificationError, LogoutTokenVerificationError};
