//! What is remembered of a sign-in, and how.
//!
//! A session is found in a store by one half of its cookie and opened with the other ([`id`]). In memory it is an [`entry`],
//! shared by all requests of the session; in a store it is a sealed [`record`]. [`sessions`] loads, saves and ends sessions
//! whichever store is below; [`contract`] is the port that stores implement.

pub(crate) mod application;
pub(crate) mod attempt;
mod bounded;
mod changes;
pub(crate) mod confirm;
pub(crate) mod contract;
pub(crate) mod creation;
pub(crate) mod ended;
pub(crate) mod ending;
pub(crate) mod entry;
mod further_sids;
pub(crate) mod id;
pub(crate) mod in_flight;
pub(crate) mod index;
pub(crate) mod known;
pub(crate) mod lease;
pub(crate) mod listed;
pub(crate) mod live_cache;
pub(crate) mod live_session;
mod logout_tokens;
pub(crate) mod moment;
mod opened;
mod recently_ended;
pub(crate) mod record;
pub(crate) mod revocation;
pub(crate) mod rotation;
pub(crate) mod sealed;
mod service_time;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod state;
pub(crate) mod summary;
#[cfg(test)]
mod tests;
mod unanswered;
mod watch;
mod watch_service;
