//! The manual: how the parts work together, and why they are as they are.
//!
//! | chapter | question |
//! |---|---|
//! | [`life_of_a_session`] | When does a session begin, what moves its end, what ends it? |
//! | [`ceiling`] | What are the rules of the session ceiling, by number? |
//! | [`long_responses`] | What becomes of streams, downloads, sockets and running handlers when the session ends, and how soon? |
//! | [`requirements`] | How does a page require a fresh or strong sign-in, or a role? |
//! | [`stores`] | Where are sessions kept, what does each store promise, how do several nodes share one? |
//! | [`deployment`] | What must be right around the application: https, proxies, prefixes, layers, caches, clocks? |
//! | [`pages`] | How do open pages hear of the end, and why does no cache show one of an ended session? |
//! | [`cookies`] | Which cookies are set, with what in them, for how long? |
//! | [`defaults`] | Why is each default what it is, and when should it be changed? |
//! | [`performance`] | What does a request cost, beside other crates' layers, and which budgets are held? |
//! | [`testing`] | How is an application tested without a network and without waiting? |
//! | [`events`] | Which events are told, to whom, and why was I signed out? |
//! | [`errors_and_codes`] | Which stable codes are there, and what do they mean? |
//! | [`trust`] | What must always hold, what attacks it, with what result, and how is it repeated? |
//! | [`checks`] | Which check does each clause of the standards ask for, and which test shows that it is done? |
//! | [`dependencies`] | What does this crate bring into an application, and why? |
//! | [`writing_a_store`] | What must a session store promise? |
//!
//! Every item has its own documentation; the manual does not repeat it. The chapters hold no code.

pub mod ceiling;
pub mod checks;
pub mod cookies;
pub mod defaults;
pub mod dependencies;
pub mod deployment;
pub mod errors_and_codes;
pub mod events;
pub mod life_of_a_session;
pub mod long_responses;
pub mod pages;
pub mod performance;
pub mod requirements;
pub mod stores;
pub mod testing;
#[cfg(test)]
mod tests;
pub mod trust;
pub mod writing_a_store;
