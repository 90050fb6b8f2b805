//! Responses of a known length: what is missing is seen.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum_oidc_session::AuthSession;
use axum_oidc_session::dev_provider::SessionExpiryMode;

use super::streaming;
use crate::layer::stores;
use crate::support::{App, End, Open};

#[tokio::test]
async fn a_download_is_cut_at_the_ceiling_and_at_a_logout() {
    let [memory, sealed] = stores();
    for (builder, at) in [(memory, "ceiling"), (sealed, "ceiling"), (App::builder(), "logout")] {
        let app = streaming(builder).start().await;
        app.op.set_session_expiry(SessionExpiryMode::AfterIssue(Duration::from_secs(33)));
        let browser = app.signed_in().await;
        let mut download = Open::get(&browser, &app.origin, "/download", "").await;
        download.until("xxx").await;
        assert!(download.text().contains("content-length: 100000000\r\n"));
        match at {
            "ceiling" => app.later(3),
            _ => assert_eq!(browser.submit("/auth/logout").await.status, 303),
        }
        assert_eq!(download.end().await, End::Cut, "{at}");
        assert!(download.len() < 100_000_000);
    }
}

/// The handler that ends the session still has something to say.
#[tokio::test]
async fn the_response_of_the_request_that_ended_the_session_is_whole() {
    let farewell = async |session: AuthSession| {
        session.end().await.unwrap();
        let parts = ["fare", "well"].map(Ok::<_, std::convert::Infallible>);
        Body::from_stream(futures_util::stream::iter(parts)).into_response()
    };
    for builder in stores() {
        let app = builder.assemble(move |auth, router| {
            router.route("/farewell", get(farewell)).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let browser = app.signed_in().await;
        assert_eq!(browser.fetch("/farewell").await.text(), "farewell");
        assert_eq!(browser.copy().fetch("/api/me").await.status, 401);
    }
}

/// All of it is there already: it is sent whole, however slowly it is read.
#[tokio::test]
async fn a_short_response_is_whole() {
    let short = async |session: AuthSession| -> Response {
        let body = vec![b'x'; 64 * 1024];
        drop(session);
        body.into_response()
    };
    let app = App::builder().assemble(move |auth, router| {
        router.route("/short", get(short)).layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/short").await.text().len(), 64 * 1024);
}
