//! A requirement in a link to the login, for who cannot be redirected to the provider: scripts, and pages with a button.
//!
//! 1. It is sealed: a link asks the provider for what a page of this application requires, or for
//!    nothing.
//! 2. It is bound to the session that did not meet the requirement. In a browser without that
//!    session (another browser, or the session has ended or was replaced) the link asks for
//!    nothing. Otherwise the owner of one account could send a link to other users, and choose
//!    how they sign in.
//! 3. It is good for as long as a login attempt lives. An older one asks for nothing.
//! 4. A link that asks for nothing is a plain link to the login: what is configured holds, and the
//!    page asks again.
//!
//! Whether the sign-in did it is checked in the ID Token, and again where it is required.

use serde::{Deserialize, Serialize};

use super::relying_party::RelyingParty;
use crate::clock::UnixTime;
use crate::config::settings::Config;
use crate::policy::{Authentication, AuthenticationRequirement};
use crate::random::RandomUnavailable;
use crate::secret::seal::Purpose;
use crate::session::entry::Entry;

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Link<T> {
    /// The first second at which it asks for nothing.
    until: i64,
    required: T,
}

/// The sealed text of a requirement that `session` does not meet.
pub(crate) fn seal(
    rp: &RelyingParty,
    required: &AuthenticationRequirement,
    session: &Entry,
) -> Result<String, RandomUnavailable> {
    let config = &rp.config;
    let until = config.clock.now().saturating_add(config.requests.attempt_lifetime);
    let link = Link { until: until.seconds(), required };
    let plaintext = serde_json::to_vec(&link).map_err(|_| RandomUnavailable)?;
    let (purpose, place) = (Purpose::LoginRequirement, place(rp, session));
    config.keys.seal(purpose, &place, &plaintext, &*config.random)
}

/// Opens what this application sealed for `session`; `None`: it did not, or too long ago.
pub(crate) fn open(
    rp: &RelyingParty,
    sealed: &str,
    session: &Entry,
) -> Option<AuthenticationRequirement> {
    let (purpose, place) = (Purpose::LoginRequirement, place(rp, session));
    let plaintext = rp.config.keys.open(purpose, &place, sealed).ok()?;
    let link: Link<AuthenticationRequirement> = serde_json::from_slice(&plaintext).ok()?;
    (rp.config.clock.now() < UnixTime::from_seconds(link.until)).then_some(link.required)
}

/// Where a link belongs: to one session of this application, whatever id it has at the time.
fn place(rp: &RelyingParty, session: &Entry) -> Vec<u8> {
    let handle = session.state().state.handle.to_bytes();
    [rp.owner.as_bytes(), handle.as_slice()].concat()
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
