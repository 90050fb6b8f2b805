//! A subscriber that keeps every field of every span and event, of all crates, at TRACE.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, Registry};

/// Everything that was logged on this thread while it lived.
pub(crate) struct Log(Arc<Mutex<String>>);

thread_local! {
    static HERE: RefCell<Option<Arc<Mutex<String>>>> = const { RefCell::new(None) };
}

impl Log {
    /// For a test on one thread: the runtime's tasks run on it, too.
    ///
    /// The subscriber is the process's: with one for each thread, a call site that another test reaches first may be
    /// taken for one that nobody wants.
    pub(crate) fn capture() -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            tracing::subscriber::set_global_default(Registry::default().with(Keep)).unwrap();
        });
        let text = Arc::new(Mutex::new(String::new()));
        HERE.set(Some(Arc::clone(&text)));
        Self(text)
    }

    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        HERE.set(None);
    }
}

struct Keep;

impl Keep {
    fn write(write: impl FnOnce(&mut String)) {
        HERE.with_borrow(|here| {
            if let Some(text) = here {
                write(&mut text.lock().unwrap());
            }
        });
    }
}

impl<S: Subscriber> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        Self::write(|text| {
            let _ = write!(text, "span {} ", attributes.metadata().name());
            attributes.record(&mut Fields(text));
            text.push('\n');
        });
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        Self::write(|text| values.record(&mut Fields(text)));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        Self::write(|text| {
            let _ = write!(text, "{} {} ", event.metadata().level(), event.metadata().target());
            event.record(&mut Fields(text));
            text.push('\n');
        });
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.0, "{field}={value} ");
    }

    /// Both ways to print it, and its sources.
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.0, "{field}={value} {value:?} ");
        let mut source = value.source();
        while let Some(error) = source {
            let _ = write!(self.0, "{error} {error:?} ");
            source = error.source();
        }
    }
}
