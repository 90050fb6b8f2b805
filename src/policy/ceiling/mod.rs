//! The session ceiling: the latest end of the session that the OpenID Provider asserts.
//!
//! `E` is the ID Token's `session_expiry`, `L` the leeway taken off it (30 s by default): the session ends early, never late.
//!
//! At login (`fix`):
//!
//! 1. A well-formed claim is the ceiling.
//! 2. A malformed claim refuses the login, or by [`MalformedPolicy::Cap`] the ceiling is `iat` + the duration. There is no
//!    third way: a malformed claim never means a session without a ceiling.
//! 3. No claim is no ceiling, unless the claim is required.
//! 4. When `E − L <= max(iat, now)` the login is refused. If `max(iat, now) < E` the provider's own session may still be
//!    alive ([`CeilingRefusal::InsideLeeway`], worth one retry with `prompt=login`); otherwise it is
//!    [`CeilingRefusal::AlreadyPast`].
//!
//! At a refresh (`fix`):
//!
//! 5. An earlier `E` lowers the ceiling. A later one is ignored, except on a renewal whose continuity has been checked.
//! 6. No claim, or no ID Token, changes nothing.
//! 7. Where there was no ceiling, `E` becomes the ceiling.
//! 8. A malformed claim leaves an existing ceiling, and otherwise meets rule 2; a refusal here ends the session.

mod fix;
mod refusal;
mod settings;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use fix::{RefreshedAssertion, at_refresh, fix_at_login};
pub use refusal::CeilingRefusal;
pub use settings::MalformedPolicy;
pub(crate) use settings::{CeilingPolicy, Leeway};
pub(crate) use value::Ceiling;
