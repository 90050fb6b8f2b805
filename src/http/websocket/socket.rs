//! The socket, shared by the handler and by what closes it at the end of the session.
//!
//! 1. The handler has the socket until the session ends; then it is taken away, and whoever waits for it is woken.
//! 2. It is closed with 1008, and the client's answer is waited for, but not for long.
//! 3. Nothing is received or sent at or after the deadline, however late the timer is: whoever notices first has it closed.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Error;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::future::{Either, join, select};
use futures_util::stream::FusedStream;
use futures_util::task::AtomicWaker;
use futures_util::{Sink, SinkExt, Stream, StreamExt as _};
use http::HeaderValue;
use tokio::sync::Notify;

use crate::flow::ended;
use crate::flow::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::entry::Entry;
use crate::session::live_session::LiveSession;

/// axum's `WebSocket`, until the session ends: then the stream is over and sending fails.
///
/// Made by [`SessionWebSocketUpgrade::on_upgrade`](super::SessionWebSocketUpgrade::on_upgrade).
pub struct SessionWebSocket {
    shared: Arc<Shared>,
    protocol: Option<HeaderValue>,
    entry: Arc<Entry>,
    rp: Arc<RelyingParty>,
}

#[derive(Default)]
struct Shared {
    /// `None`: the session has ended, or the handler has given the socket up.
    socket: Mutex<Option<WebSocket>>,
    reader: AtomicWaker,
    writer: AtomicWaker,
    /// Why nothing is received or sent any more, though the timer has not told yet.
    over: OnceLock<EndReason>,
    /// The handler has given the socket up, or what it did on it came too late.
    noticed: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<WebSocket>> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rule 1.
    fn take(&self) -> Option<WebSocket> {
        let socket = self.lock().take();
        self.reader.wake();
        self.writer.wake();
        socket
    }
}

/// Sending to a socket whose session has ended.
#[derive(Debug, thiserror::Error)]
#[error("the session has ended")]
struct SessionEnded;

impl SessionWebSocket {
    /// The next message; `None` once the connection is closed or the session has ended.
    pub async fn recv(&mut self) -> Option<Result<Message, Error>> {
        self.next().await
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// The connection is closed, or the session has ended.
    pub async fn send(&mut self, message: Message) -> Result<(), Error> {
        SinkExt::send(self, message).await
    }

    /// The selected subprotocol.
    pub fn protocol(&self) -> Option<&HeaderValue> {
        self.protocol.as_ref()
    }

    /// Of a session that seems to be idle the store is being asked; until it answers, the socket goes on.
    fn goes_on(&mut self) -> bool {
        let Some(reason) = ended::over(&self.rp, &mut self.entry) else {
            return self.shared.over.get().is_none();
        };
        // Also at an end that no timer tells of yet, the socket is closed in the right way.
        if self.shared.over.set(reason).is_ok() {
            self.shared.noticed.notify_one();
        }
        false
    }

    /// Does `work` on the socket, if the session goes on.
    fn on_socket<T>(&mut self, work: impl FnOnce(Pin<&mut WebSocket>) -> T) -> Option<T> {
        if !self.goes_on() {
            return None;
        }
        self.shared.lock().as_mut().map(|socket| work(Pin::new(socket)))
    }
}

impl Stream for SessionWebSocket {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.shared.reader.register(context.waker());
        let Some(polled) = self.on_socket(|socket: Pin<&mut WebSocket>| socket.poll_next(context))
        else {
            return Poll::Ready(None);
        };
        let message = ready!(polled);
        // It may have waited until now.
        Poll::Ready(message.filter(|_| self.goes_on()))
    }
}

impl FusedStream for SessionWebSocket {
    fn is_terminated(&self) -> bool {
        self.shared.lock().as_ref().is_none_or(FusedStream::is_terminated)
    }
}

impl Sink<Message> for SessionWebSocket {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.writer.register(context.waker());
        self.on_socket(|socket: Pin<&mut WebSocket>| socket.poll_ready(context))
            .unwrap_or_else(|| Poll::Ready(over()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.on_socket(|socket: Pin<&mut WebSocket>| socket.start_send(message))
            .unwrap_or_else(over)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.writer.register(context.waker());
        self.on_socket(|socket: Pin<&mut WebSocket>| socket.poll_flush(context))
            .unwrap_or_else(|| Poll::Ready(over()))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.writer.register(context.waker());
        self.on_socket(|socket: Pin<&mut WebSocket>| socket.poll_close(context))
            .unwrap_or(Poll::Ready(Ok(())))
    }
}

fn over() -> Result<(), Error> {
    Err(Error::new(SessionEnded))
}

impl fmt::Debug for SessionWebSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SessionWebSocket").finish_non_exhaustive()
    }
}

/// The handler gives the socket up, wherever it has taken it: the connection ends. At the end of the session that is told.
impl Drop for SessionWebSocket {
    fn drop(&mut self) {
        if self.goes_on() {
            drop(self.shared.take());
        }
        self.shared.noticed.notify_one();
    }
}

/// Runs the handler, and closes the socket when the session ends.
pub(super) async fn supervise<C, F>(
    rp: Arc<RelyingParty>,
    live: LiveSession,
    socket: WebSocket,
    callback: C,
) where
    C: FnOnce(SessionWebSocket) -> F,
    F: Future<Output = ()>,
{
    let (protocol, entry) = (socket.protocol().cloned(), Arc::clone(live.entry()));
    let shared = Arc::new(Shared { socket: Mutex::new(Some(socket)), ..Shared::default() });
    let ended = ended::ended(Arc::clone(&rp), Arc::clone(&entry));
    let theirs =
        SessionWebSocket { shared: Arc::clone(&shared), protocol, entry, rp: Arc::clone(&rp) };
    let closing = async {
        let noticed = pin!(shared.noticed.notified());
        let reason = match select(pin!(ended), noticed).await {
            Either::Left((reason, _)) => Some(reason),
            Either::Right(_) => shared.over.get().copied(),
        };
        if let (Some(reason), Some(socket)) = (reason, shared.take()) {
            let patience = rp.config.clock.sleep(CLOSES_WITHIN);
            select(pin!(close(socket, reason)), patience).await;
        }
    };
    // The end counts first.
    join(closing, callback(theirs)).await;
}

/// Rule 2.
async fn close(mut socket: WebSocket, reason: EndReason) {
    let reason = if reason.is_limit() { "session_expired" } else { "session_revoked" };
    tracing::debug!(code = "socket_closed", reason, "a WebSocket was closed with its session");
    let frame = CloseFrame { code: close_code::POLICY, reason: reason.into() };
    if socket.send(Message::Close(Some(frame))).await.is_err() {
        return;
    }
    // Data that nobody reads would reset the connection, and the frame with it.
    while let Some(Ok(_)) = socket.next().await {}
}

const CLOSES_WITHIN: Duration = Duration::from_secs(5);
