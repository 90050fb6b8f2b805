//! What happens to every request before and after its endpoint: count, delay, break.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::incoming::Incoming;
use super::provider::Provider;
use super::{BrokenReply, Endpoint, Fault, reply};

/// Counts the request, waits if told to, and answers with `handle`, unless the reply is to be broken.
pub(crate) async fn answer(
    provider: &Provider,
    endpoint: Endpoint,
    request: Incoming,
    handle: impl FnOnce(&Provider, &Incoming) -> Response,
) -> Response {
    let delay = {
        let mut inner = provider.lock();
        if inner.settings.down {
            return reply::close();
        }
        inner.record.received(endpoint, &request.recorded());
        inner.settings.delay(endpoint)
    };
    if let Some(delay) = delay {
        reply::pause(provider, delay).await;
    }
    let broken = broken_reply(provider, endpoint);
    let right = match broken {
        Some(kind) if !kind.is_processed() => StatusCode::OK.into_response(),
        _ => handle(provider, &request),
    };
    match broken {
        Some(kind) => reply::broken(provider, kind, right).await,
        None => right,
    }
}

fn broken_reply(provider: &Provider, endpoint: Endpoint) -> Option<BrokenReply> {
    match provider.lock().settings.fault {
        Some(Fault::Reply(faulty, kind)) if faulty.covers(endpoint) => Some(kind),
        _ => None,
    }
}
