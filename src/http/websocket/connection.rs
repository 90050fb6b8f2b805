//! A listener whose upgraded connections end with the session, whatever the handler does.
//!
//! 1. Each connection is known to its requests by [`SessionConnection`], axum's `ConnectInfo`.
//! 2. A response 101 to a request with a session binds the connection to that session.
//! 3. At the end of the session the connection fails: whoever reads or writes gets an error, and is woken for it.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use axum::extract::ConnectInfo;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use axum_core::response::Response;
use futures_util::future::select;
use futures_util::task::AtomicWaker;
use http::header::UPGRADE;
use http::{Extensions, HeaderMap, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::flow::ended;
use crate::flow::relying_party::RelyingParty;
use crate::session::entry::Entry;

/// Under `axum::serve`: cuts upgraded connections whose session has ended, for handlers that take axum's own
/// `WebSocketUpgrade` or hyper's `OnUpgrade`.
///
/// ```no_run
/// use axum::Router;
/// use axum_oidc_session::{SessionConnection, SessionListener};
///
/// # async fn serve(app: Router) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// let app = app.into_make_service_with_connect_info::<SessionConnection>();
/// axum::serve(SessionListener::new(listener), app).await
/// # }
/// ```
///
/// The client sees a connection that breaks off. With [`SessionWebSocketUpgrade`](super::SessionWebSocketUpgrade) it sees a
/// Close frame with the reason; sockets of that kind are left to it.
///
/// # What it cannot cover
///
/// WebSockets over HTTP/2 (RFC 8441) share their connection with other requests, and are not cut. Without
/// `into_make_service_with_connect_info` nothing is cut.
#[derive(Clone, Debug)]
pub struct SessionListener<L> {
    listener: L,
}

impl<L> SessionListener<L> {
    /// Listens where `listener` does.
    pub fn new(listener: L) -> Self {
        Self { listener }
    }
}

impl<L: Listener> Listener for SessionListener<L> {
    type Io = SessionIo<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (io, address) = self.listener.accept().await;
        (SessionIo { io, line: Arc::default() }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Whether a connection still goes on.
#[derive(Default)]
struct Line {
    is_cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
    closed: Notify,
}

/// A connection of a [`SessionListener`].
pub struct SessionIo<Io> {
    io: Io,
    line: Arc<Line>,
}

impl<Io> fmt::Debug for SessionIo<Io> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SessionIo").finish_non_exhaustive()
    }
}

impl<Io> Drop for SessionIo<Io> {
    fn drop(&mut self) {
        self.line.closed.notify_one();
    }
}

impl<Io> SessionIo<Io> {
    /// Where this one is cut, `Err`.
    fn check(&self, waker: &AtomicWaker, context: &Context<'_>) -> io::Result<()> {
        waker.register(context.waker());
        if self.line.is_cut.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the session has ended"));
        }
        Ok(())
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for SessionIo<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(&self.line.reader, context)?;
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for SessionIo<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(&self.line.writer, context)?;
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(&self.line.writer, context)?;
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(&self.line.writer, context)?;
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

/// Tells requests of their connection: see [`SessionListener`].
#[derive(Clone)]
pub struct SessionConnection {
    line: Weak<Line>,
    address: Option<std::net::SocketAddr>,
}

impl SessionConnection {
    /// The address of the client, where the listener is a `TcpListener`: for applications that would have taken
    /// `ConnectInfo<SocketAddr>`.
    pub fn remote_addr(&self) -> Option<std::net::SocketAddr> {
        self.address
    }
}

impl fmt::Debug for SessionConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SessionConnection").finish_non_exhaustive()
    }
}

impl<L> Connected<IncomingStream<'_, SessionListener<L>>> for SessionConnection
where
    L: Listener,
    L::Addr: 'static,
{
    fn connect_info(stream: IncomingStream<'_, SessionListener<L>>) -> Self {
        let address: &dyn std::any::Any = stream.remote_addr();
        let address = address.downcast_ref().copied();
        Self { line: Arc::downgrade(&stream.io().line), address }
    }
}

/// In the extensions of a response 101 whose socket is closed otherwise.
#[derive(Clone, Copy)]
pub(super) struct Guarded;

/// The connection of a request that asks for an upgrade.
#[derive(Clone)]
pub(in crate::http) struct Upgraded(Weak<Line>);

pub(in crate::http) fn upgraded(headers: &HeaderMap, extensions: &Extensions) -> Option<Upgraded> {
    headers.get(UPGRADE)?;
    let connection = extensions.get::<ConnectInfo<SessionConnection>>()?;
    Some(Upgraded(Weak::clone(&connection.0.line)))
}

impl Upgraded {
    /// Rule 2.
    pub(in crate::http) fn bind(
        &self,
        rp: &Arc<RelyingParty>,
        entry: &Arc<Entry>,
        response: &Response,
    ) {
        let is_upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if !is_upgraded || response.extensions().get::<Guarded>().is_some() {
            return;
        }
        let Some(line) = self.0.upgrade() else { return };
        let (task, entry) = (Arc::clone(rp), Arc::clone(entry));
        rp.config.spawn.spawn_service(Box::pin(async move {
            let ended = pin!(ended::ended(task, entry));
            select(ended, pin!(line.closed.notified())).await;
            // Of a connection that is closed nobody sees it.
            line.is_cut.store(true, Ordering::Release);
            line.reader.wake();
            line.writer.wake();
        }));
    }
}
