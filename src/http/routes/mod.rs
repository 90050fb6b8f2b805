//! The auth routes: one a file. They see to their sessions themselves, so that they work inside and outside the layer.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::flow::relying_party::RelyingParty;

pub(crate) mod backchannel_logout;
pub(crate) mod callback;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod session;

/// All routes, at the configured paths.
///
/// HEAD is routed like GET by axum; the handlers of login and callback refuse it, since both have effects.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(rp: &Arc<RelyingParty>) -> Router<S> {
    let paths = &rp.config.paths;
    Router::new()
        .route(&paths.login, get(login::login))
        .route(&paths.callback, get(callback::callback))
        .route(&paths.logout, post(logout::logout).get(logout::confirm))
        .route(&paths.session, get(session::session))
        .route(&paths.backchannel_logout, post(backchannel_logout::backchannel_logout))
        .with_state(Arc::clone(rp))
}
