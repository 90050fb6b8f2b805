//! Nothing secret or personal is logged, at any level, in flows that go well and in flows that fail.

mod capture;
mod causes;
mod flows;

pub(crate) use capture::Log;
