//! The routes: which are public, which need a session, and how the layer goes around them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use axum_oidc_session::OidcAuth;

use crate::settings::Settings;
use crate::{api, assets, pages, streams};

/// What the handlers know.
#[derive(Clone, Debug)]
pub(crate) struct Demo {
    pub(crate) auth: OidcAuth,
    /// The path below which browsers see the application: empty, or `/prefix`.
    pub(crate) prefix: Arc<str>,
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
    pub(crate) embedded: Option<Arc<str>>,
    /// Where sessions are kept.
    pub(crate) store: &'static str,
}

/// The application, at the root and below the base URL's prefix: a proxy may take the prefix off or leave it.
pub(crate) fn router(
    auth: OidcAuth,
    settings: &Settings,
    base_url: &str,
    embedded: Option<&str>,
) -> Router {
    let path = url::Url::parse(base_url).map(|url| url.path().trim_end_matches('/').to_owned());
    let prefix = path.unwrap_or_default();
    let demo = Demo {
        auth,
        prefix: prefix.as_str().into(),
        idle: settings.idle,
        absolute: settings.absolute,
        embedded: embedded.map(Arc::from),
        store: settings.store.name,
    };
    let app = routes(demo);
    if prefix.is_empty() {
        return app;
    }
    let home = format!("{prefix}/");
    let to_home = Redirect::permanent(&home);
    Router::new().nest(&home, app.clone()).route(&prefix, get(to_home)).merge(app)
}

fn routes(demo: Demo) -> Router {
    let auth = demo.auth.clone();
    // The session may be over: these pages say so instead of sending the visitor away.
    let public =
        Router::new().route("/", get(pages::home)).layer(auth.layer().continue_anonymous());
    let protected = Router::new()
        .route("/profile", get(pages::profile))
        .route("/admin", get(pages::admin))
        .route("/sessions", get(pages::sessions))
        .route("/sessions/end", post(pages::end_session))
        .route("/api/me", get(api::me))
        .route("/api/userinfo", get(api::userinfo))
        .route("/api/refresh", post(api::refresh))
        .route("/api/stream", get(streams::stream))
        .route("/api/ws", get(streams::socket))
        .layer(auth.layer());
    Router::new()
        .merge(public)
        .merge(protected)
        .route("/style.css", get(assets::style))
        .route("/countdown.js", get(assets::script))
        .route("/icon.svg", get(assets::icon))
        .fallback(pages::not_found)
        .with_state(demo)
        .layer(map_response(harden))
        .merge(auth.routes())
}

/// What every answer of the demo's own says to browsers. There is no `form-action`: browsers would apply it to the redirect
/// to the provider that follows the sign-out form.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
