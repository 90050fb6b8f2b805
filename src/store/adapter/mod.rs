//! Any store of tower-sessions, made to keep the laws of [`AuthStore`](crate::AuthStore) as well as it can.
//!
//! | file | what |
//! |---|---|
//! | `store` | [`TowerSessionsStore`], with the table of what it promises |
//! | `rows` | what is written: records under ids that are derived from what they are about |
//! | `turn` | one writer at a time, in this process and among processes |
//! | `change` | read, decide, write, in one turn |
//! | `sessions` | sessions and their tombstones |
//! | `index` | lists of sessions, one for each key |
//! | `small` | remembered keys, markers, locks |

mod change;
mod index;
mod rows;
mod sessions;
mod small;
mod store;
mod turn;

pub use store::TowerSessionsStore;
