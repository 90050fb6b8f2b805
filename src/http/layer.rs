//! The layer: put it around the routes whose requests may have a session.

use std::sync::Arc;

use tower_layer::Layer;

use super::service::AuthSessionService;
use crate::flow::relying_party::RelyingParty;

/// Loads the session of each request, enforces its deadline before any handler runs, and exposes it to the extractors.
///
/// Made by [`OidcAuth::layer`](crate::OidcAuth::layer).
///
/// # What it decides, in this order
///
/// 1. A request to one of the auth routes goes through untouched.
/// 2. An unsafe method or WebSocket handshake from another site is refused with 403.
/// 3. A request without a session cookie goes to the handler; `Option<AuthSession>` is `None`, `AuthSession` refuses.
/// 4. If the store cannot be asked, 503 with `Retry-After`: cookie and session stay as they are.
/// 5. A session that is over is ended, its cookie removed, and the request answered: 303 to the login for a
///    navigation, a 401 page for an unsafe navigation, 401 `session_expired` as JSON otherwise.
/// 6. A live session goes to the handler. Its response gets `Cache-Control: no-store` unless it says otherwise.
#[derive(Clone, Debug)]
pub struct AuthSessionLayer {
    pub(crate) rp: Arc<RelyingParty>,
    pub(crate) continue_anonymous: bool,
}

impl AuthSessionLayer {
    /// For public pages: a request whose session is over runs the handler with `Option<AuthSession>` = `None` instead of
    /// being answered (rule 5). The session is ended and its cookie removed all the same.
    #[must_use]
    pub fn continue_anonymous(mut self) -> Self {
        self.continue_anonymous = true;
        self
    }
}

impl<S> Layer<S> for AuthSessionLayer {
    type Service = AuthSessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthSessionService { inner, layer: self.clone() }
    }
}
