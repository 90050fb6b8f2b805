//! What happens, told once: to the application's sink, to the log, and (feature `metrics`) as numbers.
//!
//! 1. One function tells an event ([`Events::tell`]); whoever tells it does not log it, too.
//! 2. An event holds no secret: there is no field that could. Who it is about is in [`EventSession::subject`] and in no log,
//!    no number and no `Debug`.
//! 3. A sink that panics costs its event and nothing else.

mod event;
mod log;
#[cfg(feature = "metrics")]
mod numbers;

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub use event::{Event, EventKind, EventSession};

use crate::clock::Clock;

type Sink = Arc<dyn Fn(&Event) + Send + Sync>;

/// Where events go. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Events {
    sink: Option<Sink>,
}

impl Events {
    pub(crate) fn to(sink: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { sink: Some(Arc::new(sink)) }
    }

    pub(crate) fn tell(&self, clock: &dyn Clock, kind: EventKind) {
        self.tell_with(clock, kind, None);
    }

    /// With the cause, which is for the log alone.
    pub(crate) fn tell_with(
        &self,
        clock: &dyn Clock,
        kind: EventKind,
        cause: Option<&(dyn Error + 'static)>,
    ) {
        log::write(&kind, cause);
        #[cfg(feature = "metrics")]
        numbers::count(&kind);
        if let Some(sink) = &self.sink {
            let event = Event { at: clock.now(), kind };
            let told = catch_unwind(AssertUnwindSafe(|| sink(&event)));
            if told.is_err() {
                tracing::error!(
                    code = "event_sink_panicked",
                    "the application's sink of events panicked"
                );
            }
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Events").field("sink", &self.sink.is_some()).finish()
    }
}
