//! A provider that listens.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::provider::Provider;
use super::{DevProviderControl, router};
use crate::spawn::{Spawn as _, TokioSpawner};

/// A development provider that serves on 127.0.0.1 until it is stopped or dropped.
#[derive(Debug)]
#[must_use = "the provider stops when this is dropped"]
pub struct RunningDevProvider {
    control: DevProviderControl,
    address: SocketAddr,
    finished: Option<oneshot::Receiver<()>>,
}

impl RunningDevProvider {
    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        self.control.issuer()
    }

    /// The address listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// A handle that changes what the provider answers, and tells what it was asked.
    pub fn control(&self) -> DevProviderControl {
        self.control.clone()
    }

    /// Stops listening and waits for the requests that are being answered.
    pub async fn stop(mut self) {
        self.control.stop();
        if let Some(finished) = self.finished.take() {
            // The sender is dropped at the end of the task, which is all that is waited for.
            let _ended = finished.await;
        }
    }
}

impl Drop for RunningDevProvider {
    fn drop(&mut self) {
        self.control.stop();
    }
}

/// Serves `provider` in a task of its own.
pub(crate) fn serve(listener: TcpListener, provider: Arc<Provider>) -> RunningDevProvider {
    let address = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
    let (ended, finished) = oneshot::channel();
    let routes = router::routes(Arc::clone(&provider));
    let mut stopped = provider.stopped.subscribe();
    TokioSpawner.spawn(Box::pin(async move {
        let stop = async move {
            // An error means that the provider is gone, which is a reason to stop, too.
            let _stopped = stopped.wait_for(|stopped| *stopped).await;
        };
        if let Err(error) = axum::serve(listener, routes).with_graceful_shutdown(stop).await {
            tracing::warn!(%error, "the development provider stopped");
        }
        drop(ended);
    }));
    RunningDevProvider {
        control: DevProviderControl::new(provider),
        address,
        finished: Some(finished),
    }
}
