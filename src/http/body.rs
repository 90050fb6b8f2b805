//! Response bodies that end with the session (ceiling rule 13).
//!
//! | body | at the end of the session |
//! |---|---|
//! | finished: empty, or of a known length of at most 64 KiB | as it is; it is not wrapped and costs nothing |
//! | of a known length (a download) | an error: the connection is cut, so that the client sees that something is missing |
//! | of unknown length (server-sent events, other streams) | a clean end |
//!
//! The response of the request that ended the session itself is not touched.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

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
    let exact = response.body().size_hint().exact();
    if response.body().is_end_stream() || exact.is_some_and(|length| length <= FINISHED) {
        return;
    }
    let has_length = exact.is_some() || response.headers().contains_key(CONTENT_LENGTH);
    let body = std::mem::take(response.body_mut());
    *response.body_mut() = Body::new(SessionBody {
        body: Some(body),
        has_length,
        ended: Box::pin(ended::ended(Arc::clone(rp), Arc::clone(entry))),
        entry: Arc::clone(entry),
        rp: Arc::clone(rp),
    });
}

struct SessionBody {
    /// `None`: it is over.
    body: Option<Body>,
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
    fn cut(&mut self) -> Poll<Option<Result<Frame<<Body as HttpBody>::Data>, Error>>> {
        // What feeds it is dropped at once.
        self.body = None;
        tracing::debug!(code = "response_ended", "a response ended with its session");
        Poll::Ready(self.has_length.then(|| Err(Error::new(SessionEnded))))
    }
}

impl HttpBody for SessionBody {
    type Data = <Body as HttpBody>::Data;
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
            Standing::Live => Pin::new(body).poll_frame(context),
            // The future above asks the store, and wakes this task with the answer.
            Standing::InDoubt => Poll::Pending,
            Standing::Over => this.cut(),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) if self.has_length => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}

/// Bytes. What is no longer than this is in the connection's buffers as soon as it is there.
const FINISHED: u64 = 64 * 1024;
