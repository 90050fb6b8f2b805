//! Logout, the session's state for scripts, and who is told that a session has ended.

mod cross_site;
mod hook;
mod local;
mod provider;
mod status;

use crate::support::Reply;

/// The response removes the session's cookie, its marker and every binding of a login, and sets none.
pub(crate) fn assert_signed_out(reply: &Reply, context: &str) {
    let (set, removed) = reply.cookie_changes();
    assert_eq!(set, Vec::<String>::new(), "{context}");
    assert_eq!(removed[..2], ["app", "app_m"], "{context}");
    assert_eq!(removed.len(), 22, "{context}: {removed:?}");
}
