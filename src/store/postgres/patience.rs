//! How long to wait.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::clock::{Clock as _, SystemClock};

/// What `work` comes to, or `None` if that takes longer than `limit`; it is dropped then. No timer is made for what is done at
/// once.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let at_once = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
    if let Poll::Ready(outcome) = at_once {
        return Some(outcome);
    }
    match select(work, SystemClock.sleep(limit)).await {
        Either::Left((outcome, _)) => Some(outcome),
        Either::Right(((), _)) => None,
    }
}
