//! The guard against requests that another site sends with our cookies (cross-site request forgery, cross-site WebSocket
//! hijacking). `SameSite=Lax` alone lets sibling subdomains through, and WebSocket handshakes of theirs.
//!
//! 1. A safe method (GET, HEAD, OPTIONS, TRACE) that is no WebSocket handshake is allowed: it changes nothing.
//! 2. `Sec-Fetch-Site: same-origin` is allowed, whatever `Origin` says: the browser compared the origins, and a strict
//!    referrer policy makes `Origin` `null` on requests of our own.
//! 3. `Sec-Fetch-Site: cross-site` is refused.
//! 4. `Sec-Fetch-Site: none` (the user, not a page, began the request), or no such header: refused if there is an `Origin` and
//!    it is not ours. `null` is not ours.
//! 5. Any other `Sec-Fetch-Site`, such as `same-site` (a sibling subdomain): refused unless `Origin` is ours.
//!
//! With neither header the request does not come from a browser of this decade, and is allowed. A header that cannot be
//! read as text is to be passed as an empty string, not as absent.

/// Decides whether a request may go on. `own_origin` is the origin of the configured base URL in the serialisation of
/// browsers: lower case, no default port, no slash at the end (RFC 6454 section 6.2).
pub(crate) fn cross_site(
    method: &str,
    is_websocket_handshake: bool,
    sec_fetch_site: Option<&str>,
    origin: Option<&str>,
    own_origin: &str,
) -> Result<(), CrossSite> {
    if is_safe(method) && !is_websocket_handshake {
        return Ok(());
    }
    match (sec_fetch_site, origin) {
        (Some("same-origin"), _) | (Some("none") | None, None) => Ok(()),
        (Some("cross-site"), _) => Err(CrossSite::FetchSite),
        (Some("none") | None, Some(origin)) if origin != own_origin => Err(CrossSite::Origin),
        (Some("none") | None, Some(_)) => Ok(()),
        (Some(_), origin) if origin == Some(own_origin) => Ok(()),
        (Some(_), _) => Err(CrossSite::FetchSite),
    }
}

/// Whether the method is safe (RFC 9110 section 9.2.1). Methods are case-sensitive; an unknown one is not safe.
pub(crate) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// Another site sends this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CrossSite {
    /// `Sec-Fetch-Site` says so.
    #[error("Sec-Fetch-Site says that another site sends this request")]
    FetchSite,
    /// `Origin` is another one, or `null`.
    #[error("Origin says that another site sends this request")]
    Origin,
}

impl CrossSite {
    /// A stable reason code for logs, responses and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FetchSite => "cross_site_fetch",
            Self::Origin => "cross_site_origin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://app.example.com";

    #[test]
    fn unsafe_methods_and_handshakes_are_guarded() {
        let (fetch, origin) = (Err(CrossSite::FetchSite), Err(CrossSite::Origin));
        for (site, from, expected) in [
            (None, None, Ok(())),
            (None, Some(OURS), Ok(())),
            (None, Some("https://evil.example"), origin),
            (None, Some("https://sibling.example.com"), origin),
            (None, Some("http://app.example.com"), origin),
            (None, Some("https://app.example.com:8443"), origin),
            (None, Some("https://app.example.com/"), origin),
            (None, Some("https://app.example.com.evil.example"), origin),
            (None, Some("null"), origin),
            (None, Some(""), origin),
            (Some("same-origin"), None, Ok(())),
            (Some("same-origin"), Some(OURS), Ok(())),
            (Some("same-origin"), Some("null"), Ok(())),
            (Some("same-origin"), Some("https://alias.example"), Ok(())),
            (Some("none"), None, Ok(())),
            (Some("none"), Some(OURS), Ok(())),
            (Some("none"), Some("null"), origin),
            (Some("none"), Some("https://evil.example"), origin),
            (Some("same-site"), None, fetch),
            (Some("same-site"), Some(OURS), Ok(())),
            (Some("same-site"), Some("https://sibling.example.com"), fetch),
            (Some("same-site"), Some("null"), fetch),
            (Some("cross-site"), None, fetch),
            (Some("cross-site"), Some(OURS), fetch),
            (Some("cross-site"), Some("https://evil.example"), fetch),
            (Some(""), None, fetch),
            (Some("Same-Origin"), None, fetch),
            (Some("something-new"), None, fetch),
            (Some("something-new"), Some(OURS), Ok(())),
        ] {
            for (method, handshake) in [
                ("POST", false),
                ("DELETE", false),
                ("get", false),
                ("CONNECT", true),
                ("GET", true),
            ] {
                let decided = cross_site(method, handshake, site, from, OURS);
                assert_eq!(decided, expected, "{method} {site:?} {from:?}");
            }
        }
    }

    #[test]
    fn safe_methods_are_not() {
        for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            let evil = Some("https://evil.example");
            assert_eq!(cross_site(method, false, Some("cross-site"), evil, OURS), Ok(()));
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get", ""] {
            assert!(!is_safe(method), "{method}");
        }
    }
}
