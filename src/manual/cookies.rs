//! Which cookies are set, what is in them, and for how long.
//!
//! `N` is the session cookie's name. By default it is `oidc_` and eight hexadecimal digits of a digest over the issuer, the
//! client id, the base URL's path and its port (unless that is 443 for https or 80 for http), so that two applications on one
//! host do not meet; [`cookie_name`] replaces it. On https it begins with `__Host-`, which keeps sibling subdomains and plain
//! http from setting it. Nodes of one application have the same base URL, and so the same name.
//!
//! | cookie | holds | `Max-Age` |
//! |---|---|---|
//! | `N` | 256 random bits. In memory the whole finds the session; in a store one half finds it and the other opens it | until the deadline |
//! | `N_m` | which limit would end the session (`ceiling`, `idle`, `absolute`) and when, or what did end it. No id | until the deadline + 10 minutes |
//! | `N_r` | how many logins in a row led to nothing but the next | 10 minutes after the last |
//! | `B` and a letter, `a` to `t` | 72 random bits that tie the pending login attempts to this browser; one, unless several tabs started at the same time | the attempt's lifetime, 10 minutes by default |
//!
//! All of them have `Path=/`, `HttpOnly`, `SameSite=Lax` and, on https, `Secure`. Removals have the same attributes: a browser
//! ignores a removal of a `__Host-` cookie that lacks them.
//!
//! Session and marker are sent at login, at every touch and when the deadline has moved, not with each response.
//!
//! # Why `SameSite=Lax`
//!
//! The callback is a navigation that another site (the provider) begins: `Strict` would withhold the cookies from it, and no
//! login could finish. What `Lax` lets through, requests from sibling subdomains and WebSocket handshakes, the layer refuses by
//! `Sec-Fetch-Site` and `Origin`.
//!
//! # What is not accepted
//!
//! - A session cookie that is not 32 bytes in canonical base64url is none. Ids are never adopted from the browser.
//! - A session cookie that is sent twice with two values is none: which of them is ours cannot be told.
//! - A login attempt that was changed, or sealed for another issuer or client, or under a key that is not in the ring, is none.
//!
//! # Pending logins
//!
//! A login attempt travels in `state`, sealed. The browser keeps one cookie for all its attempts: a random value that each of
//! them names. An attempt that was started in another browser (login CSRF) does not name it. Tabs that start before any answer
//! has reached the browser are given a value each, in cookies of their own: there are 20 of these, so that twenty restored tabs
//! do not displace each other, and no more, so that neither many tabs nor another site can fill the request header.
//! `B` is `oidc_` and six digits of a digest of `N`, with the same prefix. All cookies of the crate together stay below 1 KB.
//!
//! # The key ring
//!
//! It seals login attempts, and requirements in links to the login (good for ten minutes too, and
//! for one session); sessions are sealed by the cookie itself. With [`MemoryStore`] a random key is
//! right: a login that is under way when the process restarts has to begin anew, as have all
//! sessions. To change keys without breaking logins that are under way, put the new key first and
//! keep the old one for the attempt's lifetime ([`KeyRing`]).
//!
//! # On plain http (loopback)
//!
//! There is no `Secure` and no `__Host-`. Browsers send cookies to every port of a host: two applications under development on
//! `127.0.0.1:3000` and `127.0.0.1:4000` get each other's cookies, but under different names, and ignore them.
//!
//! [`cookie_name`]: crate::OidcAuthBuilder::cookie_name
//! [`KeyRing`]: crate::KeyRing
//! [`MemoryStore`]: crate::MemoryStore
