//! What a logout token must live up to.

use std::time::Duration;

use crate::clock::UnixTime;
use crate::protocol::algorithm::SigningAlgorithm;

/// What a logout token is checked against. Durations count in whole seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogoutTokenExpectations<'a> {
    /// The issuer identifier, compared byte for byte.
    pub(crate) issuer: &'a str,
    /// Our client id.
    pub(crate) client_id: &'a str,
    /// Who `aud` may name besides us.
    pub(crate) trusted_audiences: &'a [String],
    /// The registered `id_token_signed_response_alg`, which governs logout tokens, too (section 2.6 step 3).
    pub(crate) algorithm: SigningAlgorithm,
    /// How far the provider's clock may be off, either way.
    pub(crate) clock_tolerance: Duration,
    /// The time.
    pub(crate) now: UnixTime,
}
