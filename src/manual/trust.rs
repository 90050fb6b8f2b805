//! Reasons to trust it: what must always hold, what attacks it, with what result, and how to repeat each.
//!
//! # What must always hold
//!
//! | | invariant |
//! |---|---|
//! | I1 | No handler, stream or token is served at or after the deadline. |
//! | I2 | None is after a revocation was answered, on any node (within the bound where push invalidation is on). |
//! | I3 | The token endpoint is never called for a session past its deadline or revoked. |
//! | I4 | A ceiling never moves later, except by the renewal rule. |
//! | I5 | No two nodes that live and hold the lease send a refresh token twice; one that was rotated is not lost while the process lives; after a death or a lost answer it is sent at most once more. |
//! | I6 | A session exists only with a verified ID Token of a login attempt that this browser began. |
//! | I7 | No failure of store or provider signs anyone out, lets anyone in, or loses a confirmed session. |
//! | I8 | Every ended session has a reason, and the user is told it. |
//! | I9 | No secret leaves by log, error, number, `Debug` or the database. |
//!
//! # What attacks it
//!
//! `bash tests/run.sh` runs all of this, some of it briefly; `--long` runs it as told here.
//!
//! | what | against | with what result | repeat |
//! |---|---|---|---|
//! | the crate's own tests: an application, a provider and browsers on real sockets; each refusal of the provider's answers with its code ([`checks`](super::checks)) | I1 to I9 | 1,342 tests | `cargo test --all-features` |
//! | a certified provider (npm `oidc-provider`), real Redis and PostgreSQL, a real Chromium, nodes that are killed | I1 to I9 | 153 tests | `bash tests/run.sh` |
//! | orders of two nodes: login, refresh, move, logout and save, every call to the store held at a gate | I2, I5, I7 | 3,619 orders | `cargo test --all-features --test it -- nodes::races` |
//! | a simulation of nodes, browsers, a provider and a store in virtual time, by a seed: below | I1 to I9 | 1,517 seeds, 52 million steps, none of them wrong | `cargo run --manifest-path tests/simulation/Cargo.toml -- --seconds 600` |
//! | the same seeds against a copy of the crate in which a promise is broken | the simulation | 27 of 27 broken promises found; four came to the list since | `node tests/simulation/mutations.mjs` |
//! | random histories of logins, uses, refreshes, logouts, logout tokens and time beside a model of what must come of them, over memory, SQLite, PostgreSQL, Redis and the reference store, on two nodes | I1, I2, I3, I4, I5, I7, I8 | 5,000 histories of up to 60 steps over five stores, none of them wrong | `MODEL_CASES=1000 cargo test --manifest-path tests/model/Cargo.toml` |
//! | the same histories against a copy of the crate in which a promise is broken | the model | 25 of 25 broken promises found; two came to the list since | `node tests/model/mutations.mjs` |
//! | fuzzing of what strangers send, with properties: below | I4, I6 | 22 million executions, nothing found in the crate | `fuzz/run.sh --seconds 60` |
//! | outages: the provider away for an hour, flapping, dripping, its name unknown, its keys changed twice in a minute; clocks set both ways; stores gone and hanging; SQLite's and PostgreSQL's disk and Redis's memory full | I1, I7 | 1 minute | `cargo test --all-features --test it -- outages store_down stores` |
//! | ten minutes at full load with logins, refreshes and logouts | I1, I2, I7 | 28 million requests, no wrong answer, memory flat | `cargo run --release --manifest-path benches/soak/Cargo.toml -- --seconds 600` |
//! | what comes with it: licences, sources, compilers, the least versions, the package, the public interface | | nothing found; advisories need their database | `bash tests/supply_chain.sh`, `tests/public_api/check.sh` |
//!
//! # Simulation
//!
//! `tests/simulation` runs one to three nodes, two to four browsers with up to three tabs each, the development provider and a store
//! in one thread. Clock, tasks, randomness and the HTTP client of the crate are ports: time passes when nothing can go on, and which
//! task goes on is chosen by the seed, so that a seed is a whole history and repeats it to the last step. A run is up to 70 minutes
//! long and has some 40,000 steps (polls of a task).
//!
//! - The store answers late, fails before or after it has done its work, and loses or delays what it tells the nodes. It is asked at
//!   each request, or sessions are kept in memory with push invalidation, or it is one node's alone, or it is the memory store.
//! - The provider is away, slow, loses requests and answers, changes its keys and what it asserts; its logout tokens come late, twice,
//!   and before the login that they end is over.
//! - Clients hang up at any await, lose answers, click twice, send old cookies, open another's callback, and come to the very second of
//!   an end. Nodes die at any await and begin anew. Clocks differ by seconds, and are set wrong by minutes.
//! - Who knows everything checks every handler, token, tick of a stream, refusal, event and refresh that is sent. When all is calm in
//!   the end, whoever must be signed in still is, every refresh token that was not lost for a good reason is good, and everybody else
//!   can sign in.
//!
//! A seed that fails is named, and is told line by line with `--seed N --trace`.
//!
//! # Fuzzing
//!
//! Of one run of 60 s for each target, on two cores that were busy with other things:
//!
//! | target | what must hold | executions | edges |
//! |---|---|---|---|
//! | `cookie_header` | cookies and markers are found as a plain reading finds them; a session with two values is none | 1,500,000 | 545 |
//! | `sealed_record` | nothing opens that was not sealed so, nothing that was changed, for another purpose or moved to another key | 850,000 | 594 |
//! | `authorization_response` | the code or the refusal that a plain reading wants, whether the provider must name itself or not | 1,200,000 | 1,483 |
//! | `return_to` | on our origin, below the base path, whoever reads it | 1,500,000 | 511 |
//! | `discovery_document` | taken metadata is the issuer's, its endpoints are https | 3,100,000 | 2,222 |
//! | `jwks` | a token is verified by the key that signed it alone, if the set gives that key for this | 5,300,000 | 2,166 |
//! | `id_token` | unsigned: never; signed: only with the claims that a plain reading wants; the ceiling at login and at a refresh is the one that it wants | 97,000 | 1,767 |
//! | `logout_token` | the same; valid now and known for how long; never an ID Token, not even a refreshed one | 105,000 | 1,706 |
//! | `negotiation` | a redirect to the login is for a page that the user opened now, in no frame, by GET; such a page gets it | 3,400,000 | 541 |
//! | `claims` | what is kept is what was said, and nothing twice | 5,400,000 | 1,004 |
//!
//! The stable toolchain will do. The corpora are in the repository.
//!
//! # Coverage
//!
//! Of the floors that decide, by the crate's own tests alone (`bash tests/coverage.sh`, which fails below 95 of 100 lines or branches):
//!
//! | floor | lines | run | branches | run | regions run |
//! |---|---|---|---|---|---|
//! | `protocol` | 1,469 | 97.9 % | 232 | 97.4 % | 98.2 % |
//! | `policy` | 1,328 | 98.3 % | 124 | 96.0 % | 98.4 % |
//! | `session` | 2,734 | 98.2 % | 320 | 98.1 % | 96.9 % |
//!
//! A condition has two branches, taken and not taken; regions are the pieces of code between them. Where the compiler counts branches
//! is an unstable option of it, which the script lets it have for this crate alone.
//!
//! # What a simulation does not see
//!
//! It runs the crate and its development provider over a store of its own: what SQLite, PostgreSQL and Redis do is for the tests
//! on real servers. Two masters of one store have fixed tests (`nodes::partition`). WebSockets, `cycle_id`, application data,
//! renewal by refresh and changes of the key ring are not in it; they have tests and orders of their own.
