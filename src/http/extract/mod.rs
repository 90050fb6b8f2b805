//! Extractors: one a file.

mod auth_session;
mod claims;
mod session_status;

pub use auth_session::{AuthSession, AuthSessionRejection};
pub use claims::{ClaimsRejection, CustomClaims};
pub use session_status::SessionStatus;
