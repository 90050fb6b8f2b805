//! More than a session: what a route or a handler may require of it.
//!
//! | file | what |
//! |---|---|
//! | `authentication` | a sign-in that is fresh or strong enough |
//! | `claims` | what the provider says about the user |
//! | `login` | a session, and nothing more |
//! | `requirement` | the trait that they have |
//! | `service` | each of them as a route layer |
//!
//! As an extractor they are [`SessionWith`](super::extract::SessionWith); the answers are in `response::insufficient`.

mod authentication;
mod claims;
mod login;
mod requirement;
mod service;

pub use authentication::{RequireAuthentication, require_authentication};
pub use claims::{RequireClaims, require_claims};
pub use login::{RequireLogin, require_login};
pub use requirement::SessionRequirement;
pub(crate) use requirement::sealed::{Judge, Unmet};
pub use service::RequireService;
