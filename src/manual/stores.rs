//! Where sessions are kept: which store, what each promises, several nodes, and keys.
//!
//! # Which one
//!
//! | store | feature | sessions survive | processes | choose it for |
//! |---|---|---|---|---|
//! | [`MemoryStore`] | – | nothing | one | tests, tools, a single process whose users may sign in again after a restart |
//! | `SqliteStore` | `sqlite` | a restart, `kill -9`, a power cut | those of one machine, on one file | one machine, rolling restarts included |
//! | `PostgresStore` | `postgres` | what your PostgreSQL survives | any number | several nodes, where there is a PostgreSQL already |
//! | `RedisStore` | `redis` | what your Redis survives: turn on persistence | any number | several nodes, where there is a Redis or Valkey already |
//! | [`TowerSessionsStore`] | – | what the store below survives | several, if its `create` is exact | any other tower-sessions store, with more round trips and a weaker promise |
//! | a store of your own | – | – | – | [`writing_a_store`](super::writing_a_store) |
//!
//! All but the first get sealed records. `build()` then demands [`cookie_keys`], and all nodes need the same.
//!
//! # What every store of the crate promises
//!
//! The exceptions: with [`push_invalidation`] 1 holds within its bound and 4 is no round trip at all;
//! [`TowerSessionsStore`] asks more often, and says in its documentation what its store must do for 1 and 2;
//! [`MemoryStore`] seals nothing, since nothing leaves the process. When a session runs out is not sealed: the store needs
//! it. (Where the idle limit is the earliest, that is the last use plus the idle limit.)
//!
//! 1. **Revocation wins.** When a logout has been answered (here, by the provider, by an administrator, from another
//!    session of the user), no request that starts later is admitted, on any node. A refresh, a save, a touch, a login or a
//!    move to a new id that was under way finds the session gone; a refresh token that came too late is revoked at the
//!    provider.
//! 2. **One refresh.** However many requests ask on however many nodes, the refresh token is sent once: who sends it holds
//!    a lease in the store, renewed while the work goes on. A node that dies frees it after 10 s; the next sends the token
//!    once more at most.
//! 3. **No accident.** A store that is down, slow, full or gone for a while costs 503 with `Retry-After`. The cookie stays,
//!    nobody is taken for signed out or for anonymous, and nobody who was signed out comes back. It may be down when the
//!    application starts.
//! 4. **One round trip** for a request with a session, and none of what the request did not change is written: a use is
//!    noted once a minute.
//! 5. **Nothing to steal.** A record opens with its browser's cookie alone, of which the store never sees the value. What
//!    is needed without the cookie (for the user's list of sessions, for logouts and for events: `sub`, `sid`, when the session
//!    began and was last used, on what kind of device) is sealed under the key ring; what finds sessions is a keyed hash. No
//!    token, e-mail address, `sub` or `sid` can be read in the store without a key. Every seal has a key of its own.
//! 6. **One account does not fill it.** Beyond [`max_sessions_per_user`] (100) a login ends the user's oldest session, and never
//!    its own: where the clocks of nodes differ, or logins cross, one too many may stay until the next login.
//!
//! # What else a store must be told
//!
//! **Memory.** A sweep a minute frees what ran out and revokes its refresh tokens, but not that of a session whose user has
//! another live session here: some providers revoke the whole grant with it. It runs out by itself.
//!
//! **SQLite.** One file and its `-wal` and `-shm` beside it, readable by their owner only; on a local disk, not on a
//! network share. `exclusive()` locks the file for one process, which then also keeps sessions in memory, exactly. Without
//! it several processes may share the file.
//!
//! **PostgreSQL.** PgBouncer needs `max_prepared_statements` above 0 (1.21) in its transaction mode, or its session mode: otherwise
//! it answers one client's statement with another's. The store notices: requests get 503, and the log names the cause. Tables are made at the first use; a role without the right to make tables can be given them beforehand
//! (`schema_sql`). The primary must answer: a read replica may be behind, and a session that was ended on the primary would
//! live there. With asynchronous replication a failover may lose the last logouts; `synchronous_standby_names` prevents it.
//!
//! **Redis, Valkey.** Set `appendonly yes` and `maxmemory-policy noeviction`: the store warns if it finds otherwise. An
//! evicted session is a user who was signed out. With `appendfsync everysec`, the default, the last two seconds may be lost
//! even if only the process is killed, logouts included; `appendfsync always` loses nothing. Replication is asynchronous: a
//! failover may lose what the old master had not sent on. Where there are replicas, set `min-replicas-to-write` to 1 or more:
//! a master that is cut off from them then stops taking writes, and no node reads sessions from it any more (users get 503)
//! about 15 s after the cut. Without it the nodes on its side serve sessions that were ended on the other side for as long as
//! the cut lasts, and a logout there comes undone with it; only deadlines hold. A ceiling that a refresh lowers on one side is
//! known there alone. After the cut the master that is kept counts, on every node and for sessions in use: what only the lost
//! one knew is lost. The store never reads from a replica. Keys have a prefix of their own, and all have a time to live.
//!
//! # The way to the store
//!
//! It is TLS, a loopback address or a socket; [`MemoryStore`] and SQLite need none. What else a URL says is an error:
//!
//! | store | another machine is reached by | otherwise say |
//! |---|---|---|
//! | PostgreSQL | `sslmode=verify-full`, `verify-ca` or `require` in the URL, or in the options of a pool of yours | `PostgresSettings::insecure_allow_clear_text` |
//! | Redis, Valkey | `rediss://` | `RedisSettings::insecure_allow_clear_text` |
//!
//! Of a Redis cluster the URLs that are given are looked at, and where they are `redis://` also
//! each node that the cluster names, before it is connected to: one on another machine is not used,
//! requests get 503, and the log has `redis_cluster_clear_text`. What servers send each other is
//! not seen from here: replication and the bus of a cluster are in clear text unless the servers
//! are told otherwise (`tls-replication`, `tls-cluster`; `sslmode` in PostgreSQL's
//! `primary_conninfo`). Sentinel is not supported, so no address of its comes into play. With
//! [`TowerSessionsStore`] and stores of your own the way is yours. `require` encrypts but asks for
//! no certificate: who can put themselves on the way can do what a writer to the store can.
//!
//! # What others can do
//!
//! | who has | can | cannot |
//! |---|---|---|
//! | a copy of the store | count sessions, see when each runs out, and which belong to one user, without a name | open a record or a summary, find a named user, make a cookie |
//! | a copy and a key of the ring | read the summary of every session: `sub`, `sid`, kind of device, and when it began, was last used and was authenticated; find a user whose `sub` is known | open a record: no claim, token or application data is shown, and no session is opened |
//! | a key of the ring alone | open login attempts that they see in a `state` (`nonce`, PKCE verifier, `return_to`, `login_hint`), make attempts, and so sign in with less than the configured `acr_values` and `max_age`, as whom the provider lets them | open sessions, or finish an attempt in another browser. What a page requires is checked in the ID Token |
//! | the right to write to the store | what is listed below | open, forge or mix records, move one to another cookie, or make a session last longer than its sealed limits say |
//! | that and a key of the ring | also make a session pass a logout token, and be listed as something else | the same |
//! | a session's cookie | be that user here until the session ends, and with a copy of the store open its record | anything with other sessions |
//!
//! Who may write to the store can do this, and so does a backup that is restored, to all sessions at once:
//!
//! - **End sessions**, by deleting them.
//! - **Bring back a session that was ended**, by writing back a copy of its row: who has its cookie is signed in again, until the
//!   limits in the copy end it (the ceiling, the absolute limit, and the idle limit since the last use in the copy) or until
//!   its next refresh or move to a new id, if what remains of the logout is still in the store: there the logout is
//!   looked for. At each request it is not: that would be a second round trip, and the same writer can delete what is looked for.
//! - **Turn a session back** to an earlier state: an older refresh token, which the provider takes for stolen if it rotates them;
//!   older application data; a ceiling that a refresh has lowered since.
//! - **Hide a session** from lists and logouts, by changing its keys.
//! - **Forget** logouts that logins under way are to meet, logout tokens that were carried out, login attempts that were used, and
//!   leases of refreshes.
//!
//! After restoring a backup, or when somebody has written to the store, give all nodes a new key alone ([`cookie_keys`] without
//! the old ones): no session of before is one any more, and everybody signs in again. Or empty the tables.
//!
//! # Two nodes
//!
//! The nodes share the store, the [`cookie_keys`], the client registration and the [`base_url`]. A load balancer needs no
//! sticky sessions. Their clocks should agree to within a few seconds (NTP): the ceiling's leeway covers the difference at
//! the end of a session; a login that began within it before a logout token was received counts as later.
//!
//! # The live cache
//!
//! By default each request with a session asks the store, and a record that comes unchanged is not deciphered again: what was
//! opened is kept beside it, for a quarter of [`live_cache_capacity`] at most. With [`push_invalidation`] a node keeps
//! decoded sessions in memory, up to [`live_cache_capacity`] (100,000), and hears from PostgreSQL (`LISTEN`) or Redis
//! (pub/sub) what other nodes change.
//!
//! - A kept session serves only while the store's messages are known to arrive: the node asks the store on that same
//!   connection four times as often as [`live_cache_staleness`] (2 s) says, and what was not confirmed within it is not
//!   served. So a session that was ended elsewhere is admitted for 2 s at most, and usually for milliseconds.
//! - [`logout_waits_for_nodes`] holds a logout's answer back until then. What has been answered is true on all nodes, if
//!   all have the same [`live_cache_staleness`].
//! - The deadline is checked on what is kept as on what is loaded. An idle limit that seems to be reached is looked up
//!   first: another node may have seen a use.
//! - Both clocks count for the bound: a node that was suspended (a virtual machine, a laptop) finds that its wall clock has
//!   moved on, and asks the store before it serves anything. If neither clock has moved, as until the host or NTP has set the wall
//!   clock of a paused virtual machine right, what it kept serves for up to the bound again. Its leases (of a refresh) are lost in
//!   the same way; what it had sent before the pause may reach the provider after another node has refreshed.
//! - Otherwise nodes need not agree: changes are told whether or not anybody keeps sessions.
//!
//! # Back-channel logout
//!
//! Register base URL + `/auth/backchannel-logout` at the provider as the back-channel logout URI (OpenID Connect
//! Back-Channel Logout 1.0). The provider posts a logout token there when its user signs out elsewhere:
//!
//! | the token has | what ends |
//! |---|---|
//! | `sid` | the session with that `sid` |
//! | `sub` | all sessions of the user |
//! | both | the session of that user with that `sid`, and those of the user that have no `sid` |
//! | both, and the session with that `sid` is another user's | nothing: 400 `logout_token_sid_of_another_user` |
//!
//! By `sid` as by `sub`, a session passes whose login began after the token was received (by our clock), or whose `auth_time` is
//! later than the token's `iat` (by the provider's clock): a provider that ends only this application's session signs the user
//! in again with the same `sid`. If the times are equal, or there is no `auth_time`, the session ends.
//!
//! A logout token may come before the login it ends has finished: that login leads to no session. What remains of the token to
//! that end is kept for the lifetime of a login attempt plus the [`absolute_limit`], the longest session that it may meet. Tokens are carried out
//! once (`jti`); if the store fails the answer is 400, and the provider's next try does the work.
//!
//! A `sid` that changes at a refresh is kept beside the one of the login: the session ends by either. (In a store of sealed
//! records the further `sid` has a record of its own, which holds nothing and leads to the session.)
//!
//! # Refresh tokens of sessions that have ended
//!
//! | the session ended | [`MemoryStore`] | every other store |
//! |---|---|---|
//! | by a request of its own: a logout, [`AuthSession::end`](crate::AuthSession::end) | revoked | revoked: the cookie opens the record |
//! | in a refresh | the fresh one is revoked | the fresh one is revoked |
//! | at its deadline, met by a request that was under way | revoked | revoked |
//! | at its deadline, unused | revoked within a minute or so, by the sweep | **not revoked**: the record is gone at the deadline, and without the cookie nothing opens it |
//! | from elsewhere: back-channel logout, another session of the user, an administrator | revoked | revoked if the session is in use on the node that carries it out, otherwise **not**: the record is deleted unopened |
//! | with the process, or its records were lost | not revoked | – |
//!
//! Where it says "not", rely on the provider to end its grants, and give refresh tokens a lifetime there.
//!
//! # Keys
//!
//! [`cookie_keys`] takes several keys: the first seals and indexes, all open. To change the key of several nodes without
//! signing anybody out:
//!
//! 1. Put the new key **last** on every node.
//! 2. When all have it, put it **first** on every node. Sessions move to it when they are saved: at each refresh, and when
//!    the application's data change. What the list of sessions shows is sealed with it from a session's next use on.
//! 3. Remove the old key when no session needs it: after the [`absolute_limit`] (3 days), when every session has been saved
//!    or is over.
//!
//! Removing a key ends the login attempts it sealed and the sessions that were not saved since; nothing else. Those records
//! are left alone, and run out. What a key that has leaked is good for is said [above](#what-others-can-do). Remove it at once, on
//! all nodes together: a logout that reaches a node without the key misses the sessions that other nodes still serve under it.
//!
//! # Expiry
//!
//! A record's time to live is its deadline. SQLite and PostgreSQL are rid of expired rows once a minute, in batches; Redis
//! does it by itself.
//!
//! [`MemoryStore`]: crate::MemoryStore
//! [`TowerSessionsStore`]: crate::TowerSessionsStore
//! [`absolute_limit`]: crate::OidcAuthBuilder::absolute_limit
//! [`base_url`]: crate::OidcAuthBuilder::base_url
//! [`cookie_keys`]: crate::OidcAuthBuilder::cookie_keys
//! [`live_cache_capacity`]: crate::OidcAuthBuilder::live_cache_capacity
//! [`live_cache_staleness`]: crate::OidcAuthBuilder::live_cache_staleness
//! [`max_sessions_per_user`]: crate::OidcAuthBuilder::max_sessions_per_user
//! [`logout_waits_for_nodes`]: crate::OidcAuthBuilder::logout_waits_for_nodes
//! [`push_invalidation`]: crate::OidcAuthBuilder::push_invalidation
