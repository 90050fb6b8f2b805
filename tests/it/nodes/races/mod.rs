//! Two nodes that do something to the same session, or the same user's, at the same time: in all orders of their store calls
//! with at most three changes between the nodes.
//!
//! | | logout | login | move to a new id | refresh | save of data |
//! |---|---|---|---|---|---|
//! | logout | [`logouts`] | [`logouts`] | [`moves`] | [`refreshes`] | [`data`] |
//! | login | | [`logins`] | [`moves`] | [`refreshes`] | [`data`] |
//! | move to a new id | | | [`moves`] | [`moves`] | [`data`] |
//! | refresh | | | | [`refreshes`] | [`data`] |
//! | save of data | | | | | [`data`] |
//!
//! In [`held_loads`] one of them has read the session before the other ends it, and uses it afterwards: there the object that its
//! handler has is judged.
//!
//! What has to be true afterwards is the same in every order: who was signed out, or replaced, is refused on both nodes; nobody
//! else lost a session, a token or data.

mod arena;
mod data;
mod held_loads;
mod logins;
mod logouts;
mod moves;
mod orders;
mod refreshes;
#[cfg(all(feature = "redis", feature = "postgres"))]
mod servers;

use arena::{Arena, Round};
