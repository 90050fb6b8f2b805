//! Events: what happened, for an audit log, for alarms, and to answer why somebody was signed out.
//!
//! [`on_event`] takes a function that is told each [`Event`] as it happens; the same events are lines of the log (`tracing`) and,
//! with the feature `metrics`, numbers. All three have one source: what is told is in all of them.
//!
//! | `EventKind` | `code()` | when | `detail()` |
//! |---|---|---|---|
//! | `SignedIn` | `signed_in` | a login led to a session | |
//! | `SignInRefused` | `sign_in_refused` | a login began or ended with an error page, also one that nobody was there to see any more; or its code was refused and the provider is asked for another one, after which it may yet end with `signed_in` | the code of the page's cause |
//! | `TokensRefreshed` | `tokens_refreshed` | a refresh gave new tokens | |
//! | `RefreshFailed` | `refresh_failed` | it did not; the session goes on, or a `SessionEnded` follows (`refresh_rejected`). With what the provider said, if it refused (`provider`). Once for all requests that waited; of a refresh token that is given up when that comes about, and not at each request after it | the code of the access token's error |
//! | `SessionEnded` | `session_ended` | a session is over: it was revoked, or a request found that its time has come and could still read it | `ceiling`, `idle_limit`, `absolute_limit`, `logged_out`, `backchannel_logout`, `replaced`, `malformed_session_expiry`, `continuity`, `refresh_rejected`, `ended_by_application`, `not_delivered`, `revoked` |
//! | `SessionGone` | `session_gone` | a request came with a session cookie and its marker, and the store has no such session. It proves nothing | `ceiling`, `idle_limit`, `absolute_limit`, `revoked`: the limit that has come meanwhile, by the browser's word |
//! | `LogoutTokenAccepted` | `backchannel_logout` | the provider has ended sessions; each has a `SessionEnded` of its own, told before | |
//! | `LogoutTokenRefused` | `logout_token_refused` | a logout token was refused, or not carried out | the code of the refusal |
//! | `ReplaySeen` | `replay_seen` | what is good once was sent again (the Back button of a browser that is signed in leads on to its page, and is none) | `login_attempt_used`, `logout_token_replayed` |
//! | `CrossSiteRefused` | `cross_site_request` | an unsafe request of another site was refused | `cross_site_fetch`, `cross_site_origin` |
//! | `StoreUnavailable` | `store_unavailable` | the session store could not be asked, or did not take or delete what it was to. Nobody is signed out by it | |
//! | `StoreConflict` | `store_conflict` | two changed the same session at once; the change was made again. Application data that could be merged are none | |
//! | `ProviderUnavailable` | `provider_unavailable` | the provider's metadata or keys could not be had, at each try; or its token endpoint does not answer any more, once | `metadata`, `keys`, `token_endpoint` |
//! | `ProviderAvailable` | `provider_available` | they can be had again, or it answers again | `metadata`, `keys`, `token_endpoint` |
//!
//! An ordinary request with a live session is no event: it costs nothing.
//!
//! # Why was I signed out?
//!
//! | how it ended | what answers |
//! |---|---|
//! | it was revoked: a logout here or at the provider, a new sign-in, the application | its `SessionEnded`, in every store |
//! | a limit came, and it was used once more: `MemoryStore` | its `SessionEnded`, told by that request |
//! | a limit came, and it was used once more: SQLite, PostgreSQL, Redis | its `SignedIn`, and a `SessionGone` that names no session |
//! | a limit came, and nobody used it again: `MemoryStore` | its `SessionEnded`, told by the sweep within a minute or so |
//! | a limit came, and nobody used it again: other stores | its `SignedIn` alone: nothing tells of the end |
//!
//! `SessionEnded` has the [`EndReason`], when it happened, when the session began and the ceiling in force, the user's `sub` and
//! the provider's `sid`. SQLite, PostgreSQL and Redis let go of a record at its deadline: a request that comes later finds nothing
//! that could name the session. Only one that was under way (`cancel_at_deadline`), or a limit that was shortened since, leads to
//! a `SessionEnded` of a limit there. Otherwise `SignedIn` says when the session began and what its ceiling was, and the settings
//! say the other limits; a refresh may have lowered the ceiling since.
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
//! - The node that ends a session tells it, once. Where two nodes notice at the same second that a limit has come, both may. A
//!   limit that has come is told although the store fails to delete the record, and not again by that node within ten minutes.
//! - `SessionGone` is told anew by each request with such cookies, also of a session that was revoked earlier (`revoked`) and whose
//!   `SessionEnded` was told then. It rests on the browser's word alone: whoever makes up a session cookie and a marker causes it,
//!   with the reason of their choice and as often as they like. So it proves nothing and is no ground for an alarm. Each
//!   such request costs the store a read and a deletion that finds nothing: limit requests per client in front of the
//!   application, as for any page.
//! - The [`reference`](crate::EventSession::reference) is the same in all events of a session, on every node, also after
//!   `cycle_id`. It leads to no cookie, record or user; so it may be logged.
//!
//! # The sink
//!
//! It is called where the event happens, between two steps of a request: hand the event on (a channel, a file) and come back. A
//! sink that panics costs its event (`event_sink_panicked` in the log) and nothing else. Events hold no token, code, cookie or
//! key: there is no field for them. `sub` and `sid` are fields, and are left out of `Debug`, of the log and of the numbers.
//!
//! What runs in a task of its own, the end of a sign-in or a logout, is told in that task: a client that hangs up hides nothing. A
//! sign-in that succeeds is told when its response is made; one that nobody takes is a `SessionEnded` with `not_delivered` and no
//! `SignedIn`. Pages of a login that does not even begin are told with the page.
//!
//! What the process does beside requests (deleting expired records, renewing leases, listening) is in the log alone when the store
//! fails: `expired_not_deleted`, `lease_not_renewed`, `events_lost`.
//!
//! # The log
//!
//! | field | in | what |
//! |---|---|---|
//! | `event` | all | the code of the kind |
//! | `code` | all | the `detail()` of `sign_in_refused`, `refresh_failed`, `logout_token_refused` and `replay_seen`; else the same as `event` |
//! | `session` | those of a session | its reference |
//! | `reason` | `session_ended`, `session_gone` | the `detail()` |
//! | `detail` | `cross_site_request` | the `detail()` |
//! | `document` | `provider_unavailable`, `provider_available` | the `detail()` |
//! | `seconds` | `provider_unavailable` | the pause |
//! | `provider_error`, `provider_error_description` | `sign_in_refused`, `refresh_failed`, where the provider refused | its `error` and `error_description` (such as the AADSTS text of Entra ID), bounded and without mail addresses |
//! | `error` | what was refused or failed, where there is one | the cause |
//!
//! Levels: `error` for the store, `warn` for what was refused or failed, `info` for sign-ins, ends and a provider that is back,
//! `debug` for refreshes and conflicts.
//!
//! # Numbers (feature `metrics`)
//!
//! By the facade of the crate `metrics`: any of its exporters shows them. Labels are from the sets of codes above and in
//! [`errors_and_codes`](super::errors_and_codes).
//!
//! | name | kind | labels | what |
//! |---|---|---|---|
//! | `oidc_session_events_total` | counter | `event`, `detail` | how often each event happened |
//! | `oidc_session_provider_up` | gauge | `document` | 0 after a failure to fetch `metadata` or `keys`, or when `token_endpoint` gives no answer; 1 after the next success or answer |
//! | `oidc_session_provider_pause_seconds` | gauge | `document` | how long nothing is asked after a failure: 1 s, doubling up to 30 s; 0 for `token_endpoint` |
//!
//! Neither gauge is there before the first failure. Every answer of the token endpoint counts, a refusal, too; no answer is no
//! connection, a timeout, a connection that broke, and a 5xx.
//!
//! # No breaker at the token endpoint
//!
//! Metadata and keys are backed off, since all requests want the same ones. The token endpoint is asked whenever it is needed:
//!
//! - A code lives for a minute or less and is good for one sign-in. A breaker that refused it would lose a sign-in that might
//!   have worked, and save one request.
//! - A refresh is asked for once per session at a time, however many requests and nodes want it, and not before the access token
//!   is due. While that is still valid a failure costs nobody anything.
//! - After one that got no answer, an answer of no use, or a refusal that the operator resolves, that session's next refresh
//!   waits, in that process: for 1 s, doubling up to 30 s, or as long as the provider asks (at most 5 minutes). Who asks in
//!   the meantime gets the same error at once.
//! - A provider that hangs holds a request no longer than the HTTP client's timeout.
//!
//! [`on_event`]: crate::OidcAuthBuilder::on_event
//! [`Event`]: crate::Event
//! [`EndReason`]: crate::EndReason
