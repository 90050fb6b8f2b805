//! One thing that is measured.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::COOKIE;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// A router, and the request it gets.
#[derive(Clone)]
pub struct Case {
    pub name: &'static str,
    pub app: Router,
    pub path: &'static str,
    /// Values of the `Cookie` header, sent in turn; none: no such header.
    pub cookies: Vec<String>,
    /// The name of the case to be subtracted.
    pub above: &'static str,
}

impl Case {
    /// Compared with the case called `bare route`.
    pub fn new(
        name: &'static str,
        app: Router,
        cookies: Option<String>,
        path: &'static str,
    ) -> Self {
        Self { name, app, path, cookies: cookies.into_iter().collect(), above: "bare route" }
    }

    #[must_use]
    pub fn above(mut self, name: &'static str) -> Self {
        self.above = name;
        self
    }

    /// Sends these in turn.
    #[must_use]
    pub fn cookies(mut self, cookies: Vec<String>) -> Self {
        self.cookies = cookies;
        self
    }

    /// The `number`th request, answered with 200 and read to its end.
    pub async fn ask(&self, number: usize) {
        let mut request = Request::get(self.path);
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, &self.cookies[number % self.cookies.len()]);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200, "{}", self.name);
        drop(response.into_body().collect().await.unwrap());
    }
}
