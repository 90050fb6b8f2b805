//! Sessions in PostgreSQL, for several nodes.
//!
//! 1. One statement for one operation, prepared once per connection: one round trip, no transaction around it.
//! 2. What is read may be asked again over another connection when one is lost; so may a write that says the same the second
//!    time, or that is recognised if the first was done. Any other write goes over a connection that has just answered, and is
//!    sent once.
//! 3. A failure is an error, never an absence.
//! 4. The tables are looked at before the first statement, and made if they are missing.
//!
//! | file | what |
//! |---|---|
//! | `store` | [`PostgresStore`]: what the builder takes |
//! | `settings`, `url` | how the database is reached |
//! | `tables`, `schema`, `shape` | the tables: their names, their definition, their version, and whether they are ours |
//! | `statements`, `values` | the SQL of each operation, its arguments and its rows |
//! | `sessions`, `coordination` | the operations of the contract: on sessions; on markers, locks and what is remembered |
//! | `fetch`, `together` | reads of sessions; those that are asked for at the same time share a statement |
//! | `listener` | events, by `LISTEN` |
//! | `connections`, `source` | connections that are kept, and statements that are sent over them |
//! | `ready` | whether the database can be used as it is |
//! | `pooler` | poolers that mix up the statements of their clients |
//! | `error` | everything that can go wrong |

mod connections;
mod coordination;
mod error;
mod fetch;
mod listener;
mod patience;
mod pooler;
mod ready;
mod schema;
mod sessions;
mod settings;
mod shape;
mod source;
mod statements;
mod store;
mod tables;
mod together;
mod url;
mod values;

pub use error::PostgresStoreError;
pub use settings::PostgresSettings;
pub use store::PostgresStore;
