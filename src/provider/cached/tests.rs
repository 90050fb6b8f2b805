use std::sync::atomic::AtomicUsize;

use super::*;
use crate::clock::ManualClock;
use crate::spawn::Task;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("down")]
struct Down;

/// Hands out 1, 2, 3 …; fails while `down`; takes as long as `gate` is locked.
#[derive(Debug, Default)]
struct Counter {
    fetches: AtomicUsize,
    down: AtomicBool,
    max_age: Option<Duration>,
    gate: tokio::sync::Mutex<()>,
}

impl Source for Arc<Counter> {
    type Value = usize;
    type Error = Down;
    const NAME: &'static str = "counter";

    async fn fetch(&self) -> Result<Fetched<usize>, Down> {
        let value = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        drop(self.gate.lock().await);
        let fetched = Fetched { value, max_age: self.max_age };
        if self.down.load(Ordering::SeqCst) { Err(Down) } else { Ok(fetched) }
    }
}

/// Keeps tasks until a test runs them.
#[derive(Default)]
struct Queue(Mutex<Vec<Task>>);

impl Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queue")
    }
}

impl Spawn for Queue {
    fn spawn(&self, task: Task) {
        self.0.lock().unwrap().push(task);
    }
}

struct World {
    counter: Arc<Counter>,
    clock: ManualClock,
    queue: Arc<Queue>,
    cached: Arc<Cached<Arc<Counter>>>,
}

fn world(max_age: Option<Duration>) -> World {
    let counter = Arc::new(Counter { max_age, ..Counter::default() });
    let (clock, queue) = (ManualClock::at(0), Arc::new(Queue::default()));
    let cached = Cached::new(
        Arc::clone(&counter),
        Arc::new(clock.clone()),
        Arc::clone(&queue) as Arc<dyn Spawn>,
        Events::default(),
    );
    World { counter, clock, queue, cached }
}

impl World {
    async fn value(&self) -> usize {
        *self.cached.value().await.unwrap()
    }

    async fn error(&self) -> Unavailable<Down> {
        self.cached.value().await.unwrap_err()
    }

    /// Runs what was spawned; returns how many tasks that were.
    async fn run_tasks(&self) -> usize {
        let tasks: Vec<Task> = self.queue.0.lock().unwrap().drain(..).collect();
        let count = tasks.len();
        for task in tasks {
            task.await;
        }
        count
    }

    fn set_down(&self, down: bool) {
        self.counter.down.store(down, Ordering::SeqCst);
    }
}

const NANOSECOND: Duration = Duration::from_nanos(1);

#[tokio::test]
async fn nothing_is_fetched_before_it_is_needed_and_once_while_fresh() {
    let world = world(None);
    assert_eq!(world.counter.fetches.load(Ordering::SeqCst), 0);
    assert_eq!(world.value().await, 1);
    world.clock.advance(FRESH - NANOSECOND);
    assert_eq!((world.value().await, world.run_tasks().await), (1, 0));
}

#[tokio::test]
async fn stale_is_served_and_revalidated_once() {
    let world = world(None);
    world.value().await;
    world.clock.advance(FRESH);
    for _ in 0..10 {
        assert_eq!(world.value().await, 1);
    }
    assert_eq!(world.run_tasks().await, 1);
    assert_eq!((world.value().await, world.run_tasks().await), (2, 0));
}

#[tokio::test]
async fn revalidation_that_dies_with_its_runtime_is_started_again() {
    let world = world(None);
    world.value().await;
    world.clock.advance(FRESH);
    world.value().await;
    world.queue.0.lock().unwrap().clear();
    world.value().await;
    assert_eq!((world.run_tasks().await, world.value().await), (1, 2));
}

#[tokio::test]
async fn freshness_is_bounded_on_both_sides() {
    let cases = [
        (Duration::ZERO, MIN_FRESH),
        (MIN_FRESH, MIN_FRESH),
        (MIN_FRESH + NANOSECOND, MIN_FRESH + NANOSECOND),
        (MAX_FRESH, MAX_FRESH),
        (Duration::MAX, MAX_FRESH),
    ];
    for (max_age, fresh) in cases {
        let world = world(Some(max_age));
        world.value().await;
        world.clock.advance(fresh - NANOSECOND);
        world.value().await;
        assert_eq!(world.run_tasks().await, 0, "{max_age:?}");
        world.clock.advance(NANOSECOND);
        world.value().await;
        assert_eq!(world.run_tasks().await, 1, "{max_age:?}");
    }
}

#[tokio::test]
async fn failures_are_backed_off_doubling_to_the_bound_and_repeated_at_once() {
    let world = world(None);
    world.set_down(true);
    for (attempt, seconds) in [1, 2, 4, 8, 16, 30, 30].into_iter().enumerate() {
        let backoff = Duration::from_secs(seconds);
        assert_eq!(world.error().await.retry_after(), backoff);
        world.clock.advance(backoff - NANOSECOND);
        let again = world.error().await;
        assert_eq!((again.reason(), again.retry_after()), (&Down, NANOSECOND));
        assert_eq!(world.counter.fetches.load(Ordering::SeqCst), attempt + 1);
        world.clock.advance(NANOSECOND);
    }
    world.set_down(false);
    assert_eq!(world.value().await, 8);
    world.clock.advance(FRESH + MAX_STALE);
    world.set_down(true);
    assert_eq!(world.error().await.retry_after(), MIN_BACKOFF, "a success forgets the failures");
}

#[tokio::test]
async fn stale_serves_through_an_outage_of_days_but_not_for_ever() {
    let world = world(None);
    world.value().await;
    world.set_down(true);
    world.clock.advance(FRESH + MAX_STALE - NANOSECOND);
    for _ in 0..3 {
        assert_eq!(world.value().await, 1);
        world.run_tasks().await;
    }
    let fetches = world.counter.fetches.load(Ordering::SeqCst);
    assert_eq!(fetches, 2, "revalidation is backed off, too");
    world.clock.advance(NANOSECOND);
    assert_eq!(world.error().await.reason(), &Down);
}

#[tokio::test]
async fn concurrent_callers_share_one_fetch_and_a_dropped_one_harms_nobody() {
    let world = world(None);
    let gate = world.counter.gate.lock().await;
    let mut first = Box::pin(world.cached.value());
    assert!(futures_util::poll!(&mut first).is_pending());
    let mut others: Vec<_> = (0..50).map(|_| Box::pin(world.cached.value())).collect();
    for other in &mut others {
        assert!(futures_util::poll!(other).is_pending());
    }
    drop(first);
    drop(gate);
    for other in others {
        assert_eq!(
            *other.await.unwrap(),
            2,
            "the fetch of the one that hung up is done again, once"
        );
    }
    assert_eq!(world.counter.fetches.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn refetch_happens_only_if_nobody_else_did_and_it_is_permitted() {
    let world = world(None);
    let seen = world.cached.value().await.unwrap();
    let refused = world.cached.fetch_other_than(Some(&seen), || false).await.unwrap();
    assert!(Arc::ptr_eq(&refused, &seen));
    let newer = world.cached.fetch_other_than(Some(&seen), || true).await.unwrap();
    assert_eq!(*newer, 2);
    let known = world.cached.fetch_other_than(Some(&seen), || panic!("not asked")).await.unwrap();
    assert!(Arc::ptr_eq(&known, &newer));
}
