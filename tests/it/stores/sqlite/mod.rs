//! `SqliteStore` on real files. On Linux alone: the tests look at `/proc` to learn that a file was closed.

mod damage;
mod exclusive;
mod faults;
mod file;
mod kill;
mod last_use;
mod laws;
mod restart;
mod space;
mod support;
mod together;
