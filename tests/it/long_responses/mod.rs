//! What was opened with a session ends with it (ceiling rule 13).

mod cancel;
mod crowd;
mod downloads;
mod handlers;
mod nodes;
mod sockets;
mod streams;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum_oidc_session::OidcAuth;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use futures_util::Stream;
use futures_util::stream;

use crate::support::{App, AppBuilder, Browser, Open};

/// An application with `/stream` and `/download`, neither of which knows anything of sessions.
fn streaming(builder: AppBuilder) -> AppBuilder {
    builder
        .assemble(|auth: &OidcAuth, router| routes(router).layer(auth.layer()).merge(auth.routes()))
}

fn routes(router: Router) -> Router {
    router.route("/stream", get(events)).route("/download", get(download))
}

async fn events() -> Response {
    let body = Body::from_stream(ticks(b"data: tick\n\n"));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn download() -> Response {
    let body = Body::from_stream(ticks(&[b'x'; 100]));
    ([(CONTENT_LENGTH, "100000000")], body).into_response()
}

fn ticks(bytes: &'static [u8]) -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::unfold((), move |()| async move {
        SystemClock.sleep(Duration::from_millis(5)).await;
        Some((Ok(Bytes::from_static(bytes)), ()))
    })
}

/// `/stream` of a signed-in user, with its first tick.
async fn opened(app: &App) -> (Browser, Open) {
    let browser = app.signed_in().await;
    let stream = open(&browser, &app.origin).await;
    (browser, stream)
}

async fn open(browser: &Browser, origin: &str) -> Open {
    let mut stream = Open::get(browser, origin, "/stream", "").await;
    stream.until("tick").await;
    assert!(stream.text().starts_with("HTTP/1.1 200"), "{}", stream.text());
    stream
}
