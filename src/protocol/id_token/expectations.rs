//! What an ID Token must live up to.

use std::time::Duration;

use crate::clock::UnixTime;
use crate::protocol::algorithm::SigningAlgorithm;

/// What an ID Token is checked against. Durations count in whole seconds. Not `Debug`: it holds an access token.
#[derive(Clone, Copy)]
pub(crate) struct IdTokenExpectations<'a> {
    /// The issuer identifier, compared byte for byte.
    pub(crate) issuer: &'a str,
    /// Our client id.
    pub(crate) client_id: &'a str,
    /// Who `aud` may name besides us.
    pub(crate) trusted_audiences: &'a [String],
    /// The registered `id_token_signed_response_alg`.
    pub(crate) algorithm: SigningAlgorithm,
    /// What `nonce` must be.
    pub(crate) nonce: NonceExpectation<'a>,
    /// The access token that came with the ID Token; a present `at_hash` must fit it.
    pub(crate) access_token: Option<&'a str>,
    /// The `max_age` that was sent; with one, `auth_time` is required and must be fresh.
    pub(crate) max_age: Option<Duration>,
    /// The `acr_values` that were sent: `acr` must be one of them. Empty: none were.
    pub(crate) acr_values: &'a [String],
    /// The methods required: `amr` must have all of them. Empty: none are.
    pub(crate) amr: &'a [String],
    /// How far the provider's clock may be off, either way.
    pub(crate) clock_tolerance: Duration,
    /// How long ago `iat` may be.
    pub(crate) max_token_age: Duration,
    /// The time.
    pub(crate) now: UnixTime,
}

/// What `nonce` must be.
#[derive(Clone, Copy)]
pub(crate) enum NonceExpectation<'a> {
    /// At login: present, and this one (OIDC Core 3.1.3.7 step 11).
    Exactly(&'a str),
    /// On refresh: absent, or the one of the original ID Token, if that had one (OIDC Core 12.2).
    SameIfPresent(Option<&'a str>),
}
