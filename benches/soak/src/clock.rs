//! A clock that runs faster than time, the same in both processes.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum_oidc_session::clock::{Clock, Sleep, UnixTime};

/// The system's clock until it began, `speed` times as fast since.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FastClock {
    start: Duration,
    begun: Instant,
    speed: u32,
}

impl FastClock {
    pub(crate) fn begin(speed: u32) -> Self {
        Self { start: unix_time(), begun: Instant::now(), speed }
    }

    /// The clock of the process that began it at `start`, in nanoseconds of Unix time.
    pub(crate) fn begun_at(start: u64, speed: u32) -> Self {
        let start = Duration::from_nanos(start);
        let begun = Instant::now() - unix_time().saturating_sub(start);
        Self { start, begun, speed }
    }

    pub(crate) fn start_nanos(&self) -> u64 {
        u64::try_from(self.start.as_nanos()).unwrap()
    }

    /// Whole seconds, as the crate reads them.
    pub(crate) fn seconds(&self) -> i64 {
        self.now().seconds()
    }
}

impl Clock for FastClock {
    fn now(&self) -> UnixTime {
        let now = self.start + self.monotonic();
        UnixTime::from_seconds(i64::try_from(now.as_secs()).unwrap())
    }

    fn monotonic(&self) -> Duration {
        self.begun.elapsed() * self.speed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration / self.speed))
    }
}

fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
