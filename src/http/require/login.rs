//! A live session, and nothing more.

use super::requirement::sealed::{Judge, Unmet};
use crate::http::extract::AuthSession;

/// Lets only requests with a live session through; others are answered as by the extractor
/// [`AuthSession`](crate::AuthSession).
///
/// [`AuthSessionLayer`](crate::AuthSessionLayer) must be around it.
///
/// ```
/// use axum::{Router, routing::get};
/// use axum_oidc_session::{OidcAuth, require_login};
///
/// fn internal(auth: &OidcAuth) -> Router {
///     Router::new()
///         .route("/internal", get(|| async { "for staff" }))
///         .route_layer(require_login())
///         .layer(auth.layer())
/// }
/// ```
pub fn require_login() -> RequireLogin {
    RequireLogin { _private: () }
}

/// See [`require_login`].
#[derive(Clone, Debug)]
pub struct RequireLogin {
    _private: (),
}

impl Judge for RequireLogin {
    fn judge(&self, _: &AuthSession) -> Result<(), Unmet> {
        Ok(())
    }
}
