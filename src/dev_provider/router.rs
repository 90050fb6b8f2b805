//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::endpoints::{
    authorize, discovery, end_session, home, jwks, redirect_target, revocation, sign_in, token,
    userinfo,
};
use super::provider::Provider;

/// The provider's routes, under its issuer's path.
pub(crate) fn routes(provider: Arc<Provider>) -> Router {
    let base = provider.base_path();
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(&at("/"), get(home::page))
        .route(&at("/sessions/end"), post(home::end))
        .route(&at(discovery::PATH), get(discovery::handle))
        .route(&at(jwks::PATH), get(jwks::handle))
        .route(&at(authorize::PATH), get(authorize::handle).post(authorize::handle))
        .route(&at(sign_in::PATH), post(sign_in::handle))
        .route(&at(token::PATH), post(token::handle))
        .route(&at(userinfo::PATH), get(userinfo::handle).post(userinfo::handle))
        .route(&at(revocation::PATH), post(revocation::handle))
        .route(&at(end_session::PATH), get(end_session::handle).post(end_session::handle))
        .route(&at("/redirect-target"), get(redirect_target::handle).post(redirect_target::handle))
        .with_state(provider)
}
