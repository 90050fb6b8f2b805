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
mod strangers;
mod tabs;

pub(crate) use refused::{assert_clean_login, assert_no_session, assert_refused};

use crate::support::Reply;

/// A retry is the login again, with secrets of its own.
#[track_caller]
fn assert_asks_for_the_same(begun: &Reply, retry: &Reply) {
    for name in
        ["client_id", "redirect_uri", "scope", "max_age", "acr_values", "login_hint", "ui_locales"]
    {
        assert_eq!(retry.parameter(name), begun.parameter(name), "{name}");
        assert!(retry.parameter(name).is_some(), "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(retry.parameter(name), begun.parameter(name), "{name}");
    }
}
