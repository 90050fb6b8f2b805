//! What the tests are made of.
//!
//! - [`App`]: the application and its provider, each on a socket of its own, both on one clock that stands still.
//! - [`Browser`]: an HTTP client with a strict cookie jar that follows no redirect by itself.
//! - [`SealedTestStore`]: a store that gets sealed records, and fails on demand.
//!
//! ```
//! let app = App::start().await;                       // or App::builder().configure(|auth| auth.…).sealed_store().start()
//! let browser = app.browser();
//! assert_eq!(browser.sign_in().await.status, 303);    // Ada, silently, with a ceiling an hour away
//! assert_eq!(browser.fetch("/api/me").await.json()["claims"]["sub"], "ada");
//! app.later(3_600 - 30);
//! assert_eq!(browser.fetch("/api/me").await.code(), "session_expired");
//! app.settled().await;                                // background tasks (revocation, hooks) have run
//! assert_eq!(app.calls().revocation, 1);
//! ```

mod app;
mod browser;
mod calls;
mod cookies;
#[cfg(feature = "sqlite")]
pub(crate) mod folder;
mod last_use;
mod open;
#[cfg(feature = "postgres")]
pub(crate) mod pgbouncer;
#[cfg(feature = "postgres")]
pub(crate) mod postgres_server;
#[cfg(feature = "redis")]
mod redis_server;
mod reply;
mod routes;
mod sealed_store;
mod spawner;
mod steered_store;
mod wait;
mod wire;

pub(crate) use app::{App, AppBuilder, CLIENT_ID, KEY, NOW, Node};
pub(crate) use browser::Browser;
pub(crate) use calls::Calls;
pub(crate) use last_use::{expect_sealed, used_over};
pub(crate) use open::{End, Open};
#[cfg(feature = "redis")]
pub(crate) use redis_server::RedisServer;
pub(crate) use reply::Reply;
pub(crate) use sealed_store::{Fails, SealedTestStore};
pub(crate) use steered_store::{Gate, SteeredStore};
pub(crate) use wait::{pause, soon, until};
