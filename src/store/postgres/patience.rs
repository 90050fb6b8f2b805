//! How long to wait.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::clock::{Clock as _, SystemClock};

/// What `work` comes to, or `None` if that takes longer than `limit`; it is dropped then.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), SystemClock.sleep(limit)).await {
        Either::Left((outcome, _)) => Some(outcome),
        Either::Right(((), _)) => None,
    }
}
