//! Marks the auth routes, so that a layer around them knows them by what they are.
//!
//! A path says too little: `Router::nest` shortens it, a proxy may take a prefix off, and an application may have the same one
//! elsewhere. What is inside an axum `Route` cannot be looked at, but to clone a `Route` is to clone what is in it:
//!
//! 1. Each auth route is wrapped in an [`AuthRoute`], whose `clone` notes, for this thread, whose route it is.
//! 2. A layer clones what it is put around, once, when the router is built, and looks whether that was noted ([`is_around`]).
//! 3. A layer around something that hides its parts, such as a whole router, goes by the URL at which browsers reach the auth
//!    routes: the whole path, as it came to the outermost router, below the prefix of the base URL. It does so only while no
//!    route has been found: behind a route that was found and is none of ours there are none.
//! 4. Whether a proxy takes that prefix off is learned from the requests that reach an auth route.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, OriginalUri};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::flow::relying_party::RelyingParty;

/// Marks a route as one of this Relying Party's.
#[derive(Clone)]
pub(super) struct MarkAuthRoute(pub(super) Arc<RelyingParty>);

impl<S> Layer<S> for MarkAuthRoute {
    type Service = AuthRoute<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthRoute { inner, rp: Arc::clone(&self.0) }
    }
}

/// One of the auth routes.
pub(super) struct AuthRoute<S> {
    inner: S,
    rp: Arc<RelyingParty>,
}

impl<S: Clone> Clone for AuthRoute<S> {
    fn clone(&self) -> Self {
        CLONED.set(address(&self.rp));
        Self { inner: self.inner.clone(), rp: Arc::clone(&self.rp) }
    }
}

impl<S, B> Service<Request<B>> for AuthRoute<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let config = &self.rp.config;
        if !config.base.path().is_empty() {
            let has_no_prefix = config.paths.all().contains(&whole_path(&request));
            self.rp.is_prefix_taken_off.store(has_no_prefix, Ordering::Relaxed);
        }
        self.inner.call(request)
    }
}

/// Whether `service` is an auth route of `rp`, in whatever other layers.
pub(crate) fn is_around<S: Clone>(service: &S, rp: &Arc<RelyingParty>) -> bool {
    CLONED.set(0);
    drop(service.clone());
    CLONED.get() == address(rp)
}

/// Whether the request is on its way to an auth route that a router is still to find (rule 3).
pub(crate) fn is_ahead<B>(rp: &RelyingParty, request: &Request<B>) -> bool {
    let (paths, prefix) = (&rp.config.paths, rp.config.base.path());
    if !paths.contains(request.uri().path(), prefix)
        || request.extensions().get::<MatchedPath>().is_some()
    {
        return false;
    }
    let path = whole_path(request);
    let path = match rp.is_prefix_taken_off.load(Ordering::Relaxed) {
        true => Some(path),
        false => path.strip_prefix(prefix),
    };
    path.is_some_and(|path| paths.all().contains(&path))
}

/// The path as it came to the outermost router.
fn whole_path<B>(request: &Request<B>) -> &str {
    let original = request.extensions().get::<OriginalUri>();
    original.map_or(request.uri(), |original| &original.0).path()
}

fn address(rp: &Arc<RelyingParty>) -> usize {
    Arc::as_ptr(rp).addr()
}

thread_local! {
    /// The Relying Party whose auth route was cloned last; 0: none.
    static CLONED: Cell<usize> = const { Cell::new(0) };
}
