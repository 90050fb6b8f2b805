//! Replies: JSON, and broken ones.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER,
};
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, TryStreamExt as _, future, stream};

use super::BrokenReply;
use super::provider::Provider;
use crate::clock::{Clock as _, SystemClock};

/// A JSON document.
pub(crate) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Marks what no cache may keep (RFC 6749 section 5.1).
pub(crate) fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 303, so that a form's POST becomes a GET.
pub(crate) fn see_other(location: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, location)
}

fn redirect(status: StatusCode, location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    let mut response = no_store(status.into_response());
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Breaks `right`, the reply to a request that was processed if `kind` says so.
pub(crate) async fn broken(provider: &Provider, kind: BrokenReply, right: Response) -> Response {
    match kind {
        BrokenReply::Redirect => redirect(StatusCode::FOUND, &provider.url("/redirect-target")),
        BrokenReply::InternalServerError => {
            (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error").into_response()
        }
        BrokenReply::ServiceUnavailable => {
            let retry_after = [(RETRY_AFTER, HeaderValue::from_static("1"))];
            (StatusCode::SERVICE_UNAVAILABLE, retry_after, "Service Unavailable").into_response()
        }
        BrokenReply::Hang => {
            pause(provider, LONGEST_HANG).await;
            gateway_timeout()
        }
        BrokenReply::Html => {
            let html = [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
            (html, "<!doctype html><title>Maintenance</title><p>We are back soon.</p>")
                .into_response()
        }
        BrokenReply::NotJson => json(StatusCode::OK, r#"{"issuer": "http:/"#),
        BrokenReply::Huge => huge(right),
        BrokenReply::Drip => drip(right),
        BrokenReply::GatewayTimeout => gateway_timeout(),
        BrokenReply::Close => close(),
    }
}

fn gateway_timeout() -> Response {
    (StatusCode::GATEWAY_TIMEOUT, "Gateway Timeout").into_response()
}

/// Waits, by the provider's clock, and no longer than the provider runs.
pub(crate) async fn pause(provider: &Provider, duration: Duration) {
    let mut stopped = provider.stopped.subscribe();
    let sleep = provider.clock.sleep(duration);
    let stop = pin!(stopped.wait_for(|stopped| *stopped));
    future::select(sleep, stop).await;
}

/// A reply whose body fails before its first byte: the server closes the connection, and has not sent the head yet.
pub(crate) fn close() -> Response {
    let error = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::new(Body::from_stream(stream::once(future::ready(Err::<Bytes, _>(error)))))
}

fn huge(right: Response) -> Response {
    let (mut parts, body) = right.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let chunk = Bytes::from_static(&[b' '; 65_536]);
    let spaces = stream::iter(std::iter::repeat_n(chunk, HUGE_CHUNKS)).map(Ok::<_, Infallible>);
    let spaces = spaces.map_err(|never| match never {});
    Response::from_parts(parts, Body::from_stream(spaces.chain(body.into_data_stream())))
}

/// A client that only minds silence would wait for all of it.
fn drip(right: Response) -> Response {
    let (parts, body) = right.into_parts();
    let drops = body.into_data_stream().map_ok(|chunk| {
        let bytes: Vec<_> = (0..chunk.len()).map(|at| Ok(chunk.slice(at..=at))).collect();
        stream::iter(bytes)
    });
    let slow = drops.try_flatten().and_then(|drop| async {
        SystemClock.sleep(BETWEEN_DROPS).await;
        Ok::<_, axum::Error>(drop)
    });
    Response::from_parts(parts, Body::from_stream(slow))
}

const BETWEEN_DROPS: Duration = Duration::from_millis(50);
const LONGEST_HANG: Duration = Duration::from_secs(60);
/// 50 MB.
const HUGE_CHUNKS: usize = 800;
