//! What was opened with a session ends with it: streams, downloads, WebSockets, tasks.
//!
//! A check at the start of a request is worth little where the response runs for hours. So the layer goes on looking.
//!
//! # What ends, and how
//!
//! WebSockets need the feature `ws`.
//!
//! | what | at the end of the session | what the client sees |
//! |---|---|---|
//! | server-sent events, any body of unknown length | ends | a clean end; an `EventSource` connects again, and gets 401 |
//! | a download: a body of a known length | is cut | a broken connection (HTTP/2: a reset stream): it knows that something is missing |
//! | a body of at most 64 KiB that is complete in memory when the handler returns (text, JSON, bytes) | nothing | all of it: it is on its way already |
//! | a WebSocket of `SessionWebSocketUpgrade` | is closed | a Close frame, code 1008, `session_expired` (a limit was reached) or `session_revoked` (somebody ended it) |
//! | another WebSocket, served by `SessionListener` | reading and writing its connection fails | a broken connection, as soon as the handler reads or writes |
//! | another WebSocket | nothing | – |
//! | a handler that runs | runs on; [`access_token`] and [`check`] refuse. With [`cancel_at_deadline`] it is dropped | its answer; or that of a request after the end |
//! | the application's own loops and tasks | what they make of [`ended`] or [`run_until_ended`] | – |
//!
//! Public routes are no exception: what a signed-in user opened there ends, too. The response of the request that ended the
//! session itself is left alone. Handlers need not know of any of this, and what feeds a body is dropped with it.
//!
//! A handler is not killed half-way by default, since half of an upload or of a payment is worse than all of it.
//!
//! # When
//!
//! At the **deadline of the moment**: other requests move the idle limit, a refresh may lower the ceiling, on any node. Nothing
//! is sent at or after it; where nothing is to be sent, the end comes within a second, [`ended`] included. What the server
//! pushes and what a socket receives is no use of the session. At an idle end the store is asked once whether the session
//! was used elsewhere. A wall clock that is set forward is noticed with the next frame, or within 30 s.
//!
//! At a **revocation**: a logout here or at the provider, another sign-in of the browser, an end by the application.
//!
//! | where the session was ended | known here |
//! |---|---|
//! | on this node | at once |
//! | on another, with PostgreSQL or Redis | as soon as the store's message arrives: usually some milliseconds, 2 s at most, or the staleness bound of [`live_cache_staleness`] if [`push_invalidation`] is on |
//! | in another process, with SQLite or another tower-sessions store | within 2 s: each session that something waits for is read every 1.5 s |
//! | while messages are not heard | within 2 s, in the same way |
//! | while the store cannot be asked | once it is back. The deadline counts all the same |
//!
//! A session that moves to a new id (`cycle_id`) takes along what was opened on the node where it moves; what is open on other
//! nodes ends.
//!
//! Of very many sessions that something waits for, reading each one takes its time: eight are read at once. Where a read
//! takes 5 ms, 2 s do for some 800 sessions while no messages are heard.
//!
//! # What it costs
//!
//! A finished body costs nothing. One that goes on costs about half a KiB of memory, a timer, and a look at the clock for
//! each frame; there is no task. With a shared store the connection for messages is tried every 0.5 s rather than every 5 s
//! while anything is open.
//!
//! # What it cannot cover
//!
//! - WebSockets over HTTP/2 (RFC 8441) with axum's own upgrade: their connection is shared. `SessionWebSocketUpgrade` closes
//!   them.
//! - What has left this process: bytes in buffers of the kernel and of proxies.
//! - Tasks of the application that do not ask.
//! - A client that does not read: nothing is sent to it any more, but its connection, and what feeds the body, stay until it
//!   reads or TCP gives it up. Close idle connections in front of the application.
//! - A download that a layer within this one compresses has no known length: it ends, and over HTTP/1.1 its client can't see
//!   that something is missing.
//!
//! [`access_token`]: crate::AuthSession::access_token
//! [`cancel_at_deadline`]: crate::AuthSessionLayer::cancel_at_deadline
//! [`check`]: crate::AuthSession::check
//! [`ended`]: crate::AuthSession::ended
//! [`live_cache_staleness`]: crate::OidcAuthBuilder::live_cache_staleness
//! [`push_invalidation`]: crate::OidcAuthBuilder::push_invalidation
//! [`run_until_ended`]: crate::AuthSession::run_until_ended
