//! Cookies in and out.
//!
//! In: one scan of the `Cookie` headers for our names; other cookies cost a comparison each. A session cookie that is sent
//! twice with two values is taken for none: which of them is ours can't be told.
//!
//! Out: every cookie has `Path=/`, `HttpOnly`, `SameSite=Lax` (the callback is a cross-site navigation) and, on https,
//! `Secure`; a removal has the same attributes, or a browser would ignore it for `__Host-` names.

use std::time::Duration;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use memchr::memmem::Finder;

use crate::clock::UnixTime;
use crate::config::cookie_names::CookieNames;
use crate::policy::{Deadline, Refusal, marker_max_age, max_age, refusal_of_absence};
use crate::session::attempt::{BINDING_SLOTS, BrowserBinding};
use crate::session::id::{SentCookie, SessionCookie};

/// What the browser sent, as it sent it: a marker is read only where there is no session.
#[derive(Default)]
pub(crate) struct SentCookies<'a> {
    session: Option<&'a [u8]>,
    marker: Option<&'a [u8]>,
    pub(crate) has_rounds: bool,
}

impl<'a> SentCookies<'a> {
    pub(crate) fn scan(headers: &'a HeaderMap, names: &CookieNames) -> Self {
        let mut doubled = false;
        let mut sent = Self::default();
        for header in headers.get_all(COOKIE) {
            // All of ours begin with the name of the session cookie.
            for pair in pairs_that_begin_with(&names.finder, header.as_bytes()) {
                match pair {
                    [b'=', value @ ..] => {
                        doubled |= sent.session.is_some_and(|earlier| earlier != value);
                        sent.session = Some(value);
                    }
                    [b'_', b'm', b'=', value @ ..] => sent.marker = Some(value),
                    [b'_', b'r', b'=', ..] => sent.has_rounds = true,
                    _ => {}
                }
            }
        }
        if doubled {
            sent.session = None;
        }
        sent
    }

    pub(crate) fn session(&self) -> Option<SentCookie<'a>> {
        self.session.and_then(SentCookie::new)
    }

    pub(crate) fn marker(&self) -> Option<MarkerCookie> {
        self.marker.and_then(MarkerCookie::parse)
    }

    /// All of it, with the `session` that was read from it.
    pub(crate) fn read(&self, session: Option<SessionCookie>) -> RequestCookies {
        RequestCookies { session, marker: self.marker(), has_rounds: self.has_rounds }
    }
}

/// What the browser sent.
#[derive(Debug)]
pub(crate) struct RequestCookies {
    pub(crate) session: Option<SessionCookie>,
    pub(crate) marker: Option<MarkerCookie>,
    pub(crate) has_rounds: bool,
}

impl RequestCookies {
    pub(crate) fn scan(headers: &HeaderMap, names: &CookieNames) -> Self {
        let sent = SentCookies::scan(headers, names);
        sent.read(sent.session().and_then(SentCookie::read))
    }
}

/// What the marker cookie says of the session that was issued with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MarkerCookie {
    /// What has ended the session, or would have.
    pub(crate) refusal: Refusal,
    /// When that was to be, if the session was not over when the marker was set.
    deadline: Option<Deadline>,
}

impl MarkerCookie {
    /// Why a session that is gone ended: before its deadline by no limit.
    pub(crate) fn of_gone_session(self, now: UnixTime) -> Refusal {
        self.deadline.map_or(self.refusal, |deadline| refusal_of_absence(deadline, now))
    }

    fn parse(value: &[u8]) -> Option<Self> {
        let value = std::str::from_utf8(value).ok()?;
        let (reason, at) = match value.split_once('.') {
            Some((reason, at)) => (reason, Some(UnixTime::from_seconds(at.parse().ok()?))),
            None => (value, None),
        };
        let refusal = Refusal::named(reason)?;
        let deadline = refusal.limit().zip(at).map(|(limit, at)| Deadline { at, limit });
        Some(Self { refusal, deadline })
    }
}

