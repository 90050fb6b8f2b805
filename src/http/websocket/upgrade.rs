//! The handshake.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use super::connection::Guarded;
use super::socket::{SessionWebSocket, supervise};
use crate::http::extract::{AuthSession, AuthSessionRejection};

/// axum's `WebSocketUpgrade` for a signed-in user, whose socket ends with the session.
///
/// At the deadline, or when the session is revoked, the client gets a Close frame with code 1008 (policy violation, RFC 6455
/// section 7.4.1) and the reason `session_expired` or `session_revoked`. The handler reads the end of the stream and
/// fails to send from then on; it is not cut off, so that it can tidy up.
///
/// ```
/// use axum::response::Response;
/// use axum_oidc_session::SessionWebSocketUpgrade;
///
/// async fn echo(upgrade: SessionWebSocketUpgrade) -> Response {
///     let name = upgrade.session().claims().sub().to_owned();
///     upgrade.on_upgrade(async move |mut socket| {
///         while let Some(Ok(message)) = socket.recv().await {
///             println!("{name} says something");
///             if socket.send(message).await.is_err() {
///                 break;
///             }
///         }
///     })
/// }
/// ```
///
/// Messages are no use of the session: what its user does elsewhere keeps it alive, a socket alone does not. See
/// [`AuthSession::ended`] for how soon an end on another node is known.
///
/// # Security
///
/// A handshake that `Origin` or `Sec-Fetch-Site` ascribes to another site was refused by the layer before
/// (cross-site WebSocket hijacking), unless that was turned off.
#[derive(Debug)]
pub struct SessionWebSocketUpgrade {
    session: AuthSession,
    upgrade: WebSocketUpgrade,
}

impl SessionWebSocketUpgrade {
    /// The session that the handshake came with.
    pub fn session(&self) -> &AuthSession {
        &self.session
    }

    /// Changes the settings of the socket: protocols, sizes.
    ///
    /// ```
    /// # use axum_oidc_session::SessionWebSocketUpgrade;
    /// # fn chat(upgrade: SessionWebSocketUpgrade) -> SessionWebSocketUpgrade {
    /// upgrade.configure(|upgrade| upgrade.protocols(["chat.v2"]).max_message_size(64 * 1024))
    /// # }
    /// ```
    #[must_use]
    pub fn configure(
        mut self,
        configure: impl FnOnce(WebSocketUpgrade) -> WebSocketUpgrade,
    ) -> Self {
        self.upgrade = configure(self.upgrade);
        self
    }

    /// Completes the handshake, and calls `callback` with the socket.
    #[must_use = "to set up the WebSocket connection, this response must be returned"]
    pub fn on_upgrade<C, F>(self, callback: C) -> Response
    where
        C: FnOnce(SessionWebSocket) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let (live, rp) = self.session.into_parts();
        let mut response =
            self.upgrade.on_upgrade(move |socket| supervise(rp, live, socket, callback));
        response.extensions_mut().insert(Guarded);
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionWebSocketUpgrade {
    type Rejection = WebSocketRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session = <AuthSession as FromRequestParts<S>>::from_request_parts(parts, state).await;
        let session = session.map_err(WebSocketRejection::Session)?;
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        Ok(Self { session, upgrade: upgrade.map_err(WebSocketRejection::Upgrade)? })
    }
}

/// Why there is no handshake.
#[derive(Debug)]
#[non_exhaustive]
pub enum WebSocketRejection {
    /// There is no live session.
    Session(AuthSessionRejection),
    /// The request is no WebSocket handshake.
    Upgrade(WebSocketUpgradeRejection),
}

impl IntoResponse for WebSocketRejection {
    fn into_response(self) -> Response {
        match self {
            Self::Session(rejection) => rejection.into_response(),
            Self::Upgrade(rejection) => rejection.into_response(),
        }
    }
}
