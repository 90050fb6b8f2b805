//! 10,000 streams whose sessions end in the same second.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::Request;
use axum::response::Response;
use axum::routing::get;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::dev_provider::SessionExpiryMode;
use futures_util::future::{join_all, poll_fn};
use futures_util::stream::{self, FuturesUnordered, StreamExt as _};
use tower::ServiceExt as _;

use crate::layer::stores;
use crate::support::{NOW, until};

const SESSIONS: usize = 100;
const STREAMS_EACH: usize = 100;

async fn silent(_: axum_oidc_session::AuthSession) -> Response {
    let hello = stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from_static(b"hello"))]);
    Response::new(Body::from_stream(hello.chain(stream::pending())))
}

async fn frame(body: &mut Body) -> Option<Bytes> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
    frame.map(|frame| frame.unwrap().into_data().unwrap())
}

#[tokio::test]
async fn ten_thousand_streams_end_together_and_leave_nothing_behind() {
    for builder in stores() {
        // The settings have it, and whatever has the settings.
        let held = Arc::new(());
        let settings = Arc::clone(&held);
        let app = builder.configure(move |auth| {
            auth.on_session_ended(move |_| {
                let _held = &settings;
                async {}
            })
        });
        let app = app.assemble(|auth, router| {
            router.route("/silent", get(silent)).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        app.op.set_session_expiry(SessionExpiryMode::At(NOW + 3_600));
        let mut browsers = Vec::new();
        for _ in 0..SESSIONS / 20 {
            browsers.extend(join_all((0..20).map(|_| app.signed_in())).await);
        }
        let open = browsers.iter().flat_map(|browser| {
            let cookies = browser.cookie_header("/silent");
            std::iter::repeat_n(cookies, STREAMS_EACH)
        });
        let open = open.map(async |cookies| {
            let request = Request::get("/silent").header("cookie", cookies).body(Body::empty());
            let response = app.router.clone().oneshot(request.unwrap()).await.unwrap();
            assert_eq!(response.status(), 200);
            let mut body = response.into_body();
            assert_eq!(frame(&mut body).await.unwrap(), "hello");
            body
        });
        let mut bodies = join_all(open).await;
        assert_eq!(bodies.len(), SESSIONS * STREAMS_EACH);
        let mut ends: FuturesUnordered<_> = bodies.iter_mut().map(frame).collect();
        app.later(3_569);
        assert!(futures_util::poll!(ends.next()).is_pending());
        let began = SystemClock.monotonic();
        app.later(1);
        let mut ended = 0;
        while let Some(end) = ends.next().await {
            assert!(end.is_none());
            ended += 1;
        }
        assert_eq!(ended, SESSIONS * STREAMS_EACH);
        let took = SystemClock.monotonic() - began;
        assert!(took < Duration::from_secs(30), "{took:?}");
        drop(ends);
        drop(bodies);
        app.settled().await;
        drop(app);
        until(async || Arc::strong_count(&held) == 1).await;
    }
}
