//! The laws of [`AuthStore`](crate::AuthStore) as a test that any store can be put to (feature `test-util`).
//!
//! ```
//! # use std::sync::Arc;
//! # use axum_oidc_session::{AuthStore, store_laws};
//! // In a test of your store, on a runtime of several threads:
//! # #[expect(dead_code)]
//! async fn my_store_keeps_the_laws(one: Arc<dyn AuthStore>, other: Arc<dyn AuthStore>) {
//!     store_laws::check(&[one, other]).await.assert();
//! }
//! ```
//!
//! 1. **Nodes.** Hand over two or more handles on the same data, each with a connection (pool, file handle) of its own, as two
//!    processes would have them. One handle is enough for a store of one process.
//! 2. **Threads.** Use `#[tokio::test(flavor = "multi_thread")]`: the races need tasks that run at the same time.
//! 3. **Shared data.** Ids and keys are random, `now` is the system's time: other sessions in the store are in nobody's way
//!    and stay as they are, but [`delete_expired`](crate::AuthStore::delete_expired) is called. Sessions are deleted in the
//!    end; markers, keys and locks are left to expire, and a few of them never do.
//! 4. **Room.** The store must have room for a few hundred sessions at a time.
//! 5. **Time.** About 20,000 calls, and two real waits for a lease. A check that takes more than two minutes has failed.
//!
//! # What it cannot test
//!
//! | law | what is left to you |
//! |---|---|
//! | 6, failure | only you can cut the connection: expect `StoreError`, never "absent", while it is cut and when a record does not decode |
//! | 7, order | that a delete and a marker survive a crash: kill the server with SIGKILL after the answer |
//! | 9, markers | that [`mark`](crate::AuthStore::mark) keeps all markers or none if it fails half way |
//! | 11, events | that a listener fails when events were lost; for a store that offers none, nothing at all |
//!
//! A race that is found is a defect; that none is found is no proof. Run the kit often.

mod delete;
mod events;
mod expiry;
mod index;
mod insert;
mod listing;
mod locks;
mod markers;
mod nodes;
mod once;
mod order;
mod races;
mod report;
mod revocation;
mod run;
mod save;
mod touch;

pub use report::{Report, Violation};
pub use run::check;
