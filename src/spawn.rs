//! Tasks as a port: the one file that spawns.
//!
//! A handler's future is dropped when its client hangs up. What must finish all the same (a refresh that has already
//! spent the refresh token, a revocation) runs in a task of its own.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

/// A unit of work that goes on when the request that started it is gone.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What runs tasks.
pub trait Spawn: Debug + Send + Sync + 'static {
    /// Starts `task`; it runs to its end even if nobody waits for it.
    fn spawn(&self, task: Task);

    /// Starts a task that goes on as long as what it serves, such as the sweeping of a store: nobody waits for its end.
    fn spawn_service(&self, task: Task) {
        self.spawn(task);
    }
}

/// Spawns on the Tokio runtime of the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSpawner;

impl Spawn for TokioSpawner {
    #[expect(clippy::disallowed_methods, reason = "this file is where tasks are spawned")]
    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }
}

/// Runs `work` in a task of its own and waits for it: it goes on when whoever waits is gone.
///
/// `None` if the task was cut off: it panicked, or the runtime is shutting down.
pub(crate) async fn to_the_end<T: Send + 'static>(
    spawner: &dyn Spawn,
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    spawner.spawn(Box::pin(async move {
        // Nobody may be waiting any more.
        let _ = sender.send(work.await);
    }));
    receiver.await.ok()
}
