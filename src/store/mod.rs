//! Stores that come with the crate.

pub(crate) mod memory;
