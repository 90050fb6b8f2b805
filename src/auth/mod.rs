//! The handle that an application holds, and the builder that makes it: here the floors are put together.

pub(crate) mod builder;
mod check;
mod check_client;
mod check_requests;
mod oidc_auth;
mod provider_settings;
mod revocation;
mod session_settings;
pub(crate) mod store_settings;
mod surroundings;
#[cfg(feature = "test-util")]
mod test_session;
#[cfg(test)]
mod tests;

pub use builder::OidcAuthBuilder;
pub use oidc_auth::OidcAuth;
#[cfg(feature = "test-util")]
pub use test_session::{TestSession, TestSessionLayer, TestSessionService};
