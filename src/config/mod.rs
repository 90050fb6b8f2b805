//! What the application decides once, in `main`: checked as a whole by `build()`, then never changed. Pure.

pub(crate) mod base_url;
pub(crate) mod cookie_names;
pub(crate) mod error;
pub(crate) mod hooks;
pub(crate) mod loopback;
pub(crate) mod page;
pub(crate) mod paths;
pub(crate) mod settings;
