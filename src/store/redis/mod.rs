//! Sessions in Redis or Valkey, for several nodes.
//!
//! | file | what |
//! |---|---|
//! | `store` | [`RedisStore`]: the port, and what it is made of |
//! | `settings`, `target` | what URLs and settings say |
//! | `link`, `connection`, `probe`, `health` | the shared connection, how it comes back, whether the server can be relied on, what is warned of |
//! | `keys`, `text`, `record`, `event`, `lifetime` | names, values, and how long they are kept |
//! | `scripts`, `lua/` | each change as one atomic step |
//! | `near` | the nodes of a cluster that is reached in clear text |
//! | `sessions`, `index`, `markers`, `once`, `listener`, `masters` | the operations |
//! | `error` | what can be wrong |

mod connection;
mod error;
mod event;
mod health;
mod index;
mod keys;
mod lifetime;
mod link;
mod listener;
mod markers;
mod masters;
mod near;
mod once;
mod probe;
mod record;
mod scripts;
mod sessions;
mod settings;
mod store;
mod target;
mod text;

pub use error::RedisConfigError;
pub use settings::RedisSettings;
pub use store::RedisStore;
