//! The stores that come with the crate, each put to the laws and to its own faults.

#[cfg(feature = "sqlite")]
mod exclusive;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(all(feature = "sqlite", target_os = "linux"))]
mod sqlite;
