//! JSON for scripts. Without a session the layer and the extractor have answered 401 already.

use axum::Json;
use axum_oidc_session::{AccessTokenError, AuthSession, Claims, UserInfoRequestError};
use serde_json::{Value, json};

/// Who is signed in, and until when: the deadline that is enforced, and the ceiling in force.
pub(crate) async fn me(session: AuthSession) -> Json<Value> {
    Json(json!({
        "claims": session.claims(),
        "session_expires_at": session.expires_at(),
        "ceiling": session.ceiling(),
    }))
}

/// Refreshes the access token now. When it expires, or null if the provider did not say how long it lives.
pub(crate) async fn refresh(session: AuthSession) -> Result<Json<Value>, AccessTokenError> {
    let token = session.refresh_access_token().await?;
    let expires_at = token.stated_expiry().map(|_| token.expires_at());
    Ok(Json(json!({ "expires_at": expires_at })))
}

/// What the provider says about the user now: asks it with the session's access token, refreshed if it was due.
pub(crate) async fn userinfo(session: AuthSession) -> Result<Json<Claims>, UserInfoRequestError> {
    session.user_info().await.map(Json)
}
