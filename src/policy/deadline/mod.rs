//! The deadline: the first second at which a session is over.
//!
//! 1. It is the earliest of the ceiling less the leeway, the login + the absolute limit, and the last use + the idle limit.
//! 2. A session is over when `now >= deadline`. With `E − now` = 31 s it is live, with 30 s it is over.
//! 3. If several limits fall on one second, the ceiling is named before the absolute limit, and that before the idle limit.
//! 4. The store's time to live and the cookie's `Max-Age` are what remains, at every write.

mod admit;
mod lifetime;
mod limits;
mod remaining;

pub use admit::Refusal;
pub(crate) use admit::{admit, refusal_of_absence};
pub(crate) use lifetime::Deadline;
pub(crate) use lifetime::Lifetime;
pub use lifetime::Limit;
pub(crate) use limits::Limits;
pub(crate) use remaining::{marker_max_age, max_age};
