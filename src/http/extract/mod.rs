//! Extractors: one a file.

mod auth_session;
mod claims;
mod ended;
mod find;
mod missing;
mod session_status;
mod session_with;
mod user_sessions;

pub use auth_session::{AuthSession, AuthSessionRejection};
pub(in crate::http) use missing::Missing;

pub use claims::{ClaimsRejection, CustomClaims};
pub use session_status::SessionStatus;
pub use session_with::{Require, RequireRejection, SessionWith};
pub use user_sessions::UserSession;
