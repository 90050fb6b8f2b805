//! Extractors: one a file.

mod auth_session;
mod claims;
mod ended;
mod session_status;
mod user_sessions;

pub use auth_session::{AuthSession, AuthSessionRejection};
pub use claims::{ClaimsRejection, CustomClaims};
pub use session_status::SessionStatus;
pub use user_sessions::UserSession;
