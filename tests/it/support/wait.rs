//! Waiting for what other tasks do, by the system's clock.

use std::time::Duration;

use axum_oidc_session::clock::{Clock as _, SystemClock};

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

/// Lets other tasks run until they have to wait for something.
pub(crate) async fn pause() {
    SystemClock.sleep(Duration::from_millis(60)).await;
}
