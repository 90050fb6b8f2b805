//! Extractors. Where a session comes from, and who is refused, is in `layer`.

mod application_data;
mod application_data_end;
mod application_data_merge;
mod cycle_id_races;
mod late_checks;
mod limit;
mod session_status;
mod stale_expiry;
mod two_session_layers;
mod user_info;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::routing::any;

use crate::layer::stores;
use crate::support::AppBuilder;

/// An application for each kind of store, in which `/app` is `handler`, which may extract `tower_sessions::Session`.
fn with_data<H, T>(handler: H) -> [AppBuilder; 2]
where
    H: Handler<T, ()> + Sync,
    T: 'static,
{
    stores().map(|builder| data_at(builder, handler.clone()))
}

fn data_at<H, T>(builder: AppBuilder, handler: H) -> AppBuilder
where
    H: Handler<T, ()> + Sync,
    T: 'static,
{
    with_routes(builder, Router::new().route("/app", any(handler)))
}

fn with_routes(builder: AppBuilder, routes: Router) -> AppBuilder {
    builder
        .configure(|auth| auth.application_data(true))
        .assemble(|auth, router| router.merge(routes).layer(auth.layer()).merge(auth.routes()))
}

/// What `/app?…` was asked to do.
fn command(request: &Request) -> &str {
    request.uri().query().unwrap_or_default()
}
