//! What runs for hours: a tick each second, until the session ends. Nothing here knows when that is.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::Message;
use axum::response::Response;
use axum::response::sse::{Event, Sse};
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::{AuthSession, SessionWebSocket, SessionWebSocketUpgrade};
use futures_util::stream::{self, Stream};

/// Server-sent events. The layer ends the response with the session.
pub(crate) async fn stream(_: AuthSession) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(stream::unfold(0_u64, async |count| {
        if count > 0 {
            SystemClock.sleep(TICK).await;
        }
        let event = Event::default().event("tick").data(count.to_string());
        Some((Ok(event), count + 1))
    }))
}

/// A WebSocket. The upgrade closes it with the session: code 1008, `session_expired` or `session_revoked`.
pub(crate) async fn socket(upgrade: SessionWebSocketUpgrade) -> Response {
    upgrade.on_upgrade(tick)
}

async fn tick(mut socket: SessionWebSocket) {
    for count in 0_u64.. {
        if socket.send(Message::text(format!("tick {count}"))).await.is_err() {
            return;
        }
        let next = SystemClock.sleep(TICK);
        tokio::select! {
            () = next => {}
            // The client has closed it, or the session has ended.
            () = closed(&mut socket) => return,
        }
    }
}

async fn closed(socket: &mut SessionWebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

const TICK: Duration = Duration::from_secs(1);
