//! The session of a request or why there is none, for public pages.

use axum_core::extract::FromRequestParts;
use http::request::Parts;

use super::auth_session::{AuthSession, AuthSessionRejection};
use super::find::find;
use super::missing::Missing;
use crate::http::context::Absence;
use crate::policy::Refusal;

/// Whether a request has a live session and, if it had one, what ended it.
///
/// As an extractor it lets everyone in, as `Option<AuthSession>` does, and needs the same layer. Behind
/// [`continue_anonymous`](crate::AuthSessionLayer::continue_anonymous) a public page can say what happened:
///
/// ```
/// use axum_oidc_session::{Refusal, SessionStatus};
///
/// async fn home(status: SessionStatus) -> String {
///     match status {
///         SessionStatus::Live(session) => format!("Hello {}", session.claims().sub()),
///         SessionStatus::Ended(Refusal::IdleLimit) => "You were away for too long.".to_owned(),
///         SessionStatus::Ended(_) => "Your session has ended.".to_owned(),
///         SessionStatus::Absent => "Hello stranger".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub enum SessionStatus {
    /// There is a live session.
    Live(AuthSession),
    /// The session ended on this request, or up to 10 minutes after its deadline was due: the browser still remembers.
    Ended(Refusal),
    /// Nobody has signed in with this browser, or signed out again.
    Absent,
}

impl<S: Send + Sync> FromRequestParts<S> for SessionStatus {
    type Rejection = AuthSessionRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let auth = find(parts)?;
        match AuthSession::find(auth).await {
            Ok(session) => Ok(Self::Live(session)),
            Err(Missing::Absent(Absence::Ended(refusal))) => Ok(Self::Ended(refusal)),
            Err(Missing::Absent(Absence::NoSession)) => Ok(Self::Absent),
            Err(missing) => Err(missing.reject(&auth.rp.config, parts)),
        }
    }
}
