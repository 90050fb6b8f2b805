//! The service's future: the hot path is named, what waits is boxed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum_core::response::Response;
use pin_project_lite::pin_project;

use super::afterwards::{self, Afterwards};
use crate::flow::relying_party::RelyingParty;

pin_project! {
    /// The response of an [`AuthSessionService`](super::service::AuthSessionService).
    pub struct ResponseFuture<F, E> {
        #[pin]
        kind: Kind<F, E>,
    }
}

type Boxed<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;

pin_project! {
    #[project = KindProjection]
    enum Kind<F, E> {
        Handler {
            #[pin]
            future: F,
            afterwards: Option<(Arc<RelyingParty>, Afterwards)>,
        },
        Waiting {
            future: Boxed<E>,
        },
        Answered {
            response: Option<Response>,
        },
    }
}

impl<F, E> ResponseFuture<F, E> {
    /// The handler alone.
    pub(super) fn handler(future: F) -> Self {
        Self { kind: Kind::Handler { future, afterwards: None } }
    }

    /// The handler of a request with a session.
    pub(super) fn with_session(future: F, rp: Arc<RelyingParty>, afterwards: Afterwards) -> Self {
        Self { kind: Kind::Handler { future, afterwards: Some((rp, afterwards)) } }
    }

    /// Something that has to ask the store.
    pub(super) fn waiting(future: Boxed<E>) -> Self {
        Self { kind: Kind::Waiting { future } }
    }

    /// No handler.
    pub(super) fn answered(response: Response) -> Self {
        Self { kind: Kind::Answered { response: Some(response) } }
    }
}

impl<F, E> Future for ResponseFuture<F, E>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Handler { future, afterwards } => {
                let mut response = ready!(future.poll(context))?;
                if let Some((rp, afterwards)) = afterwards.take() {
                    afterwards::finish(&rp, &afterwards, &mut response);
                }
                Poll::Ready(Ok(response))
            }
            KindProjection::Waiting { future } => future.as_mut().poll(context),
            // Polled again after it was ready: nothing to give, as with any future.
            KindProjection::Answered { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => Poll::Pending,
            },
        }
    }
}

impl<F, E> std::fmt::Debug for ResponseFuture<F, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ResponseFuture")
    }
}