/// Whether the browser sends any cookie of this application's login.
pub(crate) fn sends_any(headers: &HeaderMap, names: &CookieNames) -> bool {
    let named = [&names.session, &names.marker, &names.rounds];
    pairs(headers).any(|(name, _)| {
        named.iter().any(|ours| ours.as_bytes() == name) || names.binding_slot(name).is_some()
    })
}

/// The value of the first cookie called `name`.
pub(crate) fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    pairs(headers)
        .find(|(candidate, _)| *candidate == name.as_bytes())
        .and_then(|(_, value)| String::from_utf8(value.to_vec()).ok())
}

/// The browser bindings that were sent; of more than there are slots for, the first.
pub(crate) fn bindings(headers: &HeaderMap, names: &CookieNames) -> Vec<BrowserBinding> {
    pairs(headers)
        .filter_map(|(name, value)| BrowserBinding::parse(names.binding_slot(name)?, value))
        .take(usize::from(BINDING_SLOTS))
        .collect()
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers.get_all(COOKIE).iter().flat_map(split).filter_map(|pair| {
        let equals = memchr::memchr(b'=', pair)?;
        Some((&pair[..equals], &pair[equals + 1..]))
    })
}

/// What follows the prefix in the pairs of one header that begin with it.
fn pairs_that_begin_with<'a>(
    prefix: &Finder<'_>,
    header: &'a [u8],
) -> impl Iterator<Item = &'a [u8]> {
    // What is left of the header; it begins with a pair.
    let mut rest = header;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            rest = rest.trim_ascii_start();
            // Ours often follow each other.
            let start = if rest.starts_with(prefix.needle()) { 0 } else { prefix.find(rest)? };
            let begins_a_pair =
                start == 0 || matches!(rest[..start].trim_ascii_end(), [] | [.., b';']);
            let after = &rest[start + prefix.needle().len()..];
            let end = memchr::memchr(b';', after);
            rest = end.map_or(&[], |end| &after[end + 1..]);
            if begins_a_pair {
                return Some(after[..end.unwrap_or(after.len())].trim_ascii_end());
            }
        }
        None
    })
}

/// The pairs of one header, without the spaces around them.
fn split(header: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header.as_bytes());
    std::iter::from_fn(move || {
        let bytes = rest?;
        let end = memchr::memchr(b';', bytes);
        rest = end.map(|end| &bytes[end + 1..]);
        Some(bytes[..end.unwrap_or(bytes.len())].trim_ascii())
    })
}

/// Writes `Set-Cookie` headers.
pub(crate) struct CookieJar<'a> {
    names: &'a CookieNames,
    headers: &'a mut HeaderMap,
}

impl<'a> CookieJar<'a> {
    pub(crate) fn new(names: &'a CookieNames, headers: &'a mut HeaderMap) -> Self {
        Self { names, headers }
    }

    /// The session cookie, and the marker that outlives it by ten minutes (ceiling rules 8 and 12).
    pub(crate) fn issue(&mut self, cookie: &SessionCookie, deadline: Deadline, now: UnixTime) {
        let lifetime = max_age(deadline, now).as_secs();
        let marker = format!("{}.{}", deadline.limit.as_str(), deadline.at.seconds());
        self.set(&self.names.session, &cookie.encode(), lifetime);
        self.set(&self.names.marker, &marker, marker_max_age(deadline, now).as_secs());
    }

    /// The session has ended: its cookie goes, the marker says why for ten more minutes.
    pub(crate) fn ended(&mut self, refusal: Refusal) {
        self.remove(&self.names.session);
        self.mark_ended(refusal);
    }

    /// The session has ended, and the browser may hold a newer one: its cookie stays. If it is the old one the marker says why.
    pub(crate) fn mark_ended(&mut self, refusal: Refusal) {
        self.set(&self.names.marker, refusal.reason(), MARKER_OUTLIVES);
    }

