//! The test kit for stores: it passes what keeps the laws, and names the law that is broken.

mod adapter;
mod bites;
mod breach;
mod broken_listener;
mod broken_reads;
mod broken_store;
mod broken_touches;
mod broken_writes;
pub(crate) mod plain_store;
mod reference;
