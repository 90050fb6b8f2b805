//! Marks the auth routes, so that a layer around them knows them by what they are.
//!
//! A path says too little: `Router::nest` shortens it, a proxy may take a prefix off, and an application may have the same one
//! elsewhere. What is inside an axum `Route` cannot be looked at, but to clone a `Route` is to clone what is in it:
//!
//! 1. Each auth route is wrapped in an [`AuthRoute`], whose `clone` notes, for this thread, whose route it is.
//! 2. A layer clones what it is put around, once, when the router is built, and looks whether that was noted ([`is_around`]).
//! 3. A layer around another route leaves nothing out.
//! 4. A layer around something that hides its parts, such as a whole router, goes by the URL at which browsers reach the auth
//!    routes: the whole path, as it came to the outermost router, below the prefix of the base URL.
//! 5. Requests that reach an auth route show more: whether a proxy takes that prefix off, and whether a route hides the auth
//!    routes (a router in `nest_service`), so that rule 4 holds for routes, too.

use std::any::type_name;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::extract::OriginalUri;
use axum::routing::Route;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::flow::relying_party::RelyingParty;
use crate::http::context::RequestAuth;

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
        let (config, seen) = (&self.rp.config, &self.rp.auth_routes_seen);
        if !config.base.path().is_empty() {
            let has_no_prefix = config.paths.all().contains(&whole_path(&request));
            seen.without_prefix.store(has_no_prefix, Ordering::Relaxed);
        }
        let known = request.extensions().get::<RequestAuth>();
        if known.is_some_and(|known| Arc::ptr_eq(&known.rp, &self.rp)) {
            seen.hidden.store(true, Ordering::Relaxed);
        }
        self.inner.call(request)
    }
}

/// What a layer is put around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    AuthRoute,
    /// A route of the application.
    Route,
    /// Something that hides its parts.
    Hidden,
}

impl Around {
    pub(crate) fn of<S: Clone>(service: &S, rp: &Arc<RelyingParty>) -> Self {
        CLONED.set(0);
        drop(service.clone());
        if CLONED.get() == address(rp) {
            Self::AuthRoute
        } else if type_name::<S>().contains(type_name::<Route>()) {
            Self::Route
        } else {
            Self::Hidden
        }
    }

    /// Whether the request is for an auth route.
    pub(crate) fn leads_to_auth_route<B>(self, rp: &RelyingParty, request: &Request<B>) -> bool {
        match self {
            Self::AuthRoute => true,
            Self::Route if !rp.auth_routes_seen.hidden.load(Ordering::Relaxed) => false,
            Self::Route | Self::Hidden => is_ahead(rp, request),
        }
    }
}

/// Rule 4.
fn is_ahead<B>(rp: &RelyingParty, request: &Request<B>) -> bool {
    let (paths, prefix) = (&rp.config.paths, rp.config.base.path());
    // A look without the extensions, for almost all requests.
    if !paths.contains(request.uri().path(), prefix) {
        return false;
    }
    let path = whole_path(request);
    let path = match rp.auth_routes_seen.without_prefix.load(Ordering::Relaxed) {
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
