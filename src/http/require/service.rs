//! The route layer that a requirement is.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum_core::response::{IntoResponse as _, Response};
use http::Request;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::authentication::RequireAuthentication;
use super::claims::RequireClaims;
use super::requirement::SessionRequirement;
use crate::http::context::{Presence, RequestAuth};
use crate::http::extract::{AuthSession, AuthSessionRejection};
use crate::http::response::answer::Asked;
use crate::http::response::{insufficient, unauthorized};

impl<S> Layer<S> for RequireAuthentication {
    type Service = RequireService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService { inner, requirement: self.clone() }
    }
}

impl<S> Layer<S> for RequireClaims {
    type Service = RequireService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService { inner, requirement: self.clone() }
    }
}

/// The service of [`RequireAuthentication`] and [`RequireClaims`] as layers.
#[derive(Clone, Debug)]
pub struct RequireService<S, Q> {
    inner: S,
    requirement: Q,
}

impl<S, Q, B> Service<Request<B>> for RequireService<S, Q>
where
    S: Service<Request<B>, Response = Response>,
    Q: SessionRequirement,
{
    type Response = Response;
    type Error = S::Error;
    type Future = RequireFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let kind = match refuse(&request, &self.requirement) {
            Some(answer) => Kind::Refused { answer },
            None => Kind::Handler { future: self.inner.call(request) },
        };
        RequireFuture { kind }
    }
}

/// What a request gets instead of its handler.
fn refuse<B, Q: SessionRequirement>(request: &Request<B>, requirement: &Q) -> Option<Answer> {
    let Some(auth) = request.extensions().get::<RequestAuth>() else {
        return Some(at_once(AuthSessionRejection::MissingLayer.into_response()));
    };
    let live = match &auth.presence {
        Presence::Live(live) => live,
        Presence::Absent(absence) => {
            return Some(at_once(unauthorized::refuse(&auth.rp, request, *absence)));
        }
    };
    let session = AuthSession::new(live.clone(), Arc::clone(&auth.rp));
    let unmet = requirement.judge(&session).err()?;
    let (rp, headers) = (Arc::clone(&auth.rp), request.headers().clone());
    let asked = Asked::of(&rp.config, request);
    Some(Box::pin(async move { insufficient::refuse(&rp, &asked, &headers, unmet).await }))
}

fn at_once(response: Response) -> Answer {
    Box::pin(std::future::ready(response))
}

/// A refusal may have to ask for the provider's metadata. A request that is served needs none of it.
type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

pin_project! {
    /// The response of a [`RequireService`].
    pub struct RequireFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        Handler {
            #[pin]
            future: F,
        },
        Refused {
            answer: Answer,
        },
    }
}

impl<F, E> Future for RequireFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Handler { future } => future.poll(context),
            KindProjection::Refused { answer } => {
                Poll::Ready(Ok(ready!(answer.as_mut().poll(context))))
            }
        }
    }
}

impl<F> std::fmt::Debug for RequireFuture<F> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RequireFuture")
    }
}