    /// Its attempt has another binding now.
    pub(crate) fn unbind(&mut self, browser: &BrowserBinding) {
        self.remove(&self.names.binding(browser.slot()));
    }

    /// Ties a login attempt to the browser, for as long as an attempt lives.
    pub(crate) fn bind(&mut self, browser: &BrowserBinding, lifetime: Duration) {
        self.set(&self.names.binding(browser.slot()), &browser.encode(), lifetime.as_secs());
    }

    pub(crate) fn set(&mut self, name: &str, value: &str, max_age: u64) {
        let secure = if self.names.secure { "; Secure" } else { "" };
        let cookie =
            format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
        if let Ok(mut header) = HeaderValue::try_from(cookie) {
            header.set_sensitive(true);
            self.headers.append(SET_COOKIE, header);
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.set(name, "", 0);
    }
}

/// Seconds.
const MARKER_OUTLIVES: u64 = 600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Limit;
    use crate::random::SystemRandom;

    fn names() -> CookieNames {
        CookieNames::named("s", true)
    }

    fn scan(headers: &[&str]) -> RequestCookies {
        let headers =
            headers.iter().map(|value| (COOKIE, HeaderValue::from_str(value).unwrap())).collect();
        RequestCookies::scan(&headers, &names())
    }

    #[test]
    fn ours_are_found_among_others() {
        let value = SessionCookie::generate(&SystemRandom).unwrap().encode();
        let found = scan(&[
            "a=b; __Host-s_m=ceiling;__Host-s_r=1",
            &format!("x; __Host-s_x=y; __Host-s={}; __Host-sx=1", *value),
        ]);
        assert_eq!(*found.session.unwrap().encode(), *value);
        let marker = found.marker.unwrap();
        assert_eq!(marker, MarkerCookie { refusal: Refusal::CeilingReached, deadline: None });
        assert!(found.has_rounds);
    }

    #[test]
    fn a_name_inside_another_pair_is_not_ours() {
        let value = SessionCookie::generate(&SystemRandom).unwrap().encode();
        let none = [
            format!("a=__Host-s={}", *value),
            format!("a=; b__Host-s={}", *value),
            format!("__Host-t __Host-s={}", *value),
            format!("__Host-__Host-s={}", *value),
        ];
        for header in none {
            assert!(scan(&[&header]).session.is_none(), "{header}");
            let and_ours = format!("{header}; \t __Host-s={} \t;", *value);
            assert!(scan(&[&and_ours]).session.is_some(), "{and_ours}");
        }
    }

    #[test]
    fn two_values_are_none_and_one_value_twice_is_one() {
        let (one, two) = (
            SessionCookie::generate(&SystemRandom).unwrap().encode(),
            SessionCookie::generate(&SystemRandom).unwrap().encode(),
        );
        let twice = |a: &str, b: &str| scan(&[&format!("__Host-s={a}; __Host-s={b}")]).session;
        assert!(twice(&one, &two).is_none());
        assert!(twice(&one, "garbage").is_none());
        assert!(twice(&one, &one).is_some());
    }

    #[test]
    fn a_session_that_is_gone_before_its_deadline_was_revoked() {
        let marker = scan(&["__Host-s_m=idle.100"]).marker.unwrap();
        assert_eq!(marker.refusal, Refusal::IdleLimit);
        assert_eq!(marker.of_gone_session(UnixTime::from_seconds(94)), Refusal::Revoked);
        assert_eq!(marker.of_gone_session(UnixTime::from_seconds(95)), Refusal::IdleLimit);
        let ended = scan(&["__Host-s_m=absolute"]).marker.unwrap();
        assert_eq!(ended.of_gone_session(UnixTime::from_seconds(0)), Refusal::AbsoluteLimit);
    }

