//! The names of the cookies.
//!
//! | cookie | name | holds |
//! |---|---|---|
//! | session | `N` | the session id |
//! | marker | `N_m` | no id: that there was a session here, and what would end it |
//! | rounds | `N_r` | how often a login began without leading to a session |
//! | login attempt | `N_a_…` | one sealed login attempt |
//!
//! `N` is `oidc_` and a digest of issuer, client id, base path and a port that is not the scheme's own, so that two
//! applications on one host do not meet (cookies do not know ports). On https it begins with `__Host-`, which keeps other
//! hosts from setting it.

use memchr::memmem::Finder;
use ring::digest;

use super::base_url::BaseUrl;

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
    /// Derived, or `name`, which the application chose instead (without a prefix).
    pub(crate) fn new(name: Option<&str>, issuer: &str, client_id: &str, base: &BaseUrl) -> Self {
        let secure = base.is_https();
        match name {
            Some(name) => Self::named(name, secure),
            None => Self::named(&derived(issuer, client_id, base), secure),
        }
    }

    pub(crate) fn named(name: &str, secure: bool) -> Self {
        let session = if secure { format!("__Host-{name}") } else { name.to_owned() };
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

fn derived(issuer: &str, client_id: &str, base: &BaseUrl) -> String {
    let port = base.port().map_or_else(String::new, |port| port.to_string());
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [issuer, client_id, base.path(), &port] {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
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

    fn session(issuer: &str, client_id: &str, base: &str) -> String {
        let base = BaseUrl::parse(base).unwrap();
        CookieNames::new(None, issuer, client_id, &base).session
    }

    #[test]
    fn two_applications_on_one_host_do_not_meet() {
        const ISSUER: &str = "https://op.example";
        let one = session(ISSUER, "a", "https://app.example");
        assert!(one.starts_with("__Host-oidc_"), "{one}");
        for (issuer, client_id, base) in [
            ("https://op.example/", "a", "https://app.example"),
            (ISSUER, "b", "https://app.example"),
            (ISSUER, "a", "https://app.example/x"),
            (ISSUER, "a", "https://app.example:8443"),
            (ISSUER, "a", "https://app.example:80"),
        ] {
            assert_ne!(session(issuer, client_id, base), one, "{issuer} {client_id} {base}");
        }
        assert_ne!(session(ISSUER, "a/", "https://h/x"), session(ISSUER, "a", "https://h/x"));
        assert_ne!(session(ISSUER, "a", "http://[::1]:1"), session(ISSUER, "a", "http://[::1]:2"));
    }

    #[test]
    fn one_application_has_one_name() {
        let names = [
            session("https://op.example", "a", "https://app.example"),
            session("https://op.example", "a", "https://app.example/"),
            session("https://op.example", "a", "https://app.example:443"),
            session("https://op.example", "a", "https://other.example"),
        ];
        assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
        let base = BaseUrl::parse("https://app.example:8443").unwrap();
        let chosen = CookieNames::new(Some("app"), "https://op.example", "a", &base);
        assert_eq!((chosen.session, chosen.secure), ("__Host-app".to_owned(), true));
    }

    #[test]
    fn names_are_tokens() {
        assert!(is_cookie_name("app"));
        for name in ["", "a b", "a=b", "a;b", "ä", "__Host-a", &"a".repeat(65)] {
            assert!(!is_cookie_name(name), "{name}");
        }
    }
}
