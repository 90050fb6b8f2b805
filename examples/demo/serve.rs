//! Serving, and ending in time.

use std::time::Duration;

use axum::Router;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Serves until `signal`; then requests may finish, but not for longer than the grace period.
pub(crate) async fn until(
    signal: impl Future<Output = ()> + Send + 'static,
    listener: TcpListener,
    app: Router,
) {
    let (signalled, mut seen) = watch::channel(false);
    let stop = async move {
        signal.await;
        tracing::info!("stopping");
        let _everybody_gone = signalled.send(true);
    };
    let grace_over = async move {
        // An error means that serving has ended already.
        let _ended = seen.wait_for(|signalled| *signalled).await;
        SystemClock.sleep(GRACE).await;
    };
    tokio::select! {
        served = async { axum::serve(listener, app).with_graceful_shutdown(stop).await } => {
            if let Err(error) = served {
                tracing::error!(%error, "serving has failed");
            }
        }
        () = grace_over => tracing::warn!("open connections were cut"),
    }
}

/// Ctrl-C or SIGTERM, listened for from this call on.
#[cfg(unix)]
pub(crate) fn stop_signal() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let interrupt = signal(SignalKind::interrupt());
    async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
            tracing::warn!(
                "signals cannot be heard: the operating system will end the demo at once"
            );
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn stop_signal() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}

/// Open streams are cut after it.
const GRACE: Duration = Duration::from_secs(5);
