//! The contract between sessions and the stores that keep them.
//!
//! | file | what |
//! |---|---|
//! | `store` | [`AuthStore`], the port, with its numbered laws |
//! | `stored` | what a store is handed: sealed parts, and what it needs to find them |
//! | `marker` | what remains of a revocation |
//! | `events` | what the other nodes hear of a change |
//! | `kind` | [`Store`]: what the builder takes |

mod events;
mod kind;
mod marker;
mod store;
mod stored;

pub use events::{StoreEvent, StoreListener};
pub(crate) use kind::Kind;
pub use kind::Store;
pub use marker::Marker;
pub use store::{AuthStore, Change, Inserted, Part, Saved, StoreError, Touch};
pub use stored::{FoundSession, IndexKey, Listing, SealedPart, SessionIndex, StoredSession};
