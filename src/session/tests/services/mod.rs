//! What goes on beside the requests, step by step: the tasks run when a test says so, on a clock that stands still, over a store
//! that answers as it is told.

mod background;
mod lease;
mod node;
mod told_store;

pub(in crate::session) use node::{cookie, entry};
