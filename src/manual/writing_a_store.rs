//! What a session store must promise.
//!
//! This version comes with [`MemoryStore`] alone. SQLite, PostgreSQL and Redis are planned; [`AuthStore`] is the port that they
//! will implement, and that a store of your own can implement today. The trait may still grow before 1.0: back-channel logout
//! and several nodes need an index and revocation markers that are not in it yet.
//!
//! # Why `tower_sessions::SessionStore` is not enough
//!
//! Its `save` writes a record whether or not there is one. A refresh that was under way during a logout then brings the session
//! back. [`AuthStore`] adds what forbids that: an insert that never overwrites, saves that name the version they
//! expect, and answers that tell "changed by somebody else" from "gone".
//!
//! # What a store sees
//!
//! A [`StoredSession`] per session. Its `id` is derived from the cookie by a one-way function; its two parts are sealed with a
//! key that only the cookie holds. A store, its backups and whoever steals them can open nothing. It needs no encryption of
//! its own, and cannot index users.
//!
//! | field | the store uses it to |
//! |---|---|
//! | `id` | find the session |
//! | `auth`, `application` | keep bytes, each with a version that it compares and counts up |
//! | `last_used_at` | keep it, and replace it at a touch, even by an earlier one: a clock was wrong then |
//! | `expires_at` | stop returning the session, and delete it some time after |
//!
//! # The laws
//!
//! They are numbered at [`AuthStore`]. What they mean for an implementation:
//!
//! 1. **No overwriting.** `INSERT` without `ON CONFLICT UPDATE`; `SET … NX`.
//! 2. **No resurrection.** `UPDATE … WHERE id = ?`, and look at the number of rows. Zero is [`Saved::Gone`]. Never an upsert.
//! 3. **No lost update.** `… AND version = ?`, in one statement or one script: comparing and writing must not be two steps. Tell
//!    `Stale` from `Gone` within the same atomic step or by reading afterwards; a wrong `Gone` signs a user out. `expected` = 0
//!    means that the part must be absent; its version is then 1.
//! 4. **Expiry.** Compare with your clock at each read, or use the store's own expiry. Do not wait for a clean-up to run.
//! 5. **Once.** `remember` is an insert that tells whether it inserted. It guards login attempts against replay: if two callers
//!    both hear `true`, one attempt makes two sessions.
//! 6. **Failure.** A time-out, a lost connection or a record that cannot be decoded is [`StoreError`]. "Absent" signs the user
//!    out; an error costs a 503 and keeps the session.
//!
//! `delete` (of the supertrait) removes both parts, is durable when it returns, and is no error if there was nothing.
//!
//! # Durability
//!
//! What `delete` has answered must survive a crash: a database that loses the last second brings signed-out users back. A lost
//! insert or save, on the other hand, costs a sign-in or a refresh.
//!
//! # What it costs
//!
//! One `fetch` per request, one `touch` at most every 60 s per session, one `save_if` before and after each refresh. `build()`
//! demands [`cookie_keys`](crate::OidcAuthBuilder::cookie_keys) with any store but [`MemoryStore`], since other processes must
//! be able to open login attempts.
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
