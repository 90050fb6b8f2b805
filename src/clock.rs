//! Time as a port: the one file that reads clocks and sets timers.
//!
//! Everything else is told the time, so that a test can decide what time it is. Two readings are needed: the wall
//! clock, in which the OpenID Provider states the end of a session, and a monotonic clock, which keeps a session from
//! being revived when the wall clock is set back.

use std::cell::Cell;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted (the `NumericDate` of RFC 7519,
/// without a fraction). All arithmetic saturates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The time `seconds` after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This time, `duration` later; fractions of a second are dropped.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_seconds(duration)))
    }

    /// This time, `duration` earlier; fractions of a second are dropped.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_seconds(duration)))
    }

    /// Seconds from `earlier` to this time; negative if this time is before it.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A timer, ready when the time has passed.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from.
///
/// [`SystemClock`] is the default. With the feature `test-util` there is a clock that a test sets.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The wall clock, in whole seconds (rounded down).
    fn now(&self) -> UnixTime;

    /// Time since an arbitrary fixed point; never goes back.
    fn monotonic(&self) -> Duration;

    /// Completes once `duration` has passed on the monotonic clock.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The operating system's clocks, and Tokio's timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this file is where clocks are read")]
    fn now(&self) -> UnixTime {
        let now = SystemTime::now();
        let (begin, end, second) = SECOND.get();
        if begin <= now && now < end {
            return second;
        }
        let second = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => UnixTime(whole_seconds(since)),
            Err(before) => UnixTime(whole_seconds(before.duration()).saturating_neg()),
        };
        note(second);
        second
    }

    fn monotonic(&self) -> Duration {
        static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(instant);
        instant().saturating_duration_since(*START)
    }

    #[expect(clippy::disallowed_methods, reason = "this file is where timers are set")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[expect(clippy::disallowed_methods, reason = "this file is where clocks are read")]
fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

thread_local! {
    /// The second that this thread read last: from when, until when, and which. Each request with a session reads the clock, and to
    /// compare two times is cheaper than to subtract them.
    static SECOND: Cell<(SystemTime, SystemTime, UnixTime)> =
        const { Cell::new((UNIX_EPOCH, UNIX_EPOCH, UnixTime(0))) };
}

fn note(second: UnixTime) {
    let after = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    let begin = u64::try_from(second.0).ok().filter(|begin| *begin > 0);
    if let Some(begin) = begin
        && let (Some(from), Some(until)) = (after(begin), after(begin.saturating_add(1)))
    {
        SECOND.set((from, until, second));
    }
}

#[cfg(feature = "test-util")]
pub use manual::ManualClock;

#[cfg(feature = "test-util")]
mod manual {
    use std::sync::{Arc, Mutex, PoisonError};
    use std::task::{Poll, Waker};

    use super::{Clock, Duration, Sleep, UnixTime};

    /// A clock that stands still until a test moves it.
    ///
    /// Clones share the time. [`advance`](Self::advance) moves both readings, as time does; [`step`](Self::step) moves
    /// the wall clock alone, as an administrator or NTP does.
    ///
    /// ```
    /// use axum_oidc_session::clock::{Clock, ManualClock};
    /// use std::time::Duration;
    ///
    /// let clock = ManualClock::at(1_893_456_000);
    /// clock.advance(Duration::from_secs(10));
    /// assert_eq!(clock.now().seconds(), 1_893_456_010);
    /// ```
    #[derive(Clone, Debug)]
    pub struct ManualClock(Arc<Mutex<State>>);

    #[derive(Debug)]
    struct State {
        wall_nanos: i128,
        monotonic: Duration,
        sleepers: Vec<(Duration, Waker)>,
    }

    impl ManualClock {
        /// A clock whose wall time is `seconds` after the epoch.
        pub fn at(seconds: i64) -> Self {
            Self(Arc::new(Mutex::new(State {
                wall_nanos: i128::from(seconds) * 1_000_000_000,
                monotonic: Duration::ZERO,
                sleepers: Vec::new(),
            })))
        }

        /// Lets `duration` pass: the wall clock and the monotonic clock move, due timers complete.
        pub fn advance(&self, duration: Duration) {
            let due = {
                let mut state = self.lock();
                state.wall_nanos += i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX / 4);
                state.monotonic += duration;
                let now = state.monotonic;
                let (due, later) = state.sleepers.drain(..).partition(|(at, _)| *at <= now);
                state.sleepers = later;
                let due: Vec<(Duration, Waker)> = due;
                due
            };
            due.into_iter().for_each(|(_, waker)| waker.wake());
        }

        /// Sets the wall clock forward or (negative) back, without time passing.
        pub fn step(&self, seconds: i64) {
            self.lock().wall_nanos += i128::from(seconds) * 1_000_000_000;
        }

        fn lock(&self) -> std::sync::MutexGuard<'_, State> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> UnixTime {
            let seconds = self.lock().wall_nanos.div_euclid(1_000_000_000);
            UnixTime(i64::try_from(seconds).unwrap_or(i64::MAX))
        }

        fn monotonic(&self) -> Duration {
            self.lock().monotonic
        }

        fn sleep(&self, duration: Duration) -> Sleep {
            let clock = self.clone();
            let until = self.monotonic().saturating_add(duration);
            Box::pin(std::future::poll_fn(move |context| {
                let mut state = clock.lock();
                if state.monotonic >= until {
                    return Poll::Ready(());
                }
                state.sleepers.push((until, context.waker().clone()));
                Poll::Pending
            }))
        }
    }
}
