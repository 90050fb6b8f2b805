//! Events: what happened, for an audit log, for alarms, and to answer why somebody was signed out.
//!
//! [`on_event`] takes a function that is told each [`Event`] as it happens; the same events are lines of the log (`tracing`) and,
//! with the feature `metrics`, numbers. All three have one source: what is in one is in the others.
//!
//! | `EventKind` | `code()` | when | `detail()` |
//! |---|---|---|---|
//! | `SignedIn` | `signed_in` | a login led to a session | |
//! | `SignInRefused` | `sign_in_refused` | a login began or ended with an error page | the code of the page's cause |
//! | `TokensRefreshed` | `tokens_refreshed` | a refresh gave new tokens | |
//! | `RefreshFailed` | `refresh_failed` | it did not; the session goes on. Once for all requests that waited | the code of the access token's error |
//! | `SessionEnded` | `session_ended` | a session is over: expired or revoked | `ceiling`, `idle_limit`, `absolute_limit`, `logged_out`, `backchannel_logout`, `replaced`, `malformed_session_expiry`, `ended_by_application`, `not_delivered`, `revoked` |
//! | `SessionGone` | `session_gone` | a request came with the cookie of a session that its store no longer has | `ceiling`, `idle_limit`, `absolute_limit`, `revoked`: the limit that has come meanwhile, by the browser's word |
//! | `LogoutTokenAccepted` | `backchannel_logout` | the provider has ended sessions; each has a `SessionEnded` of its own | |
//! | `LogoutTokenRefused` | `logout_token_refused` | a logout token was refused, or not carried out | the code of the refusal |
//! | `ReplaySeen` | `replay_seen` | what is good once was sent again (the Back button of a browser that is signed in leads on to its page, and is none) | `login_attempt_used`, `logout_token_replayed` |
//! | `CrossSiteRefused` | `cross_site_request` | an unsafe request of another site was refused | `cross_site_fetch`, `cross_site_origin` |
//! | `StoreUnavailable` | `store_unavailable` | the session store could not be asked. Nobody is signed out by it | |
//! | `StoreConflict` | `store_conflict` | two changed the same session at once; the change was made again. Application data that could be merged are none | |
//! | `ProviderUnavailable` | `provider_unavailable` | the provider's metadata or keys could not be had | `metadata`, `keys` |
//! | `ProviderAvailable` | `provider_available` | they can be had again | `metadata`, `keys` |
//!
//! An ordinary request with a live session is no event: it costs nothing.
//!
//! # Why was I signed out?
//!
//! One event answers: the `SessionEnded` of that session. It has the [`EndReason`], when it happened, when the session began and the
//! ceiling in force, the user's `sub` and the provider's `sid`.
//!
//! ```
//! use std::io::Write as _;
//! use std::sync::Mutex;
//!
//! use axum_oidc_session::{EventKind, OidcAuth};
//!
//! # let path = std::env::temp_dir().join(format!("audit-{}.log", std::process::id()));
//! let file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
//! let audit = Mutex::new(file);
//! let builder = OidcAuth::builder("https://op.example.com", "my-client").on_event(move |event| {
//!     let (at, code, detail) = (event.at.seconds(), event.kind.code(), event.kind.detail());
//!     let who = event.kind.session().map(|session| (&session.reference, &session.subject));
//!     let Ok(mut audit) = audit.lock() else { return };
//!     // A disk that is full does not sign anybody out.
//!     let _ = writeln!(audit, "{at} {code} {detail} {who:?}");
//! });
//! # std::fs::remove_file(path)?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! - The node that ends a session tells it, once. Where two nodes notice at the same second that a limit has come, both may.
//! - A session that nobody uses again runs out unnoticed: there is nothing to tell it. Its end can be read from `SignedIn`.
//! - SQLite, PostgreSQL and Redis let go of a record at its deadline. A request that comes later finds nothing that could name the
//!   session: that end is told as `SessionGone`, with the limit and without a session. Each request with such a cookie tells it anew.
//! - The [`reference`](crate::EventSession::reference) is the same in all events of a session, on every node, also after
//!   `cycle_id`. It leads to no cookie, record or user; so it may be logged.
//!
//! # The sink
//!
//! It is called where the event happens, between two steps of a request: hand the event on (a channel, a file) and come back. A
//! sink that panics costs its event (`event_sink_panicked` in the log) and nothing else. Events hold no token, code, cookie or key: there
//! is no field for them. `sub` and `sid` are fields, and are left out of `Debug`, of the log and of the numbers.
//!
//! # The log
//!
//! Fields `event` (the code of the kind), `code` (the most special code there is), `session` (the reference) and `error` (the cause).
//! Levels: `error` for the store, `warn` for what was refused or failed, `info` for sign-ins and ends, `debug` for refreshes and conflicts.
//!
//! # Numbers (feature `metrics`)
//!
//! By the facade of the crate `metrics`: any of its exporters shows them. Labels are from the sets of codes above and in
//! [`errors_and_codes`](super::errors_and_codes).
//!
//! | name | kind | labels | what |
//! |---|---|---|---|
//! | `oidc_session_events_total` | counter | `event`, `detail` | how often each event happened |
//! | `oidc_session_provider_up` | gauge | `document` | 0 after a failure to fetch `metadata` or `keys`, 1 after the next success |
//! | `oidc_session_provider_pause_seconds` | gauge | `document` | how long nothing is asked after a failure: 1 s, doubling up to 30 s |
//!
//! [`on_event`]: crate::OidcAuthBuilder::on_event
//! [`Event`]: crate::Event
//! [`EndReason`]: crate::EndReason
