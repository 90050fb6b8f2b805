//! A route layer that lets only signed-in users through.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum_core::response::{IntoResponse as _, Response};
use http::Request;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::context::{Absence, Presence, RequestAuth};
use super::extract::AuthSessionRejection;
use super::response::unauthorized;

/// Lets only requests with a live session through; others are answered as by the extractor
/// [`AuthSession`](crate::AuthSession).
///
/// [`AuthSessionLayer`](crate::AuthSessionLayer) must be around it.
///
/// ```
/// use axum::{Router, routing::get};
/// use axum_oidc_session::{OidcAuth, require_login};
///
/// fn internal(auth: &OidcAuth) -> Router {
///     Router::new()
///         .route("/internal", get(|| async { "for staff" }))
///         .route_layer(require_login())
///         .layer(auth.layer())
/// }
/// ```
pub fn require_login() -> RequireLoginLayer {
    RequireLoginLayer { _private: () }
}

/// See [`require_login`].
#[derive(Clone, Debug)]
pub struct RequireLoginLayer {
    _private: (),
}

impl<S> Layer<S> for RequireLoginLayer {
    type Service = RequireLogin<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireLogin { inner }
    }
}

/// See [`require_login`].
#[derive(Clone, Debug)]
pub struct RequireLogin<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for RequireLogin<S>
where
    S: Service<Request<B>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = RequireLoginFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match refuse(&request) {
            Some(response) => RequireLoginFuture { inner: None, refused: Some(response) },
            None => RequireLoginFuture { inner: Some(self.inner.call(request)), refused: None },
        }
    }
}

fn refuse<B>(request: &Request<B>) -> Option<Response> {
    let Some(auth) = request.extensions().get::<RequestAuth>() else {
        return Some(AuthSessionRejection::MissingLayer.into_response());
    };
    let absence: Absence = match &auth.presence {
        Presence::Live(_) => return None,
        Presence::Absent(absence) => *absence,
    };
    Some(unauthorized::refuse(&auth.rp, request, absence))
}

pin_project! {
    /// The response of [`RequireLogin`].
    pub struct RequireLoginFuture<F> {
        #[pin]
        inner: Option<F>,
        refused: Option<Response>,
    }
}

impl<F, E> Future for RequireLoginFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(response) = this.refused.take() {
            return Poll::Ready(Ok(response));
        }
        match this.inner.as_pin_mut() {
            Some(inner) => Poll::Ready(ready!(inner.poll(context))),
            None => Poll::Pending,
        }
    }
}

impl<F> std::fmt::Debug for RequireLoginFuture<F> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RequireLoginFuture")
    }
}
