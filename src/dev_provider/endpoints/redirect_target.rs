//! Where a redirect fault leads: only a client that follows redirects gets here.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::provider::Provider;
use crate::dev_provider::{Endpoint, guard, reply};

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::RedirectTarget, request, |_, _| {
        reply::json(StatusCode::OK, "{}")
    })
    .await
}
