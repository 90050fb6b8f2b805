//! The names of the cookies.
//!
//! | cookie | name | holds |
//! |---|---|---|
//! | session | `N` | the session id |
//! | marker | `N_m` | no id: that there was a session here, and what would end it |
//! | rounds | `N_r` | how often a login began without leading to a session |
//! | browser binding | `B` and a letter, `a` to `t` | a random value that ties pending login attempts to the browser |
//!
//! `N` is `oidc_` and a digest of issuer, client id, base path and a port that is not the scheme's own, so that two
//! applications on one host do not meet (cookies do not know ports). On https it begins with `__Host-`, which keeps other
//! hosts from setting it.
//! `B` is `oidc_` and six digits of a digest of `N`, with the same prefix: a browser may hold twenty bindings, so a long name
//! must not count twenty times.

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
    /// The names of the browser bindings without their letter.
    pub(crate) binding_prefix: String,
    pub(crate) secure: bool,
}

impl CookieNames {
    /// The name of the cookie of a browser binding.
    pub(crate) fn binding(&self, slot: u8) -> String {
        format!("{}{}", self.binding_prefix, char::from(b'a' + slot))
    }

    /// The slot of the browser binding that is called `name`, if one is.
    pub(crate) fn binding_slot(&self, name: &[u8]) -> Option<u8> {
        match name.strip_prefix(self.binding_prefix.as_bytes())? {
            [letter @ b'a'..=b't'] => Some(letter - b'a'),
            _ => None,
        }
    }

    /// Derived, or `name`, which the application chose instead (without a prefix).
    pub(crate) fn new(name: Option<&str>, issuer: &str, client_id: &str, base: &BaseUrl) -> Self {
        let secure = base.is_https();
        match name {
            Some(name) => Self::named(name, secure),
            None => Self::named(&derived(issuer, client_id, base), secure),
        }
    }

    pub(crate) fn named(name: &str, secure: bool) -> Self {
        let prefix = if secure { "__Host-" } else { "" };
        let session = format!("{prefix}{name}");
        Self {
            marker: format!("{session}_m"),
            rounds: format!("{session}_r"),
            binding_prefix: format!("{prefix}oidc_{}", hex(&[&session], 3)),
            finder: Finder::new(&session).into_owned(),
            session,
            secure,
        }
    }
}

fn derived(issuer: &str, client_id: &str, base: &BaseUrl) -> String {
    let port = base.port().map_or_else(String::new, |port| port.to_string());
    format!("oidc_{}", hex(&[issuer, client_id, base.path(), &port], 4))
}

/// The first `bytes` bytes of a digest of all parts.
fn hex(parts: &[&str], bytes: usize) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    context.finish().as_ref()[..bytes].iter().map(|byte| format!("{byte:02x}")).collect()
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
    fn each_slot_has_a_name_and_no_other_name_is_one() {
        let names = CookieNames::named("a", true);
        for slot in 0..20 {
            assert_eq!(names.binding_slot(names.binding(slot).as_bytes()), Some(slot));
        }
        let prefix = &names.binding_prefix;
        for name in
            [prefix.clone(), format!("{prefix}u"), format!("{prefix}A"), format!("{prefix}aa")]
        {
            assert_eq!(names.binding_slot(name.as_bytes()), None, "{name}");
        }
        let other = CookieNames::named("b", true);
        assert_ne!(other.binding_prefix, names.binding_prefix);
        assert!(!names.binding(0).starts_with(&names.session));
    }

    #[test]
    fn names_are_tokens() {
        assert!(is_cookie_name("app"));
        for name in ["", "a b", "a=b", "a;b", "ä", "__Host-a", &"a".repeat(65)] {
            assert!(!is_cookie_name(name), "{name}");
        }
    }
}
