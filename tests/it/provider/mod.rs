//! Everything that the provider can get wrong: the sign-in is refused or the provider's failure named, nothing hangs, nothing is
//! followed, and the next login goes well.

mod discovery;
mod jwks;
mod oddities;
mod token_endpoint;
mod userinfo;

use std::time::Duration;

use axum_oidc_session::{HttpClientSettings, OidcAuthBuilder};

/// So that a provider that never answers is given up quickly.
fn impatient(auth: OidcAuthBuilder) -> OidcAuthBuilder {
    auth.http_client(HttpClientSettings::default().timeout(Duration::from_secs(1)))
}
