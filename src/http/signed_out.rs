//! What a response does to the browser when the user's session was ended by their own wish: at the logout route, by
//! `AuthSession::end`, by `flush` or `delete` of the application data. The browser may be a shared one, also where the store
//! failed.
//!
//! 1. The session's cookie and its marker go.
//! 2. So do the bindings of logins: a login that was begun in this browser before cannot be finished in it afterwards (login
//!    CSRF). A response that no longer knows what the browser sent removes them all. One that this very response sets belongs to
//!    a login that was begun after the end, and stays.
//! 3. If the configuration says so, the browser drops what it has cached.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::cookies::CookieJar;
use crate::config::settings::Config;
use crate::session::attempt::{BINDING_SLOTS, BrowserBinding};

/// Marks the response. `sent`: the bindings that came with the request; `None`: they are not known any more.
pub(super) fn sign_out(config: &Config, headers: &mut HeaderMap, sent: Option<&[BrowserBinding]>) {
    let names = &config.cookies;
    let bindings: Vec<String> = (0..BINDING_SLOTS)
        .filter(|slot| sent.is_none_or(|sent| sent.iter().any(|binding| binding.slot() == *slot)))
        .map(|slot| names.binding(slot))
        .filter(|name| !sets(headers, name))
        .collect();
    let mut jar = CookieJar::new(names, headers);
    jar.remove(&names.session);
    jar.remove(&names.marker);
    bindings.iter().for_each(|name| jar.remove(name));
    if config.pages.clear_cache {
        headers.insert(&CLEAR_SITE_DATA, CACHE);
    }
}

/// Whether the response gives the browser a cookie of this name.
fn sets(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(SET_COOKIE).iter().any(|line| {
        let value = line.as_bytes().strip_prefix(name.as_bytes());
        value.is_some_and(|value| value.starts_with(b"="))
    })
}

/// Clear Site Data, section 3.1.
static CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const CACHE: HeaderValue = HeaderValue::from_static("\"cache\"");