    /// nginx, Apache and Tomcat refuse a request with more than 8 KB of cookies; ours leave most of that to the application.
    #[test]
    fn all_cookies_together_stay_below_a_kilobyte() {
        for name in ["oidc_01234567", &"n".repeat(64)] {
            let (names, mut headers) = (CookieNames::named(name, true), HeaderMap::new());
            let mut jar = CookieJar::new(&names, &mut headers);
            let cookie = SessionCookie::generate(&SystemRandom).unwrap();
            let at = UnixTime::from_seconds(9_999_999_999);
            jar.issue(&cookie, Deadline { at, limit: Limit::Absolute }, UnixTime::from_seconds(0));
            jar.set(&names.rounds, "255.insufficient", 600);
            for slot in 0..BINDING_SLOTS {
                let browser = BrowserBinding::generate(slot, &SystemRandom).unwrap();
                jar.bind(&browser, Duration::from_secs(600));
            }
            let pairs = headers
                .get_all(SET_COOKIE)
                .iter()
                .map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
            let sent = pairs.collect::<Vec<_>>().join("; ");
            assert!(sent.len() <= 1024, "{} bytes: {sent}", sent.len());
            let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(sent).unwrap())]);
            assert_eq!(bindings(&headers, &names).len(), usize::from(BINDING_SLOTS));
        }
    }

    #[test]
    fn of_many_bindings_no_more_are_read_than_there_are_slots() {
        let names = names();
        let pair = format!("{}=AAAAAAAAAAAA; ", names.binding(3));
        let value = HeaderValue::try_from(pair.repeat(1_000)).unwrap();
        let headers = HeaderMap::from_iter([(COOKIE, value)]);
        assert_eq!(bindings(&headers, &names).len(), usize::from(BINDING_SLOTS));
    }

    #[test]
    fn each_of_our_cookies_shows_that_cookies_are_kept() {
        let names = names();
        let binding = names.binding(7);
        let sends = |header: &str| {
            let value = HeaderValue::from_str(header).unwrap();
            sends_any(&HeaderMap::from_iter([(COOKIE, value)]), &names)
        };
        for name in [&names.session, &names.marker, &names.rounds, &binding] {
            assert!(sends(&format!("a=b; {name}=x")), "{name}");
            assert!(!sends(&format!("a=b; {name}x=x; x{name}=x; c={name}=x")), "{name}");
        }
        assert!(!sends_any(&HeaderMap::new(), &names));
    }

    #[test]
    fn garbage_is_nothing() {
        for header in
            ["", ";", "=", ";;=;", "__Host-s", "__Host-s=", "__Host-s=x", "s=1", "\u{e4}=1"]
                .into_iter()
                .chain(["__Host-s_m=", "__Host-s_m=x", "__Host-s_m=idle.", "__Host-s_m=idle.1x"])
        {
            let found = scan(&[header]);
            assert!(found.session.is_none() && found.marker.is_none() && !found.has_rounds);
        }
    }

    #[test]
    fn a_removal_has_the_attributes_of_the_issue() {
        let (names, mut headers) = (names(), HeaderMap::new());
        let mut jar = CookieJar::new(&names, &mut headers);
        let cookie = SessionCookie::generate(&SystemRandom).unwrap();
        let deadline = Deadline { at: UnixTime::from_seconds(100), limit: Limit::Ceiling };
        jar.issue(&cookie, deadline, UnixTime::from_seconds(60));
        jar.ended(Refusal::Revoked);
        jar.remove(&names.session);
        let lines: Vec<&str> =
            headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
        let attributes =
            |max_age| format!("; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(lines[0], format!("__Host-s={}{}", *cookie.encode(), attributes(40)));
        assert_eq!(lines[1], format!("__Host-s_m=ceiling.100{}", attributes(640)));
        assert_eq!(lines[2], format!("__Host-s={}", attributes(0)));
        assert_eq!(lines[3], format!("__Host-s_m=revoked{}", attributes(600)));
        assert_eq!(lines[4], format!("__Host-s={}", attributes(0)));
    }
}
