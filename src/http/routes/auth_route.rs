//! Marks the auth routes, so that a layer around them knows them by what they are.
//!
//! A path says too little: `Router::nest` shortens it, a proxy may take a prefix off, and an application may have the same one
//! elsewhere. What is inside an axum `Route` cannot be looked at, but to clone a `Route` is to clone what is in it. So each
//! auth route is wrapped in an [`AuthRoute`], whose `clone` notes, for this thread, whose route it is.
//!
//! | the layer is around | how it knows |
//! |---|---|
//! | a `Route`, as in `Router::layer` | it clones the route once, when the router is built, and looks whether that was noted |
//! | a `Router` | it goes around each route of it instead, as `Router::layer` does |
//! | another middleware that has an auth route in it | axum clones a route to call it, before the route runs. A request that goes elsewhere gets no answer but 500, and the log names the cure |
//! | anything else, such as a router in `nest_service` or in another middleware | it does not: all is guarded, auth routes too. The log names the cure when a request reaches one |

use std::any::{Any, TypeId};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use axum::Router;
use axum::routing::Route;
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::flow::relying_party::RelyingParty;
use crate::http::context::RequestAuth;
use crate::http::layer::AuthSessionLayer;

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
        let known = request.extensions().get::<RequestAuth>();
        if known.is_some_and(|known| Arc::ptr_eq(&known.rp, &self.rp)) {
            report_hidden(&self.rp, request.uri().path());
        }
        self.inner.call(request)
    }
}

/// Once: it is so for every request.
fn report_hidden(rp: &RelyingParty, path: &str) {
    if !rp.auth_route_is_hidden.swap(true, Ordering::Relaxed) {
        tracing::error!(code = "hidden_auth_routes", path, "{HIDDEN}");
    }
}

/// What a layer is put around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    /// Something that sees to itself: an auth route, or a router whose routes the layer is around.
    Exempt,
    /// Something in which there is an auth route, and there may be other routes.
    Perhaps,
    /// A route of the application, or something that hides its parts.
    Guarded,
}

impl Around {
    /// What `inner` is. A router gets the layer around each of its routes.
    pub(crate) fn of<S: Clone + 'static>(inner: &mut S, layer: &AuthSessionLayer) -> Self {
        if let Some(router) = (inner as &mut dyn Any).downcast_mut::<Router>() {
            *router = std::mem::take(router).layer(layer.clone());
            return Self::Exempt;
        }
        let (has_auth_route, _clone) = watch(&layer.rp, || inner.clone());
        match has_auth_route {
            true if TypeId::of::<S>() == TypeId::of::<Route>() => Self::Exempt,
            true => Self::Perhaps,
            false => Self::Guarded,
        }
    }
}

/// What `work` comes to, and whether it has cloned an auth route of this Relying Party.
pub(crate) fn watch<T>(rp: &Arc<RelyingParty>, work: impl FnOnce() -> T) -> (bool, T) {
    CLONED.set(0);
    let done = work();
    (CLONED.get() == address(rp), done)
}

fn address(rp: &Arc<RelyingParty>) -> usize {
    Arc::as_ptr(rp).addr()
}

thread_local! {
    /// The Relying Party whose auth route was cloned last; 0: none.
    static CLONED: Cell<usize> = const { Cell::new(0) };
}

const HIDDEN: &str = "an auth route is behind an AuthSessionLayer that cannot see it, and is guarded like any other route: a \
    session that has ended and a request from another site are answered before they reach it. Put the layer around the \
    router itself (`router.layer(auth.layer())`), use `nest` instead of `nest_service` for a router with the auth routes, or \
    merge `auth.routes()` into the router after `.layer(auth.layer())`.";
