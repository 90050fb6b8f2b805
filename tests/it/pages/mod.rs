//! What open pages are given: the script, the seconds left in a header, an empty cache after a logout.

mod clear_cache;
mod expires_in;
mod script;
