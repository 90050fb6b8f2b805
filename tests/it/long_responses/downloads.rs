//! Responses of a known length: what is missing is seen.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::Request;
use axum::http::header::COOKIE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum_oidc_session::AuthSession;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::dev_provider::SessionExpiryMode;
use http_body::{Frame, SizeHint};

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

/// Its length is known and small, and it comes slowly: what has not come yet is not on its way.
#[tokio::test]
async fn a_slow_body_is_cut_however_short_it_is() {
    for length in [2, 1_000, 64 * 1024] {
        for builder in stores() {
            let slow = async move || {
                let rest = SystemClock.sleep(Duration::from_secs(60));
                Body::new(Slow { begun: false, length, rest: Box::pin(rest) })
            };
            let app = builder.assemble(move |auth, router| {
                router.route("/slow", get(slow)).layer(auth.layer()).merge(auth.routes())
            });
            let app = app.start().await;
            let browser = app.signed_in().await;
            let mut download = Open::get(&browser, &app.origin, "/slow", "").await;
            download.until("\r\n\r\nx").await;
            assert!(download.text().contains(&format!("content-length: {length}\r\n")));
            assert_eq!(browser.submit("/auth/logout").await.status, 303);
            assert_eq!(download.end().await, End::Cut, "{length}");
        }
    }
}

/// The first byte at once, and then nothing for a minute.
struct Slow {
    begun: bool,
    length: u64,
    rest: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl HttpBody for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if std::mem::replace(&mut self.begun, true) {
            return self.rest.as_mut().poll(context).map(|()| None);
        }
        self.length -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// It comes in pieces, and the session lives on: nothing of it is lost or told twice.
#[tokio::test]
async fn a_short_body_in_pieces_is_whole() {
    let pieces = async || Body::new(Pieces(vec![b"c", b"", b"b", b"a"]));
    for builder in stores() {
        let app = builder.assemble(move |auth, router| {
            router.route("/pieces", get(pieces)).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let browser = app.signed_in().await;
        let reply = browser.fetch("/pieces").await;
        assert_eq!((&*reply.text(), reply.header("content-length")), ("abc", Some("3")));
    }
}

/// The last comes first.
struct Pieces(Vec<&'static [u8]>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop().map(|piece| Ok(Frame::data(Bytes::from_static(piece)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

/// Some bodies panic if they are asked after their end.
#[tokio::test]
async fn a_body_is_not_asked_after_its_end() {
    for length in [0, 5] {
        let app = App::builder().assemble(move |auth, router| {
            let once = async move || Body::new(Once { length, is_over: false });
            router.route("/once", get(once)).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let cookie = app.signed_in().await.cookie_header("/once");
        let request = Request::get("/once").header(COOKIE, cookie).body(Body::empty()).unwrap();
        let response = app.ask(request).await;
        assert_eq!(
            (response.status().as_u16(), response.body().size_hint().exact()),
            (200, Some(length))
        );
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(body.is_empty());
    }
}

/// Says that it has something, and has nothing.
struct Once {
    length: u64,
    is_over: bool,
}

impl HttpBody for Once {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        assert!(!std::mem::replace(&mut self.is_over, true), "asked after its end");
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
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
