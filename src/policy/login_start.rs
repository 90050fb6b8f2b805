//! Which requests may start a login (ceiling rule 18).
//!
//! 1. HEAD and prefetches start nothing: nobody has asked for a page yet.
//! 2. Nothing else starts one but a navigation: scripts, images and frames cannot show the provider's page.
//! 3. A navigation by the user (`Sec-Fetch-Site: none`, or no such header) or by our own pages (`same-origin`) starts one.
//! 4. Any other, `same-site` included, is started by another site. It starts one where there is no live session; beside a live
//!    session it would end it.

use super::RequestKind;

/// What a request may do at the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginStart {
    /// Start one.
    Allowed,
    /// Start one where there is no live session.
    ByAnotherSite,
    /// Nothing: the headers alone are asked for.
    Head,
    /// Nothing: nobody has asked for it yet.
    Prefetch,
    /// Nothing: it is no navigation.
    NotANavigation,
}

/// `site`: the value of `Sec-Fetch-Site`; one that cannot be read is empty.
pub(crate) fn login_start(kind: RequestKind, site: Option<&str>) -> LoginStart {
    match (kind, site) {
        (RequestKind::Head, _) => LoginStart::Head,
        (RequestKind::Prefetch, _) => LoginStart::Prefetch,
        (RequestKind::Navigation | RequestKind::UnsafeNavigation, site) => match site {
            None | Some("none" | "same-origin") => LoginStart::Allowed,
            Some(_) => LoginStart::ByAnotherSite,
        },
        (RequestKind::Frame | RequestKind::WebSocket | RequestKind::Fetch, _) => {
            LoginStart::NotANavigation
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_navigation_starts_a_login() {
        for site in [None, Some("none"), Some("same-origin"), Some("cross-site")] {
            for (kind, expected) in [
                (RequestKind::Head, LoginStart::Head),
                (RequestKind::Prefetch, LoginStart::Prefetch),
                (RequestKind::Frame, LoginStart::NotANavigation),
                (RequestKind::WebSocket, LoginStart::NotANavigation),
                (RequestKind::Fetch, LoginStart::NotANavigation),
            ] {
                assert_eq!(login_start(kind, site), expected, "{kind:?} {site:?}");
            }
        }
    }

    #[test]
    fn a_sibling_subdomain_is_another_site() {
        for (site, expected) in [
            (None, LoginStart::Allowed),
            (Some("none"), LoginStart::Allowed),
            (Some("same-origin"), LoginStart::Allowed),
            (Some("same-site"), LoginStart::ByAnotherSite),
            (Some("cross-site"), LoginStart::ByAnotherSite),
            (Some("Same-Origin"), LoginStart::ByAnotherSite),
            (Some(""), LoginStart::ByAnotherSite),
        ] {
            for kind in [RequestKind::Navigation, RequestKind::UnsafeNavigation] {
                assert_eq!(login_start(kind, site), expected, "{site:?}");
            }
        }
    }
}
