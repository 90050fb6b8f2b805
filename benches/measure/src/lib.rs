//! What a request costs above the bare route: the parts from which the programs and benches of this package, and of those beside
//! it, are made.
//!
//! | module | measures |
//! |---|---|
//! | [`counts`] | instructions, by callgrind, and allocations, in process |
//! | [`http_load`] | throughput over loopback HTTP, by wrk, as a fraction of the bare route's |
//! | [`counting`] | what the allocator gave, and holds |
//!
//! Every [`Case`] says which case it is compared with; that one gets the same request, so that what the request itself costs
//! is no part of the difference.

pub mod case;
pub mod counting;
pub mod counts;
pub mod floor;
pub mod http_load;
pub mod instrumented;

pub mod report;
pub mod servers;
pub mod signed_in;
pub mod stored;
pub mod table;

pub use case::Case;

use tokio::runtime::{Builder, Runtime};

/// One thread: counts are to be the same in every run.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// One thread that works while this one waits for `wrk`.
pub fn serving_runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
