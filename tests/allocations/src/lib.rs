//! A request with a live session in memory allocates at most 12 times more than the bare route, and no more because its body
//! could have been one that goes on.

#[cfg(test)]
mod counting;
#[cfg(test)]
mod signed_in;

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use axum::Router;
    use axum::body::{Body, HttpBody as _};
    use axum::http::Request;
    use axum::http::header::COOKIE;
    use axum::routing::get;
    use axum_oidc_session::AuthSession;
    use futures_util::StreamExt as _;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use crate::counting::{bytes, counted};
    use crate::signed_in::SignedIn;

    /// The allocations of one request, its body read, when everything is warm.
    async fn of(app: &Router, path: &str, cookies: Option<&str>) -> u64 {
        let mut fewest = u64::MAX;
        for _ in 0..8 {
            let mut request = Request::get(path);
            if let Some(cookies) = cookies {
                request = request.header(COOKIE, cookies);
            }
            let (request, app) = (request.body(Body::empty()).unwrap(), app.clone());
            let count = counted(async {
                let response = app.oneshot(request).await.unwrap();
                assert_eq!(response.status(), 200);
                drop(response.into_body().collect().await.unwrap());
            });
            fewest = fewest.min(count.await);
        }
        fewest
    }

    #[tokio::test]
    async fn a_finished_response_costs_what_the_budget_says() {
        let signed_in = SignedIn::new().await;
        let bare = Router::new().route("/", get(async || "hello"));
        let layered = Router::new()
            .route("/", get(async || "hello"))
            .route(
                "/session",
                get(async |session: AuthSession| session.claims().sub().len().to_string()),
            )
            .layer(signed_in.auth.layer());
        let floor = of(&bare, "/", None).await;
        let without = of(&layered, "/", None).await - floor;
        let with = of(&layered, "/", Some(&signed_in.cookies)).await - floor;
        let extracted = of(&layered, "/session", Some(&signed_in.cookies)).await - floor;
        println!(
            "above the bare route: {without} without a cookie, {with} with a session, {extracted} extracted"
        );
        assert!(with <= 12, "{with}");
        assert!(extracted <= 12, "{extracted}");
        assert!(without <= with, "{without}");
    }

    /// What a stream holds beside the bare route's, while nothing is to be sent.
    async fn bytes_of_stream(app: &Router, cookies: &str) -> i64 {
        let mut open = Vec::with_capacity(STREAMS);
        let before = bytes();
        for _ in 0..STREAMS {
            let request = Request::get("/silent").header(COOKIE, cookies).body(Body::empty());
            let response = app.clone().oneshot(request.unwrap()).await.unwrap();
            let mut body = Box::pin(response.into_body());
            assert!(body.frame().await.is_some());
            assert!(
                poll_fn(|context| Poll::Ready(body.as_mut().poll_frame(context).is_pending()))
                    .await
            );
            open.push(body);
        }
        (bytes() - before) / i64::try_from(STREAMS).unwrap()
    }

    #[tokio::test]
    async fn an_open_stream_holds_little() {
        let signed_in = SignedIn::new().await;
        let silent = async || {
            let hello = futures_util::stream::iter([Ok::<_, std::convert::Infallible>("hello")]);
            Body::from_stream(hello.chain(futures_util::stream::pending()))
        };
        let bare = Router::new().route("/silent", get(silent));
        let layered = bare.clone().layer(signed_in.auth.layer());
        let held = bytes_of_stream(&layered, &signed_in.cookies).await
            - bytes_of_stream(&bare, &signed_in.cookies).await;
        println!("an open stream holds {held} bytes more than the bare route's");
        assert!((1..=2_048).contains(&held), "{held}");
    }

    const STREAMS: usize = 1_000;

    /// The wrapper of a body that goes on is what a finished one does without.
    #[tokio::test]
    async fn only_a_body_that_goes_on_is_wrapped() {
        let signed_in = SignedIn::new().await;
        let whole = async || vec![b'x'; 64 * 1024];
        let longer = async || vec![b'x'; 64 * 1024 + 1];
        let bare = Router::new().route("/whole", get(whole)).route("/longer", get(longer));
        let layered = bare.clone().layer(signed_in.auth.layer());
        let mut above = [0; 2];
        for (above, path) in above.iter_mut().zip(["/whole", "/longer"]) {
            *above =
                of(&layered, path, Some(&signed_in.cookies)).await - of(&bare, path, None).await;
        }
        println!(
            "above the bare route: {} for a whole body, {} for one that may go on",
            above[0], above[1]
        );
        assert!(above[0] <= 12, "{above:?}");
        assert!(above[1] > above[0], "the body that goes on is not watched: {above:?}");
    }
}
