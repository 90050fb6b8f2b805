//! What is remembered: the bounds of the memory store and of one user, records that are none, and the last use.

mod ended_by_application;
mod last_use;
mod memory;
mod per_user;
mod records;
