//! The names of the cookies.
//!
//! | cookie | name | holds |
//! |---|---|---|
//! | session | `N` | the session id |
//! | marker | `N_m` | no id: that there was a session here, and what would end it |
//! | rounds | `N_r` | how often a login began without leading to a session |
//! | login attempt | `N_a_…` | one sealed login attempt |
//!
//! `N` is `oidc_` and a digest of client id and base path, so that two applications on one host do not meet; on https
//! it begins with `__Host-`, which keeps other hosts from setting it.

use memchr::memmem::Finder;
use ring::digest;

/// All names, made once.
#[derive(Clone, Debug)]
pub(crate) struct CookieNames {
    pub(crate) session: String,
    /// Finds where `session` occurs in a header.
    pub(crate) finder: Finder<'static>,
    pub(crate) marker: String,
    pub(crate) rounds: String,
    pub(crate) attempt_prefix: String,
    pub(crate) secure: bool,
}

impl CookieNames {
    /// `name`: what the application chose instead of the derived name, without a prefix.
    pub(crate) fn new(name: Option<&str>, client_id: &str, base_path: &str, secure: bool) -> Self {
        let name = name.map_or_else(|| derived(client_id, base_path), str::to_owned);
        let session = if secure { format!("__Host-{name}") } else { name };
        Self {
            marker: format!("{session}_m"),
            rounds: format!("{session}_r"),
            attempt_prefix: format!("{session}_a_"),
            finder: Finder::new(&session).into_owned(),
            session,
            secure,
        }
    }
}

fn derived(client_id: &str, base_path: &str) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(client_id.as_bytes());
    context.update(&[0]);
    context.update(base_path.as_bytes());
    let digest = context.finish();
    let hex: String = digest.as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("oidc_{hex}")
}

/// Whether `name` can be a cookie's name: a token (RFC 6265 section 4.1.1) of at most 64 characters.
pub(crate) fn is_cookie_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.len() <= 64 && name.bytes().all(is_token) && !name.starts_with("__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_applications_on_one_host_do_not_meet() {
        let session = |client, path| CookieNames::new(None, client, path, true).session;
        assert_ne!(session("a", ""), session("b", ""));
        assert_ne!(session("a", ""), session("a", "/x"));
        assert_ne!(session("a/", "x"), session("a", "/x"));
        assert!(session("a", "").starts_with("__Host-oidc_"));
    }

    #[test]
    fn names_are_tokens() {
        assert!(is_cookie_name("app"));
        for name in ["", "a b", "a=b", "a;b", "ä", "__Host-a", &"a".repeat(65)] {
            assert!(!is_cookie_name(name), "{name}");
        }
    }
}
