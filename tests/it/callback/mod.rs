//! The callback: every way a login ends, each with its own code, and nothing left behind by those that fail.

mod after_login;
mod attempt;
mod back_button;
mod ceiling_at_login;
mod ceiling_policy;
mod code_retry;
mod hang_up;
mod id_token;
mod leeway_retry;
mod loop_breaker;
mod order;
mod provider_error;
mod refused;
mod response;
mod store_fails;
mod tabs;

pub(crate) use refused::{assert_clean_login, assert_no_session, assert_refused};
