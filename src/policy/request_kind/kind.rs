//! The kinds and the rules between them; they are numbered in the folder's documentation.

use crate::policy::cross_site::is_safe;

use super::accept::accepts_html;

/// What of a request tells its kind. A header that is missing, or that is not text, is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RequestHeaders<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// `Sec-Fetch-Mode`.
    pub(crate) sec_fetch_mode: Option<&'a str>,
    /// `Sec-Fetch-Dest`.
    pub(crate) sec_fetch_dest: Option<&'a str>,
    /// `Accept`.
    pub(crate) accept: Option<&'a str>,
    /// `Upgrade`.
    pub(crate) upgrade: Option<&'a str>,
    /// `Sec-Purpose`, or where it is missing `Purpose` or `X-Moz`.
    pub(crate) purpose: Option<&'a str>,
    /// `X-Requested-With`.
    pub(crate) x_requested_with: Option<&'a str>,
}

/// What a client wants with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RequestKind {
    /// A page for the top of a tab, by GET.
    Navigation,
    /// A page as the answer to a form post, or to another unsafe method.
    UnsafeNavigation,
    /// A page inside another one.
    Frame,
    /// Something the user may want later.
    Prefetch,
    /// Headers only.
    Head,
    /// A WebSocket.
    WebSocket,
    /// Something a script or a program reads.
    Fetch,
}

/// What a client without a live session is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    /// 303 to the login, with the way back.
    RedirectToLogin,
    /// 401 with a page.
    Page401,
    /// 401 with a JSON body.
    Json401,
}

/// The kind of a request (rules 1 to 9).
pub(crate) fn request_kind(headers: &RequestHeaders<'_>) -> RequestKind {
    if headers.purpose.is_some_and(is_prefetch) {
        RequestKind::Prefetch
    } else if is_websocket_handshake(headers) {
        RequestKind::WebSocket
    } else if headers.method == "HEAD" {
        RequestKind::Head
    } else if headers.x_requested_with.is_some_and(|by| by.eq_ignore_ascii_case("XMLHttpRequest")) {
        RequestKind::Fetch
    } else if !is_safe(headers.method) {
        unsafe_kind(headers)
    } else if is_document(headers) && headers.method == "GET" {
        RequestKind::Navigation
    } else if is_frame(headers) && accepts_html(headers.accept) {
        RequestKind::Frame
    } else if is_old_browser(headers) && headers.method == "GET" && accepts_html(headers.accept) {
        RequestKind::Navigation
    } else {
        RequestKind::Fetch
    }
}

/// What a client of this kind is answered when it has no live session.
pub(crate) fn answer(kind: RequestKind) -> Answer {
    match kind {
        RequestKind::Navigation => Answer::RedirectToLogin,
        RequestKind::UnsafeNavigation | RequestKind::Frame => Answer::Page401,
        RequestKind::Prefetch | RequestKind::Head | RequestKind::WebSocket | RequestKind::Fetch => {
            Answer::Json401
        }
    }
}

fn unsafe_kind(headers: &RequestHeaders<'_>) -> RequestKind {
    if is_document(headers) || accepts_html(headers.accept) {
        RequestKind::UnsafeNavigation
    } else {
        RequestKind::Fetch
    }
}

/// `Sec-Purpose: prefetch;prerender` and its like; the older `Purpose: prefetch`.
fn is_prefetch(purpose: &str) -> bool {
    purpose.split([';', ',']).map(str::trim).any(|token| {
        token.eq_ignore_ascii_case("prefetch") || token.eq_ignore_ascii_case("prerender")
    })
}

fn is_websocket_handshake(headers: &RequestHeaders<'_>) -> bool {
    let upgrade = headers.upgrade.is_some_and(|protocols| {
        protocols.split(',').any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
    });
    upgrade || headers.sec_fetch_mode == Some("websocket")
}

/// The mode decides: a service worker that passes a navigation on empties the destination, and Chrome 76 to 79 send none.
fn is_document(headers: &RequestHeaders<'_>) -> bool {
    match headers.sec_fetch_mode {
        Some("navigate") => !is_frame(headers),
        Some(_) => false,
        None => headers.sec_fetch_dest == Some("document"),
    }
}

fn is_frame(headers: &RequestHeaders<'_>) -> bool {
    matches!(headers.sec_fetch_dest, Some("iframe" | "frame" | "fencedframe" | "embed" | "object"))
}

fn is_old_browser(headers: &RequestHeaders<'_>) -> bool {
    headers.sec_fetch_mode.is_none() && headers.sec_fetch_dest.is_none()
}
