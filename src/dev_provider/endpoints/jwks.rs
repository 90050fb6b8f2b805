//! The key set (RFC 7517).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::dev_provider::incoming::Incoming;
use crate::dev_provider::provider::Provider;
use crate::dev_provider::{Endpoint, guard, reply};

pub(crate) const PATH: &str = "/jwks";

pub(crate) async fn handle(State(provider): State<Arc<Provider>>, request: Incoming) -> Response {
    guard::answer(&provider, Endpoint::Jwks, request, |provider, _| {
        let inner = provider.lock();
        reply::json(StatusCode::OK, inner.keys.document(inner.settings.fault).to_string())
    })
    .await
}
