//! What is remembered: the bound of the memory store, and records that are none.

mod ended_by_application;
mod memory;
mod records;
