//! A requirement in a link to the login, for who cannot be redirected to the provider: scripts, and pages with a button.
//!
//! It is sealed: a link asks the provider for what a page of this application requires, or for nothing. Whether the sign-in
//! did it is checked in the ID Token, and again where it is required.

use super::relying_party::RelyingParty;
use crate::policy::AuthenticationRequirement;
use crate::random::RandomUnavailable;
use crate::secret::seal::Purpose;

/// The sealed text of a requirement.
pub(crate) fn seal(
    rp: &RelyingParty,
    required: &AuthenticationRequirement,
) -> Result<String, RandomUnavailable> {
    let plaintext = serde_json::to_vec(required).map_err(|_| RandomUnavailable)?;
    let (purpose, owner) = (Purpose::LoginRequirement, rp.owner.as_bytes());
    rp.config.keys.seal(purpose, owner, &plaintext, &*rp.config.random)
}

/// Opens what this application sealed; `None`: it did not.
pub(crate) fn open(rp: &RelyingParty, sealed: &str) -> Option<AuthenticationRequirement> {
    let (purpose, owner) = (Purpose::LoginRequirement, rp.owner.as_bytes());
    let plaintext = rp.config.keys.open(purpose, owner, sealed).ok()?;
    serde_json::from_slice(&plaintext).ok()
}
