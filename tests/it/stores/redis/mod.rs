//! `RedisStore` against a real server, and against a real cluster.

mod cluster;
mod commands;
mod crash;
mod expiry;
mod foreign;
mod isolated;
mod last_use;
mod laws;
mod listener;
mod locks;
mod markers;
mod memory;
mod outage;
mod sample;
mod scripts;
mod settings;
mod tls;
mod warnings;
