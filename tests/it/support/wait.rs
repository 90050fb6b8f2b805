//! Waiting for what other tasks do, by the system's clock.

use std::pin::pin;
use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock};
use futures_util::future::{Either, select};

/// Asks again until it is so. Panics after 10 s.
pub(crate) async fn until(mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..1_000 {
        if done().await {
            return;
        }
        SystemClock.sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within 10 s");
}

/// What `work` comes to. Panics after 3 s.
pub(crate) async fn soon<T>(work: impl Future<Output = T>) -> T {
    match select(pin!(work), SystemClock.sleep(Duration::from_secs(3))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => panic!("it did not come to an end within 3 s"),
    }
}

/// Lets other tasks run until they have to wait for something.
pub(crate) async fn pause() {
    SystemClock.sleep(Duration::from_millis(60)).await;
}
