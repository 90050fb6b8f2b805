//! A cookie jar that is stricter than a browser: a cookie of ours with the wrong attributes is a failed test, not an
//! ignored cookie. As in a browser the port does not matter, the path does, and `Max-Age` runs by the test's clock.

use axum_oidc_session::clock::{Clock as _, ManualClock};
use url::Url;

use super::reply::{Reply, SetCookie};

#[derive(Clone, Debug)]
pub(crate) struct Jar {
    clock: ManualClock,
    cookies: Vec<Cookie>,
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
    expires_at: Option<i64>,
}

impl Jar {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { clock, cookies: Vec::new() }
    }

    /// Keeps what the reply to a request for `url` sets.
    pub(crate) fn keep(&mut self, url: &Url, reply: &Reply) {
        let host = url.host_str().unwrap().to_owned();
        for set in reply.set_cookies() {
            if is_ours(&set.name) {
                check(&set);
            }
            let path = attribute(&set, "path").unwrap_or_else(|| "/".to_owned());
            self.cookies.retain(|it| !(it.host == host && it.path == path && it.name == set.name));
            let expires_at = set.max_age.map(|age| self.clock.now().seconds() + age);
            let SetCookie { name, value, .. } = set;
            self.cookies.push(Cookie { host: host.clone(), path, name, value, expires_at });
        }
        self.drop_expired();
    }

    /// The `Cookie` header for a request to `url`.
    pub(crate) fn header(&mut self, url: &Url) -> Option<String> {
        self.drop_expired();
        let matches = |cookie: &&Cookie| {
            url.host_str() == Some(&cookie.host) && path_matches(url.path(), &cookie.path)
        };
        let pairs = self.cookies.iter().filter(matches);
        let pairs: Vec<String> = pairs.map(|it| format!("{}={}", it.name, it.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    pub(crate) fn value(&mut self, name: &str) -> Option<String> {
        self.drop_expired();
        self.cookies.iter().find(|it| it.name == name).map(|it| it.value.clone())
    }

    pub(crate) fn names(&mut self) -> Vec<String> {
        self.drop_expired();
        self.cookies.iter().map(|it| it.name.clone()).collect()
    }

    pub(crate) fn set(&mut self, host: &str, name: &str, value: &str) {
        self.remove(name);
        self.cookies.push(Cookie {
            host: host.to_owned(),
            path: "/".to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            expires_at: None,
        });
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.cookies.retain(|it| it.name != name);
    }

    fn drop_expired(&mut self) {
        let now = self.clock.now().seconds();
        self.cookies.retain(|it| it.expires_at.is_none_or(|at| now < at));
    }
}

/// The application's cookies are called `app…` ([`super::app`]), apart from those that tie login attempts to the browser.
fn is_ours(name: &str) -> bool {
    let plain = name.strip_prefix("__Host-").unwrap_or(name);
    plain == "app" || plain.starts_with("app_") || is_binding(name)
}

/// `oidc_`, six hexadecimal digits, and the letter of the slot.
pub(crate) fn is_binding(name: &str) -> bool {
    let name = name.strip_prefix("__Host-").unwrap_or(name);
    let Some((digits, slot)) = name.strip_prefix("oidc_").and_then(|rest| rest.split_at_checked(6))
    else {
        return false;
    };
    digits.bytes().all(|it| it.is_ascii_hexdigit()) && matches!(slot.as_bytes(), [b'a'..=b't'])
}

fn check(set: &SetCookie) {
    let secure = if set.name.starts_with("__Host-") { "; Secure" } else { "" };
    let max_age = set.max_age.unwrap_or_else(|| panic!("{} has no Max-Age", set.name));
    let right = format!("Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    assert_eq!(set.attributes, right, "the attributes of {}", set.name);
}

fn attribute(set: &SetCookie, wanted: &str) -> Option<String> {
    set.attributes.split(';').find_map(|attribute| {
        let (name, value) = attribute.trim().split_once('=')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.to_owned())
    })
}

/// RFC 6265 section 5.1.4.
fn path_matches(path: &str, cookie: &str) -> bool {
    path == cookie
        || (path.starts_with(cookie)
            && (cookie.ends_with('/') || path[cookie.len()..].starts_with('/')))
}
