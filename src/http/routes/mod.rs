//! The auth routes: one a file. They see to their sessions themselves, so that they work inside and outside the layer.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use http::HeaderMap;

use self::auth_route::MarkAuthRoute;
use self::session_script::SessionScript;
use crate::config::hooks::AuthRequestKind;
use crate::flow::relying_party::RelyingParty;

pub(crate) mod auth_route;
pub(crate) mod backchannel_logout;
pub(crate) mod callback;
mod hook;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod session;
pub(crate) mod session_script;

/// All routes, at the configured paths.
///
/// HEAD is routed like GET by axum; the handlers of login and callback refuse it, since both have effects.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(rp: &Arc<RelyingParty>) -> Router<S> {
    let paths = &rp.config.paths;
    let script = Arc::new(SessionScript::new(paths));
    let script = move |headers: HeaderMap| {
        let script = Arc::clone(&script);
        async move { script.answer(&headers) }
    };
    let hooked = |kind, route: MethodRouter<_>| match &rp.config.hooks.before_auth_request {
        Some(_) => route.layer(from_fn_with_state((Arc::clone(rp), kind), hook::ask)),
        None => route,
    };
    let logout_token = post(backchannel_logout::backchannel_logout);
    let routes = [
        (&paths.login, hooked(AuthRequestKind::Login, get(login::login))),
        (&paths.callback, hooked(AuthRequestKind::Callback, get(callback::callback))),
        (&paths.logout, post(logout::logout).get(logout::confirm)),
        (&paths.session, get(session::session)),
        (&paths.session_script, get(script)),
        (&paths.backchannel_logout, hooked(AuthRequestKind::LogoutToken, logout_token)),
    ];
    let marked = routes.into_iter().fold(Router::new(), |router, (path, route)| {
        router.route(path, route.layer(MarkAuthRoute(Arc::clone(rp))))
    });
    marked.with_state(Arc::clone(rp))
}
