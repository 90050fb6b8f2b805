//! What a session must be at any time, as a browser can know.
//!
//! The server judges a request at some second between its sending and its answer. A limit that is fixed by a request
//! therefore lies in a span, too: before it the session must live, after it the session must be over.

/// How long a session may go unused, in seconds of the crate's.
pub(crate) const IDLE: i64 = 300;
/// How long a session may last.
pub(crate) const ABSOLUTE: i64 = 600;
/// The crate ends a session that long before its ceiling.
pub(crate) const LEEWAY: i64 = 30;
/// Uses are written down no oftener than that; those that are not make the idle limit end earlier.
const TOUCH: i64 = IDLE / 20;

/// From the second in which something may have happened to the last in which it may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Span {
    pub(crate) fn plus(self, seconds: i64) -> Self {
        Self { from: self.from + seconds, to: self.to + seconds }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Live,
    Over,
    Either,
}

/// When a session ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    pub(crate) ceiling: Option<Span>,
    pub(crate) begun: Span,
    pub(crate) used: Span,
}

impl Deadlines {
    /// What a request in `span` must find.
    pub(crate) fn expected(&self, span: Span) -> Expected {
        if span.to < self.all().map(|deadline| deadline.from).min().unwrap() {
            Expected::Live
        } else if span.from >= self.latest() {
            Expected::Over
        } else {
            Expected::Either
        }
    }

    /// From this second on the session must be over.
    pub(crate) fn latest(&self) -> i64 {
        self.all().map(|deadline| deadline.to).min().unwrap()
    }

    /// Whether that can be what has ended it by the end of `span`.
    pub(crate) fn can_be(&self, reason: &str, span: Span) -> bool {
        let deadline = match reason {
            "ceiling" => self.ceiling,
            "idle" => Some(self.idle()),
            "absolute" => Some(self.begun.plus(ABSOLUTE)),
            _ => None,
        };
        deadline.is_some_and(|deadline| deadline.from <= span.to)
    }

    fn idle(&self) -> Span {
        Span { from: self.used.from + IDLE - TOUCH, to: self.used.to + IDLE }
    }

    fn all(&self) -> impl Iterator<Item = Span> {
        [self.begun.plus(ABSOLUTE), self.idle()].into_iter().chain(self.ceiling)
    }
}
