//! A requirement in a link to the login, for who cannot be redirected to the provider: scripts, and pages with a button.
//!
//! It is sealed: a link asks the provider for what a page of this application requires, or for nothing. Whether the sign-in
//! did it is checked in the ID Token, and again where it is required.

use super::relying_party::RelyingParty;
use crate::config::settings::Config;
use crate::policy::{Authentication, AuthenticationRequirement};
use crate::random::RandomUnavailable;
use crate::secret::seal::Purpose;
use crate::session::entry::Entry;

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

/// Whether the session's sign-in is less than what is required.
pub(crate) fn lacks(
    config: &Config,
    entry: &Entry,
    required: Option<&AuthenticationRequirement>,
) -> bool {
    let Some(required) = required else { return false };
    let version = entry.state();
    let (state, amr) = (&version.state, version.state.claims.amr());
    let authentication = Authentication {
        auth_time: state.claims.auth_time(),
        acr: state.claims.acr(),
        amr: &amr,
        signed_in_at: state.logged_in_at,
    };
    let now = entry.now(&*config.clock).time();
    required.check(&authentication, config.tokens.clock_tolerance, now).is_err()
}
