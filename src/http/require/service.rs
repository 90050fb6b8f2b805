//! The route layer that a requirement is.
//!
//! A middleware outside of it may have waited past the end of the session, so it is checked again (ceiling rule 7).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_core::response::{IntoResponse as _, Response};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::authentication::RequireAuthentication;
use super::claims::RequireClaims;
use super::login::RequireLogin;
use super::requirement::SessionRequirement;
use crate::http::context::RequestAuth;
use crate::http::extract::{AuthSession, AuthSessionRejection, Missing};
use crate::http::future::ResponseFuture;
use crate::http::response::answer::Asked;
use crate::http::response::insufficient;

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

impl<S> Layer<S> for RequireLogin {
    type Service = RequireService<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService { inner, requirement: self.clone() }
    }
}

/// The service of [`RequireLogin`], [`RequireAuthentication`] and [`RequireClaims`] as layers.
#[derive(Clone, Debug)]
pub struct RequireService<S, Q> {
    inner: S,
    requirement: Q,
}

impl<S, Q, B> Service<Request<B>> for RequireService<S, Q>
where
    S: Service<Request<B>, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Send + 'static,
    Q: SessionRequirement,
{
    type Response = Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(auth) = request.extensions().get::<RequestAuth>() else {
            return ResponseFuture::answered(AuthSessionRejection::MissingLayer.into_response());
        };
        match AuthSession::find_now(auth) {
            Some(found) => match judge(&request, auth, found, &self.requirement) {
                None => ResponseFuture::handler(self.inner.call(request)),
                Some(answer) => ResponseFuture::waiting(Box::pin(async { Ok(answer.await) })),
            },
            // The store must be asked.
            None => {
                let (auth, requirement) = (auth.clone(), self.requirement.clone());
                let clone = self.inner.clone();
                let mut inner = std::mem::replace(&mut self.inner, clone);
                ResponseFuture::waiting(Box::pin(async move {
                    let found = AuthSession::find(&auth).await;
                    match judge(&request, &auth, found, &requirement) {
                        None => inner.call(request).await,
                        Some(answer) => Ok(answer.await),
                    }
                }))
            }
        }
    }
}

/// What a request gets instead of its handler.
fn judge<B, Q: SessionRequirement>(
    request: &Request<B>,
    auth: &RequestAuth,
    found: Result<AuthSession, Missing>,
    requirement: &Q,
) -> Option<Answer> {
    let session = match found {
        Ok(session) => session,
        Err(missing) => {
            let asked = Asked::of(&auth.rp.config, request);
            let response = missing.refuse(&auth.rp.config, &asked);
            return Some(Box::pin(std::future::ready(response)));
        }
    };
    let unmet = requirement.judge(&session).err()?;
    let (rp, headers) = (Arc::clone(&auth.rp), request.headers().clone());
    let asked = Asked::of(&rp.config, request);
    let entry = Arc::clone(session.entry());
    Some(Box::pin(async move { insufficient::refuse(&rp, &asked, &headers, unmet, &entry).await }))
}

/// A refusal may have to ask for the provider's metadata. A request that is served needs none of it.
type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;
