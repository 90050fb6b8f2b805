//! Logout, the session's state for scripts, and who is told that a session has ended.

mod cross_site;
mod hook;
mod local;
mod provider;
mod status;
