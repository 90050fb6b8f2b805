//! What a request is for, by its headers.

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method};

use super::lines;
use crate::http::facts;
use crate::policy::{Answer, RequestKind, answer};

/// A redirect to the login is for a page at the top of a tab that the user opened now, by GET, and nothing else; such a page of
/// a browser of today always gets it.
pub fn negotiation(input: &[u8]) {
    let Some(lines) = lines(input) else { return };
    let Some((method, rest)) = lines.split_first() else { return };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return };
    let mut headers = HeaderMap::new();
    for (name, line) in NEGOTIATED.iter().zip(rest) {
        if let (false, Ok(value)) = (line.is_empty(), HeaderValue::from_str(line)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    let kind = facts::kind(&method, &headers);
    let is_redirect = answer(kind) == Answer::RedirectToLogin;
    assert_eq!(is_redirect, kind == RequestKind::Navigation);
    // A value that is not ASCII is none.
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let lists = |text: Option<&str>, wanted: &[&str]| {
        let lower = text.unwrap_or_default().to_ascii_lowercase();
        lower.split([',', ';']).any(|one| wanted.contains(&one.trim()))
    };
    let (mode, dest) = (text("sec-fetch-mode"), text("sec-fetch-dest"));
    let is_frame = dest.is_some_and(|dest| FRAMES.contains(&dest));
    let is_ahead =
        lists(text("sec-purpose").or_else(|| text("purpose")), &["prefetch", "prerender"]);
    let by_script =
        text("x-requested-with").is_some_and(|by| by.to_ascii_lowercase() == "xmlhttprequest");
    let wants_html = lists(text("accept"), &["text/html", "application/xhtml+xml"]);
    if is_redirect {
        assert_eq!(method, Method::GET);
        assert!(!is_ahead && !by_script, "{headers:?}");
        assert!(!text("upgrade").is_some_and(|it| it.trim().eq_ignore_ascii_case("websocket")));
        assert!(matches!(mode, None | Some("navigate")), "{headers:?}");
        assert!(!is_frame, "{headers:?}");
        // What a service worker passes on has a mode and no destination.
        assert!(mode.is_some() || dest == Some("document") || wants_html, "{headers:?}");
    } else if mode == Some("navigate") && !is_frame && method == Method::GET {
        assert!(is_ahead || by_script || headers.contains_key("upgrade"), "{headers:?}");
    }
    if is_ahead {
        assert_eq!(kind, RequestKind::Prefetch);
    }
}

/// In the order of the input's lines.
const NEGOTIATED: [&str; 7] = [
    "accept",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "upgrade",
    "sec-purpose",
    "x-requested-with",
    "purpose",
];

const FRAMES: [&str; 5] = ["iframe", "frame", "embed", "object", "fencedframe"];
