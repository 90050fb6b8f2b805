//! Translates requests into flow calls and outcomes into responses. No protocol rule lives here.

mod afterwards;
pub(crate) mod application_data;
pub(crate) mod application_data_error;
mod body;
mod cancel;
pub(crate) mod context;
pub(crate) mod cookies;
pub(crate) mod extract;
pub(crate) mod facts;
pub(crate) mod future;
pub(crate) mod layer;
pub(crate) mod login;
pub(crate) mod login_start;
pub(crate) mod require;
pub(crate) mod response;
pub(crate) mod routes;
pub(crate) mod service;
mod signed_out;
pub(crate) mod slow;
#[cfg(feature = "ws")]
pub(crate) mod websocket;
