//! Who is sent to the login, and who gets a 401.
//!
//! The kind of a request, by the first rule that fits:
//!
//! 1. `Sec-Purpose`, `Purpose` or `X-Moz` says prefetch (or prerender): a prefetch.
//! 2. A WebSocket handshake: `Upgrade: websocket` or `Sec-Fetch-Mode: websocket`.
//! 3. The method is HEAD.
//! 4. `X-Requested-With: XMLHttpRequest`: a fetch.
//! 5. The method is unsafe: a navigation that must not be repeated as a GET, if `Sec-Fetch-*` calls it a document's or it
//!    accepts HTML; otherwise a fetch. Form posts inside a frame are among the former.
//! 6. `Sec-Fetch-Mode` is `navigate` and `Sec-Fetch-Dest` is not that of a frame, or there is no mode and the destination is
//!    `document`: a navigation, if the method is GET. (A service worker passes a navigation on with the destination `empty`.)
//! 7. `Sec-Fetch-Dest` is that of a frame (`iframe`, `frame`, `fencedframe`, `embed`, `object`): a frame, if it accepts HTML.
//! 8. Neither `Sec-Fetch-Dest` nor `Sec-Fetch-Mode`, an old browser: a navigation, if it is a GET that accepts HTML.
//! 9. Everything else is a fetch.
//!
//! "Accepts HTML" means that `Accept` names `text/html` or `application/xhtml+xml`; `*/*` is what programs send.
//!
//! The answer:
//!
//! | kind | answer |
//! |---|---|
//! | navigation | 303 to the login |
//! | unsafe navigation, frame | a page with status 401: never a silent GET, no login inside a frame |
//! | prefetch, HEAD, WebSocket, fetch | 401 with JSON; none of these starts a login |

mod accept;
mod kind;

pub(crate) use kind::{Answer, RequestHeaders, RequestKind, answer, request_kind};

#[cfg(test)]
mod tests;
