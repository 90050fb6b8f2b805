//! How open pages hear of the end, and why no cache shows a page of a session that is over.
//!
//! The layer decides about requests. A page that is open already sends none: it would show what it shows until somebody
//! clicks. And browsers keep pages, for the Back button above all. This chapter is about both.
//!
//! # The script
//!
//! ```html
//! <script src="/auth/session.js" defer></script>
//! ```
//!
//! The auth routes serve it: about 3 KB, without dependencies, the same for everybody. It belongs on every page that shows
//! something of a session, and does no harm on others.
//!
//! 1. **It asks.** At load it fetches `GET /auth/session` and reckons the deadline from the seconds that are left there, on
//!    the browser's monotonic clock (`performance.now()`). What time browser and server think it is does not matter.
//! 2. **It asks again** a minute before the deadline, at the deadline, and in between every minute, every half minute in the
//!    last one; when the tab comes back to sight or into focus, when the network comes back, when another tab has heard
//!    something new, and when told to. Tabs that are hidden ask once an hour, at the warning and at the deadline. Asking is
//!    no use of the session: an open page keeps nothing alive.
//! 3. **It warns** a minute before the deadline, in a bar at the bottom of the page, with a link that signs in again and
//!    comes back. When the deadline moves away (another tab was used, and the idle limit was the limit), the bar goes.
//! 4. **At the end** it replaces the page by what the server answers at the same URL now: a protected page leads to the login
//!    and comes back, a public page is the one without a user. It is a GET: a form that led to the page is not sent again. A
//!    page without a session is left alone, so there are no loops.
//! 5. **All tabs** hear of it over a `BroadcastChannel`: an end, a sign-in, a new deadline that one of them has noticed makes
//!    the others ask at once. After a form was posted anywhere they ask a second later, since it may have been the sign-out.
//! 6. **It fails closed.** While the server cannot be asked the last known deadline holds; when that has come and nobody says
//!    that the session goes on, the page goes (after 5 s at most). At the deadline nothing is shown until there is an answer.
//!    The wall clock is a second opinion for computers that slept, where the monotonic clock may have stood still: a deadline
//!    that has come by either clock leads to the question, and, if nobody answers, to the end.
//! 7. **Another user's session** is the end of the page, too: who signs in as somebody else in one tab does not act in the
//!    others' name.
//!
//! How soon an end is noticed by a page that is in sight:
//!
//! | end | noticed |
//! |---|---|
//! | the deadline | within a second |
//! | a sign-out in another tab of this browser | within two seconds, if that tab has the script too |
//! | a sign-out on another device, at the provider, by the application | within `data-poll` seconds |
//!
//! # Attributes
//!
//! | attribute | default | meaning |
//! |---|---|---|
//! | `data-warn` | 60 | seconds before the deadline at which to warn; 0: never |
//! | `data-poll` | 60 | seconds between two questions of a tab in sight; 5 at least. Each costs what a look at a session costs in your store: one round trip with a shared one |
//!
//! The path is a setting ([`AuthPaths::session_script`]). The script finds `/auth/session` relative to its own URL, so that
//! path prefixes need no template. It must be a classic script of the same origin, not a module.
//!
//! # Events
//!
//! On `document`. What `preventDefault()` is called on is left to the page.
//!
//! | event | when | by default |
//! |---|---|---|
//! | `session-updated` | each time the server said that there is a session | – |
//! | `session-warning` | once, `data-warn` seconds before the deadline | the bar |
//! | `session-ended` | once, at the end; also if the session is another user's now, and then `authenticated` is true | the page is replaced |
//!
//! `event.detail` has the members of the server's answer (`authenticated`, `sub`, `expires_at`, `expires_in`, `limit`, `reason`,
//! `login_url`), and `secondsLeft` and `loginUrl`, which comes back to this page and, while the provider's session sets the
//! deadline (`limit` is `ceiling`), has the provider ask the user (`again=1`): a sign-in without a question would lead to the
//! same end.
//!
//! A page that wants to say it in its own words:
//!
//! ```js
//! document.addEventListener('session-warning', (event) => {
//!   event.preventDefault();
//!   showMyDialog(event.detail.secondsLeft, event.detail.loginUrl);
//! });
//! ```
//!
//! Register before the script runs: by a script above it. `limit` is `idle` if any request would move the deadline: then a
//! button that fetches something under the layer serves better than a new sign-in. A page that handles `session-ended` itself
//! must take away what nobody should see any more.
//!
//! After a sign-out by `fetch` the page says so, and the other tabs hear of it:
//!
//! ```js
//! document.dispatchEvent(new Event('session-check'));
//! ```
//!
//! The bar has the class `session-warning`; its few styles are set on the element, so that a style sheet needs `!important`.
//!
//! # Content Security Policy
//!
//! `script-src 'self'; connect-src 'self'` is enough. Nothing inline, no `eval`, no markup from strings; the styles of the
//! bar are set by script, which `style-src` does not govern.
//!
//! # Caches
//!
//! | what keeps pages | what keeps it from showing one of an ended session |
//! |---|---|
//! | shared caches, the browser's cache | `Cache-Control: no-store` on responses to requests with a session, unless the handler sets its own |
//! | the browser's cache, where a handler lets it (`private, max-age=…`) | `Vary: Cookie`, which the layer adds unless the handler says `public`: without the session's cookie, or with another session's, the page is asked for again. The script: a document that came out of the cache, without a session now, is asked for again. [`clear_browser_cache_at_logout`] empties the cache at a sign-out |
//! | the back/forward cache | the script, below |
//!
//! The back/forward cache is no HTTP cache: it keeps the living page, scripts and all. Pages that are `no-store` used to be
//! kept out of it; Chromium has begun to let them in on https, and to drop them when a cookie of the site changes. An end at
//! the server changes no cookie. So the script hides the page when the browser puts it away, and shows it again only after
//! the server has said that the session goes on; until it says something, the page stays hidden. In Chromium there is more to
//! it: a page that is `no-store` and fetches what is `no-store`, as the script does, is not kept at all, and any other is
//! dropped as soon as another tab or page of the application speaks on the channel.
//!
//! # Seconds left on every response
//!
//! With [`session_expires_in_header`] responses to requests with a live session say `Session-Expires-In: 1234`, for scripts
//! that fetch anyway and need no request of their own to know. The number is that of the moment of the response, after the
//! handler and after a touch. It is left out where shared caches may keep the response. A browser that keeps one (`private,
//! max-age=…`) hands the old number out again.
//!
//! # What it is not
//!
//! Help for users who leave, not a lock: who has the page has what was sent with it, and a browser without scripts shows it
//! until it is left. What counts is decided by the layer, on every request. The script needs a browser of 2022 or later; in
//! an older one pages are as without it.
//!
//! [`AuthPaths::session_script`]: crate::AuthPaths::session_script
//! [`clear_browser_cache_at_logout`]: crate::OidcAuthBuilder::clear_browser_cache_at_logout
//! [`session_expires_in_header`]: crate::OidcAuthBuilder::session_expires_in_header
