//! What a request under the layer costs, beside other crates' layers, and what that means for an application.
//!
//! # The table
//!
//! A route that answers "hello", under one layer; what is told is what the layer adds to the same request on the bare route.
//!
//! | a request with | instructions | allocations | throughput | requests per second |
//! |---|---|---|---|---|
//! | the bare route against itself: the noise | | | 1.00 (0.94 to 1.02) | 159,000 |
//! | an empty axum layer | 1,086 | 3 | 0.99 (0.95 to 1.11) | 148,000 |
//! | the floor: a cookie, a sharded map of `Arc`s, a comparison, an extension | 3,091 | 5 | 0.95 (0.93 to 0.96) | 152,000 |
//! | **axum-oidc-session**, no cookie | 2,112 | 5 | 0.99 (0.96 to 1.02) | 154,000 |
//! | **axum-oidc-session**, session not read | 3,876 | 6 | 0.93 (0.90 to 0.96) | 145,000 |
//! | **axum-oidc-session**, `AuthSession` of 1.5 KB | 4,746 | 6 | 0.89 (0.87 to 1.04) | 138,000 |
//! | **axum-oidc-session**, its access token | 6,372 | 8 | 0.88 (0.85 to 0.90) | 112,000 |
//! | tower-sessions, session not read | 9,378 | 15 | 0.85 (0.85 to 0.87) | 137,000 |
//! | tower-sessions, 1.5 KB read | 63,426 | 123 | 0.46 (0.46 to 0.47) | 74,000 |
//! | axum-login, user read | 23,431 | 35 | 0.68 (0.66 to 0.80) | 107,000 |
//! | axum-login, user read, 1.5 KB in the session | 50,047 | 88 | 0.53 (0.49 to 0.57) | 83,000 |
//! | axum-oidc, claims read | 3,460,279 | 363 | 0.03 (0.03 to 0.03) | 4,000 |
//! | **axum-oidc-session**, SQLite asked | | | 0.36 (0.35 to 0.41) | 46,000 |
//! | **axum-oidc-session**, Redis asked | | | 0.46 (0.40 to 0.47) | 70,000 |
//! | **axum-oidc-session**, PostgreSQL asked | | | 0.40 (0.26 to 0.44) | 62,000 |
//! | tower-sessions, 1.5 KB read from SQLite | | | 0.19 (0.16 to 0.21) | 30,000 |
//! | tower-sessions, 1.5 KB read from Redis | | | 0.26 (0.26 to 0.27) | 42,000 |
//! | tower-sessions, 1.5 KB read from PostgreSQL | | | 0.09 (0.09 to 0.09) | 14,000 |
//! | **axum-oidc-session**, SQLite, live cache | | | 0.89 (0.79 to 0.92) | 116,000 |
//! | **axum-oidc-session**, Redis, live cache | | | 0.89 (0.86 to 0.91) | 138,000 |
//! | **axum-oidc-session**, PostgreSQL, live cache | | | 0.90 (0.89 to 0.90) | 140,000 |
//!
//! 2026-11-27, rustc 1.95.0, 2 cores; axum 0.8.9, tower-sessions 0.15.0 (0.14.0 over the stores and under the others), axum-login
//! 0.18.0, axum-oidc 0.6.0; `bash benches/compare.sh`, which takes six minutes.
//!
//! - *Instructions* (counted by callgrind) and *allocations* are of one request in process. They are the same on a busy machine,
//!   and differ by a few in a hundred between processors and compilers.
//! - *Throughput* is what `wrk` gets over loopback HTTP with 32 connections, as a fraction of the bare route's: the median of
//!   seven pairs of runs, the least and the greatest. Client, server and database share two cores. A handler that does
//!   something itself makes every ratio better: these are the worst.
//!
//! # What it means
//!
//! - **In memory a session costs next to nothing**: a lookup, three comparisons, two readings of the clock (the wall's, and the
//!   one that can't be set back), once when the request comes and once more when the handler asks for it. Claims are
//!   shared, not copied: 16 KB of them cost what 1.5 KB do. Nothing is parsed, verified or written again; signatures
//!   are checked at the login and at a refresh.
//! - **A store outside of the process costs its round trip**, one a request, and little else. A record that comes again
//!   unchanged, to the last byte, is not deciphered and parsed again: 15,700 instructions instead of 190,000.
//! - **The live cache** ([`push_invalidation`], or an exclusive SQLite file) takes the round trip away, for the price that is told
//!   in [`stores`](super::stores): an end on another node is known within its bound.
//! - **PostgreSQL**: each of its connections is a process, and its driver sends no second statement before the first is
//!   answered. So requests that come while two reads are under way share the next one. A crowd costs the database little
//!   more than a few; one request alone waits for one round trip, in a crowd for two at most.
//! - **The number of sessions hardly matters**: with 1,000,000 in memory a request takes as many instructions as with 1,000, and
//!   0.8 µs longer, since nothing is in the processor's caches (a plain sharded map of `Arc`s: 0.5 µs). One with 1.5 KB of claims
//!   and tokens holds 2.45 KB. Those that have run out are freed a shard at a time, every minute, while requests go on.
//!
//! # Other costs
//!
//! | what | time |
//! |---|---|
//! | the end of a login: code exchanged over loopback, ID Token verified, session made | 0.6 ms |
//! | a session sealed (1.5 KB) and handed to a store | 31 µs |
//! | a record fetched that was not opened before, opened | 13 µs |
//! | one that comes again | 3.5 µs |
//! | a live session in memory | 0.6 µs above the bare route |
//!
//! `cargo bench --manifest-path benches/measure/Cargo.toml`. Of one run on the machine above, the store's own time not
//! counted: compare them with each other.
//!
//! Stores beside their drivers, one session fetched against one GET or SELECT by primary key of as many bytes, over the same
//! kind of connection (`cargo run --release --manifest-path benches/measure/Cargo.toml --features stores --bin stores`):
//!
//! | store | ours / driver, one at a time | 32 at once | the driver against itself |
//! |---|---|---|---|
//! | Redis | 0.98 | 0.93 | 0.99 to 1.00 |
//! | PostgreSQL | 0.88 | 3.9 | 1.01 |
//! | SQLite | 1.26 | 2.2 | 1.00 to 1.01 |
//!
//! PostgreSQL in a crowd is faster than sqlx's pool with one SELECT each since reads share statements and connections are
//! kept without a test at each use; a statement that changes nothing and finds its connection dead is sent again. Alone it
//! is a little slower: a session has eleven columns. SQLite's driver blocks; its side of the comparison is four threads with
//! a queue.
//!
//! # What a build costs
//!
//! A program of a few lines with axum and tokio, default features, a clean `cargo build` on two cores, crates downloaded
//! (`bash benches/build_cost.sh`, 2026-11-27, rustc 1.95.0; the better of two builds):
//!
//! | with | packages in its tree | seconds |
//! |---|---|---|
//! | **axum-oidc-session** | 218 | 61 |
//! | axum-oidc | 208 | 55 |
//! | tower-sessions and openidconnect | 213 | 58 |
//!
//! Nearly all of it is what the three have in common: openidconnect with its elliptic curves and RSA, an HTTP client with
//! TLS, axum, tower-sessions. Stores, WebSockets and the development provider are built only with their features; what each
//! dependency is for is told in [`dependencies`](super::dependencies).
//!
//! # What is held
//!
//! The test run (`bash tests/run.sh`) counts and fails if a request costs more than its budget, or a tenth more than it did when
//! `benches/measure/baseline.tsv` was written:
//!
//! | what | budget |
//! |---|---|
//! | a live session in memory, not read | 4,200 instructions, 6 allocations |
//! | a live session in memory, read | 4,800 instructions, 6 allocations |
//! | a request without a session cookie | 2,200 instructions, 6 allocations |
//! | instructions with very many sessions against 1,000 | 1.05 times |
//! | memory of a session of 1.5 KB | 2,600 bytes |
//! | round trips to a store for a request | 1; none with the live cache |
//! | writes for a session that does not change | none, but one a minute for its last use |
//! | calls of the token endpoint for an access token that is due, however many requests on however many nodes want it | 1 |
//!
//! With `--long` it also soaks a server for ten minutes at full load on 64 connections, with logins, refreshes and logouts
//! among the requests: no answer may be wrong, and memory must not grow. Of one such run:
//!
//! | in 600 s | |
//! |---|---|
//! | requests | 22,100,000 (36,900 a second, the client on the same two cores) |
//! | logins, logouts, refreshes | 33,100, 16,300, 36,800 |
//! | sessions ended by their ceiling, the idle and the absolute limit | 6,400, 3,000, 2,900 |
//! | wrong answers, warnings in the log | 0, 0 |
//! | resident memory, by quarter | 17.1, 18.0, 18.0, 18.0 MB |
//!
//! [`push_invalidation`]: crate::OidcAuthBuilder::push_invalidation
