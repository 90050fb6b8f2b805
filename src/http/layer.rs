//! The layer: put it around the routes whose requests may have a session.

use std::sync::Arc;

use tower_layer::Layer;

use super::routes::auth_route::Around;
use super::service::AuthSessionService;
use crate::flow::relying_party::RelyingParty;

/// Loads the session of each request, enforces its deadline before any handler runs, and exposes it to the extractors.
///
/// Made by [`OidcAuth::layer`](crate::OidcAuth::layer).
///
/// # What it decides, in this order
///
/// 1. A request to one of the auth routes goes through untouched. They are known by what they are, in whatever order layer and
///    routes are put together and however routers are nested; a route of the application that only has such a path is guarded
///    like any other. [Two ways of putting them together](#auth-routes-that-the-layer-cannot-see) hide them.
/// 2. An unsafe method or WebSocket handshake from another site is refused with 403.
/// 3. A request without a session cookie goes to the handler; `Option<AuthSession>` is `None`, `AuthSession` refuses.
/// 4. If the store cannot be asked, 503 with `Retry-After`: cookie and session stay as they are.
/// 5. A session that is over is ended, its cookie removed, and the request answered: 303 to the login for a
///    navigation, a 401 page for an unsafe navigation, 401 `session_expired` as JSON otherwise.
/// 6. A live session goes to the handler. Its response gets `Cache-Control: no-store` unless it says otherwise.
///
/// # Auth routes that the layer cannot see
///
/// `router.layer(auth.layer())` and `auth.layer().layer(router)` see each route. Two ways hide some of them; there the layer
/// guards too much rather than too little, and the log says so at the level `error`:
///
/// | the layer is around | what happens | code |
/// |---|---|---|
/// | auth routes in a router that was added by `nest_service`, or that is inside another middleware or service (`auth.layer().layer(trace.layer(router))`) | they are guarded like the other routes. They work, except that the layer answers a session that has ended (rule 5) and another site (rule 2) in their place. Logged once, when a request first reaches one | `hidden_auth_routes` |
/// | a service that holds several routes and chooses between them, an auth route among them | the auth routes work; a request for another of its routes is answered with 500, before that route runs. Logged each time | `auth_route_among_others` |
///
/// The cure is to put the layer around the router itself, to use `nest` instead of `nest_service`, or to merge
/// [`OidcAuth::routes`](crate::OidcAuth::routes) into the router after `.layer(auth.layer())`.
///
/// # Long responses
///
/// What was opened with a session ends with it, at its deadline or when it is revoked, on whichever node:
///
/// | response | at the end of the session |
/// |---|---|
/// | server-sent events, other streams of unknown length | end cleanly |
/// | a download of a known length | is cut: the client sees that something is missing |
/// | at most 64 KiB that are complete when the handler returns | is on its way already |
/// | a WebSocket of `SessionWebSocketUpgrade` (feature `ws`) | is closed with code 1008 |
/// | another WebSocket, under `SessionListener` (feature `ws`) | its connection fails |
/// | a handler that still runs | runs on, unless [`cancel_at_deadline`](Self::cancel_at_deadline) says otherwise |
///
/// How soon an end is known here is said at [`AuthSession::ended`](crate::AuthSession::ended).
#[derive(Clone, Debug)]
pub struct AuthSessionLayer {
    pub(crate) rp: Arc<RelyingParty>,
    pub(crate) continue_anonymous: bool,
    pub(crate) cancel_at_deadline: bool,
}

impl AuthSessionLayer {
    /// For public pages: a request whose session is over runs the handler with `Option<AuthSession>` = `None` instead of
    /// being answered (rule 5). The session is ended and its cookie removed all the same.
    ///
    /// Forms are no exception: a handler that must not take one from a user whose session is over extracts `AuthSession`, which
    /// refuses with 401 `session_expired`. With `Option<AuthSession>` it says that it serves anybody, here and, once the
    /// browser has dropped the cookie by itself, under any layer.
    #[must_use]
    pub fn continue_anonymous(mut self) -> Self {
        self.continue_anonymous = true;
        self
    }
}

impl AuthSessionLayer {
    /// Cuts off handlers whose session ends while they run, at its deadline or when it is revoked: they are dropped where they
    /// wait, and the request is answered as one that comes after the end (rule 5).
    ///
    /// Without this a handler runs to its end, since half of an upload or of a payment is worse than all of it; what it
    /// asks for after the end is refused ([`access_token`](crate::AuthSession::access_token),
    /// [`check`](crate::AuthSession::check)). Use it where handlers wait for long and may stop anywhere: what must
    /// not stop half-way belongs into a task of its own. A handler that ended the session itself is not cut off.
    #[must_use]
    pub fn cancel_at_deadline(mut self) -> Self {
        self.cancel_at_deadline = true;
        self
    }
}

impl<S: Clone + 'static> Layer<S> for AuthSessionLayer {
    type Service = AuthSessionService<S>;

    fn layer(&self, mut inner: S) -> Self::Service {
        let around = Around::of(&mut inner, self);
        AuthSessionService { inner, layer: self.clone(), around }
    }
}
