//! What must be right around the application.
//!
//! # At the provider
//!
//! | register | value, with the default paths |
//! |---|---|
//! | redirect URI | base URL + `/auth/callback` |
//! | post-logout redirect URI | base URL + `/` |
//! | ID Token signing algorithm | RS256, or what [`id_token_signing_alg`] says; exactly one is accepted |
//! | client authentication | what [`client_authentication`] says; without it `client_secret_basic`, or `client_secret_post` if the metadata offers only that |
//! | grant types | `authorization_code`, `refresh_token` |
//! | back-channel logout URI | base URL + `/auth/backchannel-logout`, if the provider has it; reachable from the provider |
//!
//! The issuer is compared byte for byte, a trailing slash included: copy the member `issuer` of the provider's metadata, not the
//! URL that they are at. If the provider names others than this client in `aud`, list them in [`trusted_audiences`]. If it
//! issues refresh tokens for the scope `offline_access` alone, say [`offline_access`].
//!
//! # Base URL, proxies and `Host`
//!
//! - [`base_url`] is what browsers see: scheme, host, port, path prefix. Every URL that is emitted comes from it. `Host`,
//!   `Forwarded` and `X-Forwarded-*` are never believed, so there is no list of trusted proxies to keep.
//! - It is https, except on a loopback address. TLS may end at the proxy.
//! - A login that begins on another host name (`localhost` for `127.0.0.1`, `www.` for none) is first sent to the base URL, once,
//!   so that the attempt's cookie and the callback meet. A proxy that rewrites `Host` costs that one redirect per login.
//! - Proxies must pass on `Cookie` and `Set-Cookie`, and unchanged: `Origin` and `Sec-Fetch-Site`, without which the guard
//!   against cross-site requests sees nothing, and `Sec-Fetch-Mode` and `Sec-Fetch-Dest`, without which browsers are told
//!   from programs by `Accept` alone.
//! - The callback's query may have several kilobytes: allow 32 KB for the request line where it can be set.
//!
//! # A path prefix
//!
//! With `base_url("https://example.com/shop")` the auth routes are made for `/auth/…`. It does not matter who takes `/shop`
//! off: the proxy, or `Router::nest("/shop", app)`. `return_to` gets the prefix back if it is missing. Cookies have `Path=/` all
//! the same, as `__Host-` demands; their names differ by prefix.
//!
//! # Layer order
//!
//! | order | result |
//! |---|---|
//! | `.route(…).layer(auth.layer()).merge(auth.routes())` | recommended |
//! | `.route(…).merge(auth.routes()).layer(auth.layer())` | the same: the layer lets the auth routes through |
//! | `.layer(auth.layer()).route(…)` | wrong: axum's `layer` wraps only what was added before. `AuthSession` answers 500 and names the missing layer |
//!
//! - [`require_login`] goes inside: `.route_layer(require_login()).layer(auth.layer())`.
//! - Layers that answer by themselves (a cache, a rate limiter keyed by user) belong inside the session layer, or they answer
//!   without the deadline having been looked at.
//! - Compression, tracing and panic handling may be on either side.
//! - Of two layers of the same [`OidcAuth`] around one handler, the outer decides; the inner one lets the request pass.
//!
//! # Public pages
//!
//! A page that works with and without a user extracts `Option<AuthSession>`. The first request after the deadline is refused
//! even there (a 303 to the login): the user is told rather than silently signed out. Where that is not wanted, give those
//! routes `auth.layer().continue_anonymous()`: the handler then runs with `None`, and [`SessionStatus`] tells it what ended the
//! session. Put public and protected routes into two
//! routers, each with its layer, and merge them.
//!
//! # Several applications on one host
//!
//! Their cookie names differ if issuer, client id, base path or port differ; the rest they share with the host. They are one
//! *site* and, if scheme, host and port agree, one *origin*: the guard against cross-site requests does not separate them, nor
//! does anything else in a browser. Give applications that do not trust each other hosts of their own.
//!
//! Several [`OidcAuth`] in one process (one per customer's provider) each need a store of their own; `build()` refuses a
//! [`MemoryStore`] that belongs to another issuer or client.
//!
//! # Caching
//!
//! - A response to a request with a session is `no-store`, unless the handler sets `Cache-Control` itself.
//! - A response that must carry one of our cookies (a touch, a new id, an end) always carries it. If the handler's
//!   `Cache-Control` has neither `no-store` nor `private`, it is replaced by `no-store` on that response: a shared cache would
//!   hand one user's session to the next. Serve files that caches are to keep beside the layer.
//! - A page with `Option<AuthSession>` that is served without a session is not marked. If a cache may keep it, say
//!   `Vary: Cookie` or `private` yourself.
//! - What browsers keep for the Back button is another matter: [`pages`](super::pages).
//!
//! # Clock
//!
//! The ceiling is a wall-clock time that the provider states. Keep NTP running. The leeway of 30 s covers the difference of two
//! ordinary clocks; raise it with [`session_expiry_leeway`] if yours are worse. A clock that jumps forward ends sessions, and
//! what has ended does not come back when the clock is corrected. Where nodes share a store, one of them whose clock is set far back
//! notes uses as of long ago, and the others take sessions for idle. Some seconds between two nodes do no harm.
//!
//! # The provider may be down
//!
//! `build()` asks nobody. The application starts, serves live sessions and signs out locally while the provider is down; a login
//! is a 503 page with `Retry-After`. What waiting does not cure (a 404, the metadata of another issuer) is a 502 page that says that
//! the sign-in is set up wrongly; the log has the values, the URL and the setting to look at. Metadata and keys are cached: fresh for 5 minutes to 24 hours as `Cache-Control` says
//! (1 hour if it says nothing), and used for up to 7 days more while they cannot be renewed. Failures are retried after 1 s,
//! doubling up to 30 s.
//!
//! # Processes and nodes
//!
//! [`MemoryStore`] keeps sessions in the process: a restart signs everyone out, and a second process knows nothing of the
//! first one's sessions. At its capacity (100,000 sessions unless set) new logins get 503; nobody who is signed in is put out.
//! For restarts and for several nodes choose another store: [`stores`](super::stores).
//!
//! # Long responses
//!
//! Streams and sockets end with the session: [`long_responses`](super::long_responses). A proxy must not buffer server-sent
//! events, and its own time limits for idle connections count, too. For WebSockets whose handlers know nothing of sessions, serve
//! with `SessionListener` (feature `ws`).
//!
//! [`MemoryStore`]: crate::MemoryStore
//! [`OidcAuth`]: crate::OidcAuth
//! [`SessionStatus`]: crate::SessionStatus
//! [`client_authentication`]: crate::OidcAuthBuilder::client_authentication
//! [`offline_access`]: crate::OidcAuthBuilder::offline_access
//! [`trusted_audiences`]: crate::OidcAuthBuilder::trusted_audiences
//! [`base_url`]: crate::OidcAuthBuilder::base_url
//! [`id_token_signing_alg`]: crate::OidcAuthBuilder::id_token_signing_alg
//! [`require_login`]: crate::require_login
//! [`session_expiry_leeway`]: crate::OidcAuthBuilder::session_expiry_leeway
