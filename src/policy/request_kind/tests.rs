//! One row per client.

use super::{Answer, RequestHeaders, RequestKind, answer, request_kind};

const HTML: Option<&str> = Some("text/html,application/xhtml+xml,*/*;q=0.8");
const ANY: Option<&str> = Some("*/*");
const JSON: Option<&str> = Some("application/json");

/// Method, Sec-Fetch-Mode, Sec-Fetch-Dest, Accept.
fn kind(method: &str, mode: Option<&str>, dest: Option<&str>, accept: Option<&str>) -> RequestKind {
    let (sec_fetch_mode, sec_fetch_dest) = (mode, dest);
    let headers = RequestHeaders {
        method,
        sec_fetch_mode,
        sec_fetch_dest,
        accept,
        ..RequestHeaders::default()
    };
    request_kind(&headers)
}

#[test]
fn browsers_are_told_apart_by_fetch_metadata() {
    use RequestKind::{Fetch, Frame, Head, Navigation, UnsafeNavigation, WebSocket};
    for (method, mode, dest, accept, expected) in [
        ("GET", "navigate", "document", HTML, Navigation),
        ("GET", "navigate", "document", None, Navigation),
        ("HEAD", "navigate", "document", HTML, Head),
        ("POST", "navigate", "document", HTML, UnsafeNavigation),
        ("POST", "navigate", "document", ANY, UnsafeNavigation),
        ("DELETE", "cors", "empty", HTML, UnsafeNavigation),
        ("POST", "cors", "empty", ANY, Fetch),
        ("POST", "cors", "empty", JSON, Fetch),
        ("GET", "navigate", "iframe", HTML, Frame),
        ("GET", "navigate", "frame", HTML, Frame),
        ("GET", "navigate", "fencedframe", HTML, Frame),
        ("GET", "navigate", "embed", HTML, Frame),
        ("GET", "navigate", "object", HTML, Frame),
        ("GET", "navigate", "iframe", ANY, Fetch),
        ("GET", "no-cors", "embed", ANY, Fetch),
        ("POST", "navigate", "iframe", HTML, UnsafeNavigation),
        ("OPTIONS", "cors", "empty", HTML, Fetch),
        ("OPTIONS", "navigate", "document", HTML, Fetch),
        ("GET", "cors", "empty", HTML, Fetch),
        ("GET", "cors", "empty", JSON, Fetch),
        ("GET", "same-origin", "empty", ANY, Fetch),
        ("GET", "cors", "document", HTML, Fetch),
        // A service worker has passed them on.
        ("GET", "navigate", "empty", HTML, Navigation),
        ("GET", "navigate", "empty", ANY, Navigation),
        ("GET", "navigate", "", HTML, Navigation),
        ("HEAD", "navigate", "empty", HTML, Head),
        ("POST", "navigate", "empty", ANY, UnsafeNavigation),
        ("GET", "navigate", "something-new", HTML, Navigation),
        ("GET", "same-origin", "document", HTML, Fetch),
        ("GET", "no-cors", "image", Some("image/avif,*/*"), Fetch),
        ("GET", "no-cors", "script", ANY, Fetch),
        ("GET", "cors", "empty", Some("text/event-stream"), Fetch),
        ("GET", "websocket", "websocket", None, WebSocket),
        ("GET", "websocket", "empty", None, WebSocket),
    ] {
        let judged = kind(method, Some(mode), Some(dest), accept);
        assert_eq!(judged, expected, "{method} {mode} {dest} {accept:?}");
    }
}

#[test]
fn half_of_the_fetch_metadata_is_enough() {
    use RequestKind::{Fetch, Frame, Navigation};
    for (mode, dest, expected) in [
        (None, Some("document"), Navigation),
        (None, Some("iframe"), Frame),
        (None, Some("empty"), Fetch),
        (Some("cors"), None, Fetch),
        (Some("navigate"), None, Navigation),
    ] {
        assert_eq!(kind("GET", mode, dest, HTML), expected, "{mode:?} {dest:?}");
    }
}

#[test]
fn old_browsers_and_programs_are_told_apart_by_accept() {
    use RequestKind::{Fetch, Head, Navigation, UnsafeNavigation};
    for (method, accept, expected) in [
        ("GET", HTML, Navigation),
        ("GET", ANY, Fetch),
        ("GET", JSON, Fetch),
        ("GET", None, Fetch),
        ("HEAD", HTML, Head),
        ("OPTIONS", HTML, Fetch),
        ("POST", HTML, UnsafeNavigation),
        ("PUT", HTML, UnsafeNavigation),
        ("POST", ANY, Fetch),
        ("POST", None, Fetch),
        ("get", HTML, UnsafeNavigation),
    ] {
        assert_eq!(kind(method, None, None, accept), expected, "{method} {accept:?}");
    }
}

#[test]
fn other_headers_go_before() {
    use RequestKind::{Fetch, Navigation, Prefetch, WebSocket};
    let navigation = RequestHeaders {
        method: "GET",
        sec_fetch_mode: Some("navigate"),
        sec_fetch_dest: Some("document"),
        accept: HTML,
        ..RequestHeaders::default()
    };
    for (purpose, expected) in [
        ("prefetch", Prefetch),
        ("Prefetch", Prefetch),
        ("prefetch;prerender", Prefetch),
        ("prefetch; anonymous-client-ip", Prefetch),
        ("prerender", Prefetch),
        ("preview", Navigation),
        ("", Navigation),
    ] {
        let headers = RequestHeaders { purpose: Some(purpose), ..navigation };
        assert_eq!(request_kind(&headers), expected, "{purpose}");
    }
    for (upgrade, expected) in [
        ("websocket", WebSocket),
        ("WebSocket", WebSocket),
        ("h2c, websocket", WebSocket),
        ("h2c", Navigation),
    ] {
        let headers = RequestHeaders { upgrade: Some(upgrade), ..navigation };
        assert_eq!(request_kind(&headers), expected, "{upgrade}");
    }
    for (x_requested_with, method, expected) in [
        ("XMLHttpRequest", "GET", Fetch),
        ("xmlhttprequest", "GET", Fetch),
        ("XMLHttpRequest", "POST", Fetch),
        // Android's WebView sends the name of its application.
        ("com.example.app", "GET", Navigation),
    ] {
        let x_requested_with = Some(x_requested_with);
        let headers = RequestHeaders { x_requested_with, method, ..navigation };
        assert_eq!(request_kind(&headers), expected, "{x_requested_with:?}");
    }
}

#[test]
fn only_a_navigation_is_sent_to_the_login() {
    for (kind, expected) in [
        (RequestKind::Navigation, Answer::RedirectToLogin),
        (RequestKind::UnsafeNavigation, Answer::Page401),
        (RequestKind::Frame, Answer::Page401),
        (RequestKind::Prefetch, Answer::Json401),
        (RequestKind::Head, Answer::Json401),
        (RequestKind::WebSocket, Answer::Json401),
        (RequestKind::Fetch, Answer::Json401),
    ] {
        assert_eq!(answer(kind), expected);
    }
}
