//! How often each endpoint of the provider was called.

use axum_oidc_session::dev_provider::{DevProviderControl, Endpoint};

/// What the Relying Party asked; the browser's requests to the authorization endpoint are not among it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) discovery: u64,
    pub(crate) jwks: u64,
    pub(crate) code: u64,
    pub(crate) refresh: u64,
    pub(crate) userinfo: u64,
    pub(crate) revocation: u64,
    pub(crate) redirect_target: u64,
}

impl Calls {
    pub(crate) fn of(op: &DevProviderControl) -> Self {
        Self {
            discovery: op.requests(Endpoint::Discovery),
            jwks: op.requests(Endpoint::Jwks),
            code: op.requests(Endpoint::TokenAuthorizationCode),
            refresh: op.requests(Endpoint::TokenRefreshToken),
            userinfo: op.requests(Endpoint::UserInfo),
            revocation: op.requests(Endpoint::Revocation),
            redirect_target: op.requests(Endpoint::RedirectTarget),
        }
    }
}
