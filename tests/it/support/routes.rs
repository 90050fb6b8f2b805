//! The application's own routes.
//!
//! | route | answer |
//! |---|---|
//! | GET / | `hello ada`, or `hello nobody` |
//! | GET /profile | the subject; protected |
//! | GET /api/me | `{"claims": …, "session_expires_at": n, "ceiling": n or null}`; protected |
//! | GET /api/token | `{"access_token": …, "expires_at": n}`; protected |
//! | POST /api/refresh | the same, refreshed now; protected |
//! | POST /api/act | `done`; protected |
//! | GET /public | `public`; no extractor |

use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_oidc_session::{AccessToken, AccessTokenError, AuthSession};
use serde_json::{Map, Value, json};

pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .route("/api/me", get(me))
        .route("/api/token", get(token))
        .route("/api/refresh", post(refresh))
        .route("/api/act", post(async |_: AuthSession| "done"))
        .route("/public", get(async || "public"))
}

async fn home(session: Option<AuthSession>) -> String {
    format!("hello {}", session.as_ref().map_or("nobody", |session| session.claims().sub()))
}

async fn profile(session: AuthSession) -> String {
    session.claims().sub().to_owned()
}

async fn me(session: AuthSession) -> Json<Value> {
    let claims = session.claims();
    let value = |name: &str| claims.get::<Value>(name).unwrap();
    let claims: Map<String, Value> =
        claims.names().filter_map(|name| Some((name.to_owned(), value(name)?))).collect();
    Json(json!({
        "claims": claims,
        "session_expires_at": session.expires_at().seconds(),
        "ceiling": session.ceiling().map(|ceiling| ceiling.seconds()),
    }))
}

async fn token(session: AuthSession) -> Result<Response, AccessTokenError> {
    Ok(show(&session.access_token().await?))
}

async fn refresh(session: AuthSession) -> Result<Response, AccessTokenError> {
    Ok(show(&session.refresh_access_token().await?))
}

fn show(token: &AccessToken) -> Response {
    let expires_at = token.expires_at().seconds();
    let stated = token.stated_expiry().map(|at| at.seconds());
    let body = json!({
        "access_token": token.expose_secret(),
        "expires_at": expires_at,
        "stated_expiry": stated,
    });
    Json(body).into_response()
}
