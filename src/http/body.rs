//! Response bodies that end with the session (ceiling rule 13).
//!
//! | body | at the end of the session |
//! |---|---|
//! | complete in memory: empty, or all of it is there when it is asked for once | as it is |
//! | of a known length (a download) | an error: the connection is cut, so that the client sees that something is missing |
//! | of unknown length (server-sent events, other streams) | a clean end |
//!
//! A body says nothing of where its bytes are. One that says that it is short is asked for its first frame at once, without
//! waiting: if that frame is all of it, it is sent as it is. Otherwise the frame is kept, and goes first.
//!
//! The response of the request that ended the session itself is not touched.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::Bytes;
use axum_core::Error;
use axum_core::body::Body;
use axum_core::response::Response;
use http::header::CONTENT_LENGTH;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::flow::ended;
use crate::flow::relying_party::RelyingParty;
use crate::policy::EndReason;
use crate::session::ended::Standing;
use crate::session::entry::Entry;

/// Lets the body of `response` end with the session.
pub(super) fn bind(rp: &Arc<RelyingParty>, entry: &Arc<Entry>, response: &mut Response) {
    let body = response.body_mut();
    let exact = body.size_hint().exact();
    let is_asked = exact.is_some_and(|length| (1..=SHORT).contains(&length));
    if !is_asked && body.is_end_stream() {
        return;
    }
    let first = match exact {
        // Asked where it is: most bodies are complete, and each request pays for this.
        Some(length) if is_asked => match ask_once(body) {
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) if data.len() as u64 == length && body.is_end_stream() => {
                    *body = Body::from(data);
                    return;
                }
                Ok(data) => Some(Ok(Frame::data(data))),
                Err(trailers) => Some(Ok(trailers)),
            },
            Poll::Ready(Some(Err(error))) => Some(Err(error)),
            Poll::Ready(None) => {
                *body = Body::new(Over { missing: length });
                return;
            }
            Poll::Pending => None,
        },
        _ => None,
    };
    wrap((rp, entry), response, exact.is_some(), first);
}

/// Of a body that is not complete: what is left, after what it gave already.
#[cold]
fn wrap(
    (rp, entry): (&Arc<RelyingParty>, &Arc<Entry>),
    response: &mut Response,
    is_exact: bool,
    first: Option<Result<Frame<Bytes>, Error>>,
) {
    let has_length = is_exact || response.headers().contains_key(CONTENT_LENGTH);
    let body = std::mem::take(response.body_mut());
    *response.body_mut() = Body::new(SessionBody {
        body: Some(body),
        first,
        has_length,
        ended: Box::pin(ended::ended(Arc::clone(rp), Arc::clone(entry))),
        entry: Arc::clone(entry),
        rp: Arc::clone(rp),
    });
}

/// A body that is at its end, before all of it has come or not: it is not asked again, because some panic then.
struct Over {
    missing: u64,
}

impl HttpBody for Over {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Error>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.missing == 0
    }

    /// Whoever sends it sees that something is missing.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.missing)
    }
}

/// Whoever sends the body asks again, with a waker of their own.
fn ask_once(body: &mut Body) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
    Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
}

struct SessionBody {
    /// `None`: it is over.
    body: Option<Body>,
    /// What it gave when it was asked whether it is complete.
    first: Option<Result<Frame<Bytes>, Error>>,
    has_length: bool,
    ended: Pin<Box<dyn Future<Output = EndReason> + Send>>,
    entry: Arc<Entry>,
    rp: Arc<RelyingParty>,
}

/// What cut a download.
#[derive(Debug, thiserror::Error)]
#[error("the session has ended")]
struct SessionEnded;

impl SessionBody {
    fn cut(&mut self) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        // What feeds it is dropped at once.
        self.body = None;
        self.first = None;
        tracing::debug!(code = "response_ended", "a response ended with its session");
        Poll::Ready(self.has_length.then(|| Err(Error::new(SessionEnded))))
    }
}

impl HttpBody for SessionBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if this.ended.as_mut().poll(context).is_ready() {
            return this.cut();
        }
        // Nothing is sent at or after the deadline, however late the timer is.
        match ended::standing(&this.rp, &mut this.entry) {
            Standing::Live => match this.first.take() {
                Some(first) => Poll::Ready(Some(first)),
                None => Pin::new(body).poll_frame(context),
            },
            // The future above asks the store, and wakes this task with the answer.
            Standing::InDoubt => Poll::Pending,
            Standing::Over => this.cut(),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) if self.has_length => with_first(body.size_hint(), &self.first),
            _ => SizeHint::default(),
        }
    }
}

/// What is left counts the frame that was taken from it.
fn with_first(left: SizeHint, first: &Option<Result<Frame<Bytes>, Error>>) -> SizeHint {
    let Some(Ok(frame)) = first else { return left };
    let taken = frame.data_ref().map_or(0, |data| data.len() as u64);
    match left.exact() {
        Some(exact) => SizeHint::with_exact(exact.saturating_add(taken)),
        None => SizeHint::default(),
    }
}

/// Bytes. What is no longer than this is in the connection's buffers as soon as it is there.
const SHORT: u64 = 64 * 1024;
