//! Stores that come with the crate.

pub(crate) mod adapter;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod link;
pub(crate) mod memory;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
