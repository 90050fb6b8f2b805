//! What this crate brings into an application, and why: every dependency is one more that has to be trusted.
//!
//! # By default
//!
//! | crate | for what |
//! |---|---|
//! | `arc-swap` | the state of a session, read by requests while a refresh replaces it |
//! | `async-trait` | the ports that are kept as `dyn`: stores and their listeners |
//! | `axum` | what the layer and the routes are made for; no server, no macros |
//! | `axum-core` | extractors and responses |
//! | `base64` | base64url of cookies, `state`, `nonce` and PKCE, and HTTP Basic at the token endpoint |
//! | `futures-util` | waiting for whichever of two comes first; streams of WebSockets |
//! | `http` | requests, responses and headers |
//! | `http-body` | response bodies that end with their session |
//! | `memchr` | finding our cookies among others, in one pass over the header |
//! | `openidconnect` | keys, signatures, metadata and claims of OpenID Connect, without its HTTP client |
//! | `pin-project-lite` | the future of the layer, without a box |
//! | `reqwest` | the conversation with the provider: HTTP/1.1, no redirects, no cookies, no compression |
//! | `ring` | AES-256-GCM, HKDF, HMAC, SHA-256 and randomness |
//! | `rustls` | TLS to the provider, with `ring` |
//! | `rustls-platform-verifier` | trust in the certificates that the operating system trusts |
//! | `secrecy` | tokens that no `Debug` shows and that are wiped when they are dropped |
//! | `serde` | what is sealed, and what the provider says |
//! | `serde_json` | the same, as JSON; claims are kept as they came |
//! | `subtle` | comparisons that take the same time wherever two values differ |
//! | `thiserror` | error types |
//! | `time` | the expiry of a tower-sessions record, which is of its type |
//! | `tokio` | timers, locks, and tasks for what must not end with a request |
//! | `tower-layer` | what a layer is |
//! | `tower-service` | what a service is |
//! | `tower-sessions` | the application's data as its `Session`, and its stores through `TowerSessionsStore` |
//! | `tracing` | log events |
//! | `url` | the base URL, endpoints, and where a login returns to |
//! | `zeroize` | key material that is wiped when it is dropped |
//!
//! # With a feature
//!
//! | crate | feature | for what |
//! |---|---|---|
//! | `metrics` | `metrics` | events as numbers, for whatever exporter the application has |
//! | `redis` | `redis` | Redis and Valkey, single and cluster, with TLS |
//! | `rusqlite` | `sqlite` | SQLite, which is built from the source that comes with it |
//! | `sqlx` | `postgres` | PostgreSQL; of sqlx nothing else, no macros |
//!
//! # What holds it
//!
//! - The crate itself has no `unsafe` code (`forbid`), and no build script.
//! - One TLS and cryptography stack, rustls over ring: `deny.toml` refuses OpenSSL, native-tls and aws-lc, two versions of
//!   the crates whose types meet, other sources than the registry, and licences that are not listed (`cargo deny check`).
//! - `Cargo.lock` is committed; tests, lints and the demo are run with `--locked`.
//! - What tests and benches need beside this is in packages of their own, which the crate's lock file does not know.
//!
//! # What is checked
//!
//! | what | when | by |
//! |---|---|---|
//! | each dependency is told here, with its reason | each test run | `src/manual/tests.rs` |
//! | licences, sources, crates that must not be there or be there once, as `deny.toml` has it | each test run | `tests/it/supply` |
//! | the compiler that each dependency wants is not newer than the one that is promised, and no newer interface is used | each test run | `tests/it/supply`, clippy |
//! | the public interface is the one that is written down | each test run | `tests/public_api/check.sh` |
//! | the same rules and advisories, by `cargo deny` | `tests/run.sh --long` | `tests/supply_chain.sh` |
//! | the least versions that `Cargo.toml` allows build | `--long` | `tests/supply_chain.sh` |
//! | the documentation as docs.rs builds it, the package as users unpack it | `--long` | `tests/supply_chain.sh` |
