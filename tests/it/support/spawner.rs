//! Background tasks that a test can wait for.
//!
//! A task that sleeps (the sweeper of a memory store does so nearly always) will do nothing until the test moves the clock:
//! it counts as settled. So the application gets the test's clock through [`CountingSpawner::clock`].

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_oidc_session::clock::{Clock, ManualClock, Sleep, SystemClock, UnixTime};
use axum_oidc_session::spawn::{Spawn, Task, TokioSpawner};
use futures_util::future::{Either, select};
use tokio::sync::watch;

/// Spawns on Tokio and counts what has not finished.
#[derive(Clone, Debug)]
pub(crate) struct CountingSpawner(watch::Sender<Counts>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    running: usize,
    asleep: usize,
}

impl Default for CountingSpawner {
    fn default() -> Self {
        Self(watch::Sender::new(Counts::default()))
    }
}

impl Spawn for CountingSpawner {
    fn spawn(&self, task: Task) {
        let counted = Counted::new(&self.0, |counts| &mut counts.running);
        TokioSpawner.spawn(Box::pin(async move {
            let _counted = counted;
            task.await;
        }));
    }

    /// Not counted, and neither are its timers: nobody waits for its end.
    fn spawn_service(&self, task: Task) {
        TokioSpawner.spawn(Box::pin(SERVICE.scope((), task)));
    }
}

impl CountingSpawner {
    /// `clock`, as the application is to have it.
    pub(crate) fn clock(&self, clock: ManualClock) -> Arc<dyn Clock> {
        Arc::new(CountingClock { clock, counts: self.0.clone() })
    }

    /// Returns when every task has finished or sleeps. Call it when no request is being answered. Panics after 10 s.
    pub(crate) async fn settled(&self) {
        // Tasks that the clock has just woken run first.
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        let mut counts = self.0.subscribe();
        let settled = Box::pin(async move {
            counts.wait_for(|counts| counts.running <= counts.asleep).await.map(|_| ())
        });
        match select(settled, SystemClock.sleep(Duration::from_secs(10))).await {
            Either::Left((settled, _)) => settled.unwrap(),
            Either::Right(_) => panic!("background tasks still run after 10 s"),
        }
    }
}

tokio::task_local! {
    static SERVICE: ();
}

#[derive(Debug)]
struct CountingClock {
    clock: ManualClock,
    counts: watch::Sender<Counts>,
}

impl Clock for CountingClock {
    fn now(&self) -> UnixTime {
        self.clock.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        if SERVICE.try_with(|()| ()).is_ok() {
            return self.clock.sleep(duration);
        }
        let counted = Counted::new(&self.counts, |counts| &mut counts.asleep);
        Box::pin(CountedSleep { sleep: self.clock.sleep(duration), _counted: counted })
    }
}

struct CountedSleep {
    sleep: Sleep,
    _counted: Counted,
}

impl Future for CountedSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.sleep.as_mut().poll(context)
    }
}

/// One of something, until it is dropped; a task that panics is dropped, too.
struct Counted {
    counts: watch::Sender<Counts>,
    which: fn(&mut Counts) -> &mut usize,
}

impl Counted {
    fn new(counts: &watch::Sender<Counts>, which: fn(&mut Counts) -> &mut usize) -> Self {
        counts.send_modify(|counts| *which(counts) += 1);
        Self { counts: counts.clone(), which }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.counts.send_modify(|counts| *(self.which)(counts) -= 1);
    }
}
