//! What is remembered of a sign-in, and how.
//!
//! A session is found by one half of its cookie and opened with the other ([`id`]). In memory it is an [`entry`], shared by
//! all requests of the session; in a store it is a sealed [`record`]. [`sessions`] loads, saves and ends sessions
//! whichever store is below; [`store`] is the port that stores implement.

pub(crate) mod application;
pub(crate) mod attempt;
pub(crate) mod entry;
pub(crate) mod id;
pub(crate) mod in_flight;
pub(crate) mod record;
mod replaced;
mod rotation;
pub(crate) mod sealed;
pub(crate) mod sessions;
pub(crate) mod state;
pub(crate) mod store;
