//! The claims as a type of the application's own.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::auth_session::{AuthSession, AuthSessionRejection};
use crate::http::response::answer::json_response;

/// The claims of a live session, as a type of the application.
///
/// ```
/// use axum_oidc_session::CustomClaims;
///
/// #[derive(serde::Deserialize)]
/// struct Employee {
///     sub: String,
///     department: String,
/// }
///
/// async fn desk(CustomClaims(employee): CustomClaims<Employee>) -> String {
///     employee.department
/// }
/// ```
///
/// Refuses as [`AuthSession`] does, and with 403 `unsuitable_claims` if the claims are not such a `T`.
#[derive(Clone, Copy, Debug)]
pub struct CustomClaims<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for CustomClaims<T> {
    type Rejection = ClaimsRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session =
            <AuthSession as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        session.claims().deserialize().map(Self).map_err(ClaimsRejection::Unsuitable)
    }
}

/// Why a handler did not get its claims.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClaimsRejection {
    /// There is no session to take them from.
    Session(AuthSessionRejection),
    /// They are not what the application's type asks for.
    Unsuitable(serde_json::Error),
}

impl From<AuthSessionRejection> for ClaimsRejection {
    fn from(rejection: AuthSessionRejection) -> Self {
        Self::Session(rejection)
    }
}

impl IntoResponse for ClaimsRejection {
    fn into_response(self) -> Response {
        match self {
            Self::Session(rejection) => rejection.into_response(),
            Self::Unsuitable(error) => {
                // Where and what kind, not the text: it can repeat a claim's value.
                let category = format!("{:?}", error.classify());
                tracing::warn!(code = "unsuitable_claims", category, "claims do not fit the type");
                let text = "The claims of this user are not what this page needs.";
                let body = json!({"error": "unsuitable_claims", "error_description": text});
                json_response(StatusCode::FORBIDDEN, &body)
            }
        }
    }
}
