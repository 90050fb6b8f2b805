//! What is remembered: the bound of the memory store, records that are none, and the last use.

mod ended_by_application;
mod last_use;
mod memory;
mod records;
