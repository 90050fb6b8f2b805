//! What a session store must promise.
//!
//! The crate comes with stores for memory, SQLite, PostgreSQL and Redis, and with an adapter for any other tower-sessions store
//! ([`stores`](super::stores)). A store of your own implements [`AuthStore`] and is handed to
//! [`store`](crate::OidcAuthBuilder::store) as it is.
//!
//! # Why `tower_sessions::SessionStore` is not enough
//!
//! Its `save` writes a record whether or not there is one. A refresh that was under way during a logout then brings the
//! session back. It can't find the sessions of a user, and remembers nothing of a logout that came before its login was
//! done. [`AuthStore`] is a trait of its own: it has an insert that never overwrites, saves that name the version they expect, answers that tell
//! "changed by somebody else" from "gone", an index, markers of revocations, and locks.
//!
//! # What a store sees
//!
//! A [`StoredSession`] per session. Its `id` is derived from the cookie by a one-way function; its two parts are sealed with a
//! key that only the cookie holds. A store, its backups and whoever steals them can open nothing. It needs no encryption of
//! its own.
//!
//! | field | the store uses it to |
//! |---|---|
//! | `id` | find the session |
//! | `auth`, `application` | keep bytes, each with a version that it compares and counts up |
//! | `listing.index` | find the session by any of three keys: random, or keyed hashes |
//! | `listing.summary` | keep bytes, which a touch replaces: the last use is in them |
//! | `expires_at` | stop returning the session, and delete it some time after; a touch may also make it earlier: a clock was wrong then |
//!
//! # The laws
//!
//! They are numbered at [`AuthStore`]. What they mean for an implementation:
//!
//! 1. **No overwriting.** `INSERT` without `ON CONFLICT UPDATE`; `SET … NX`. A row that has expired is not there.
//! 2. **No resurrection.** `UPDATE … WHERE id = ?`, and look at the number of rows. Zero is [`Saved::Gone`]. Never an upsert.
//! 3. **No lost update.** `… AND version = ?`, in one statement or one script: comparing and writing must not be two steps. Tell
//!    `Stale` from `Gone` within the same atomic step or by reading afterwards; a wrong `Gone` signs a user out. `expected` = 0
//!    means that the part must be absent; its version is then 1. A touch compares the version of the auth part in the same
//!    way and leaves it: `UPDATE … SET summary = ?, expires_at = ? WHERE id = ? AND auth_version = ?`. It so writes over
//!    nothing that a save has left, and does not extend what a session that gave way has left under its old id.
//! 4. **Expiry.** Compare with the `now` of the call, and use the store's own expiry to free the space. Do not wait for a
//!    clean-up to run.
//! 5. **Once.** `remember` is an insert that tells whether it inserted. It guards login attempts against replay: if two callers
//!    both hear `true`, one attempt makes two sessions.
//! 6. **Failure.** A time-out, a lost connection or a record that cannot be decoded is [`StoreError`]. "Absent" signs the user
//!    out; an error costs a 503 and keeps the session.
//! 7. **Order.** A login inserts its session, then asks for markers; a logout writes markers, then asks for sessions. One
//!    of the two sees the other only if what was answered is seen by every call that begins later: no reading from a
//!    replica, no answer before the commit.
//! 8. **Index.** It may hold entries of sessions that are gone, as long as `find` leaves them out; it must not lack one of
//!    a session that is there. Where the two can't be written in one step, write the index first.
//! 9. **Markers.** Merged field by field, each the later time; `i64::MAX` occurs, so beware of numbers that are doubles.
//! 10. **Locks.** By the store's clock. Taking a lock that one has renews it.
//! 11. **Events.** Only if the store tells its nodes of changes; without, no session is served from memory.
//!
//! `delete` removes both parts and the index entries, is durable when it returns, and is no error if
//! there was nothing.
//!
//! # The test kit
//!
//! With the feature `test-util` the module `store_laws` runs the laws over any store, concurrent interleavings included.
//! One line tests a store.
//!
//! # Durability
//!
//! What `delete` and `mark` have answered must survive a crash: a database that loses the last second brings signed-out
//! users back. A lost insert or save, on the other hand, costs a sign-in or a refresh.
//!
//! # What it costs
//!
//! | what | calls |
//! |---|---|
//! | a request | `fetch` |
//! | use of a session, at most every 60 s | `touch` |
//! | a refresh | `lock`, `fetch`, two `save_if`, `markers`, `unlock`; one `fetch` more where the ceiling or the summary changes |
//! | a login | `remember`, `insert`, `markers` |
//! | the same in the place of another session | and `mark`, `fetch`, `find`, two `save_if` |
//! | a logout | `mark`, `fetch`, `find`, `delete` |
//! | a logout token | `mark`, `find`, and a `delete` for each session |
//!
//! `build()` demands
//! [`cookie_keys`](crate::OidcAuthBuilder::cookie_keys) with any store but [`MemoryStore`], since other processes must be
//! able to open login attempts. An answer is waited for no longer than
//! [`store_timeout`](crate::OidcAuthBuilder::store_timeout).
//!
//! # Errors and logs
//!
//! The text of the error in [`StoreError::new`] is logged: it must not hold session data, ids or passwords of connection strings.
//!
//! [`AuthStore`]: crate::AuthStore
//! [`MemoryStore`]: crate::MemoryStore
//! [`Saved::Gone`]: crate::Saved::Gone
//! [`StoreError`]: crate::StoreError
//! [`StoreError::new`]: crate::StoreError::new
//! [`StoredSession`]: crate::StoredSession
