//! When a session begins, what moves its end, and what ends it.
//!
//! # The words
//!
//! | word | meaning |
//! |---|---|
//! | `E` | the ID Token's `session_expiry`: Unix seconds at which the session must be over (IPSIE SL1) |
//! | ceiling | the `E` in force for this session, or none. A refresh may move it earlier; later only by [`Renewal::ByRefresh`] |
//! | leeway `L` | 30 s by default, taken off the ceiling for clock skew: a session ends early, never late |
//! | idle limit | 1 day by default, counted from the last use |
//! | absolute limit | 3 days by default, counted from the login |
//! | deadline | the earliest of ceiling − `L`, login + absolute limit, last use + idle limit. [`AuthSession::expires_at`] |
//!
//! A session is over when `now >= deadline`. With `L` = 30 s and 31 s left until `E` it is live; with 30 s left it is over.
//! If two limits fall on one second, the ceiling is named before the absolute limit, and that before the idle limit.
//!
//! # Login
//!
//! `GET /auth/login` makes a login attempt (`nonce`, PKCE verifier, where to return to, when it started) and sends the browser
//! to the provider. The attempt itself, sealed, is the `state`; one small cookie ties it to the browser. So any number of logins
//! may be pending, one per tab, and no node has to remember them. Only a navigation starts a login: HEAD requests, prefetches,
//! scripts, images and frames start nothing. Where the user is signed in, a navigation that another site starts
//! (`Sec-Fetch-Site` is neither `same-origin` nor `none`) leads straight to its `return_to` and ends nothing; only a sealed
//! requirement that the session does not meet starts a login then.
//!
//! A return_to of 2 KB makes a `state` of about 3,000 characters; a usual one has 200.
//!
//! `GET /auth/callback` goes through these steps, and the first that fails ends the login with a page at this URL:
//!
//! 1. The authorization response is parsed. A parameter that occurs twice refuses it.
//! 2. The `state` is opened. The attempt must not be too old, and the browser must hold the binding that the attempt names. Of
//!    more than 20 tabs that start at the same time some lose their binding to the others: their login is sent to the provider
//!    once more, or to its page if the browser is signed in by then, and the code is not looked at.
//!    A callback that comes again, to a browser that has the session of its attempt, leads to the page.
//! 3. The attempt is used up in this process, whatever comes next. Above
//!    [`max_concurrent_code_exchanges`](crate::OidcAuthBuilder::max_concurrent_code_exchanges) it is not: the answer is 503, and a
//!    reload finishes the login.
//! 4. The response is judged: `iss` (RFC 9207), `error`, `code`.
//! 5. The code is exchanged, with the PKCE verifier. Nothing is sent twice. If the code is invalid
//!    (`invalid_grant`) the login is sent to the provider once more, for another code, and after that there is a page.
//!    It happens where a session ends in several tabs at once: one has its refresh token revoked while another signs in,
//!    and some providers revoke with the token all that the user has granted. It is still the same login: whoever has
//!    ended the user's sessions since it began has ended it, too, and its ten minutes go on.
//!    Once the provider has accepted the code, the store remembers the attempt, for all nodes. Not earlier: anybody can send a
//!    callback with a code of their own making, and that costs no durable write.
//! 6. The ID Token is verified: every rule of OpenID Connect Core 3.1.3.7, and `at_hash`, `nbf`, `typ`, a pinned algorithm.
//! 7. The ceiling is fixed (next section).
//! 8. UserInfo adds claims, if its `sub` is the same. It overrides nothing, and its failure fails nothing.
//! 9. [`after_login`](crate::OidcAuthBuilder::after_login) may add claims or reject the login.
//! 10. The session begins, under a new id. The session that this browser had before is ended.
//!
//! A callback that comes again (a reload, the Back button) is not exchanged again. While the first is under way, it shares what
//! comes of it. Afterwards it leads to the page of its login, if the user is signed in; where it can't be told to be this
//! browser's own (after ten minutes, if the session is of another login), to the front page.
//!
//! # The ceiling at login
//!
//! 1. Only a verified ID Token sets it. A `session_expiry` in UserInfo, or added by the application, is dropped.
//! 2. `E` is a JSON integer, 1 ≤ `E` < 10,000,000,000. Anything else that is present (`null`, a string, a fraction,
//!    milliseconds, the claim twice, …) is malformed and refuses the login. By [`MalformedPolicy::Cap`] the ceiling is `iat` +
//!    a duration instead. No policy takes a malformed claim for "no limit".
//! 3. If the claim is absent there is no ceiling, and the two local limits hold; with
//!    [`require_session_expiry`](crate::OidcAuthBuilder::require_session_expiry) the login is refused.
//! 4. If `E − L <= max(iat, now)` there would be no time to use the session. The login is refused: nothing is stored, no
//!    session cookie is set, the fresh tokens are revoked, an older session of the same user in this browser is ended.
//! 5. Before that, if `max(iat, now) < E`, one automatic retry with `prompt=login` is made: the provider's own session may be
//!    about to end, and a new sign-in there makes a new `E`. If that fails too, a page with `Retry-After` says when.
//!
//! Logins that lead to nothing but the next login are stopped after five rounds, with a page that names the probable cause.
//!
//! # Each request
//!
//! The layer compares the clock with the deadline before any handler, hook or write. A session that is over is deleted, its
//! cookie removed on that response, and the request refused as the [crate's documentation](crate) says; the `reason` is
//! `ceiling`, `idle`, `absolute`, `continuity`, `refresh_rejected`, `malformed_session_expiry` or `revoked`. The refusal does not depend on the deletion: if the store fails then, the
//! answer is the same.
//!
//! Browsers drop the session cookie by themselves at the deadline. A second cookie without any id outlives it by ten minutes,
//! so that the next request is told `session_expired` with the reason, rather than `login_required`. A session that is gone
//! from the store before the time this cookie states (after a restart, with the memory store) is told as `revoked`.
//!
//! The clock is the wall clock, or the wall clock when the session was loaded plus the monotonic time since then, whichever
//! is later: setting the clock back revives nothing.
//!
//! # The touch
//!
//! Use moves the idle limit. It is written down at most every 60 s, or every 5 % of the idle limit if that is shorter, and the
//! cookies are sent again then. Uses in between are not written: the idle limit may end a session up to that much early, never
//! late. A touch moves neither the ceiling nor the absolute limit. `GET /auth/session` is not a use.
//! Pages that are open hear of the end by a script: [`pages`](super::pages).
//!
//! # Access tokens
//!
//! [`AuthSession::access_token`] refreshes in the last min(60 s, a quarter of its life) of the access token:
//!
//! 1. Past the deadline, and after an end of any kind, it is `SessionExpired`. No cached token is served and the provider is
//!    not asked. This is checked again after every wait: a refresh that crosses the deadline hands out nothing.
//! 2. However many requests ask, on however many nodes, there is one refresh per session, in a task of its own. A client
//!    that hangs up stops nothing.
//! 3. Before the refresh token is sent, the intent is saved, and taken back if nothing was sent (unless the store
//!    fails for longer than a lease lasts). A refresh token whose answer
//!    was lost is sent once more, then never again (`refresh_answer_lost`); it is revoked when the session ends.
//! 4. If the refresh fails while the old access token is still valid, that one serves.
//! 5. A refusal that only the user can resolve (`invalid_grant`, `interaction_required`, `login_required`, `consent_required`,
//!    `account_selection_required`, `unauthorized_client`, `invalid_token`, `access_denied`) is final for the refresh token
//!    (`refresh_rejected`). It does not end the session, unless [`on_refresh_rejected`] says so. Any other refusal is the
//!    operator's to resolve: the token is kept. So it is while the provider is down. In both cases the provider is left alone
//!    for 1 s, doubling up to 30 s, and then asked again by whoever needs a token.
//! 6. New tokens are saved at once. If the session has ended meanwhile they are revoked, and it stays ended.
//!    Then the store is asked whether a logout came in between; if it does not answer, again until the deadline.
//! 7. A token whose lifetime the provider does not state is never refreshed by the clock, but by
//!    [`AuthSession::refresh_access_token`]: the application asks for another one, say after a 401 of an API. It is at most one
//!    refresh a second and session, on all nodes together; within that second the tokens that are there are returned.
//!
//! # The ceiling at a refresh
//!
//! A refreshed ID Token must continue the one of the login (same `iss`, `sub`, `aud` and `azp`; `nonce` the same or absent;
//! `auth_time` not earlier: OpenID Connect Core 12.2). If it does not, or does not verify, the provider has just described
//! somebody else: the session ends with the reason `continuity`, the new tokens are dropped and revoked, and the old access
//! token is no longer handed out. Keys that cannot be fetched at the moment, or not again yet, are no such case, and neither are
//! times alone that do not fit our clock (`exp`, `nbf`, `iat`, an `auth_time` in the future): the new access token is not handed
//! out, the refresh token is kept, and the next refresh tries again. So a clock that is wrong keeps tokens back only while it is. Then:
//!
//! | its `session_expiry` | there was a ceiling | there was none |
//! |---|---|---|
//! | earlier | it becomes the ceiling | it becomes the ceiling |
//! | later | ignored, except on a renewal | it becomes the ceiling |
//! | absent, or no ID Token at all | unchanged | unchanged |
//! | malformed | unchanged | the malformed policy: the session ends, or the cap becomes the ceiling |
//!
//! The claims of the session stay those of the login; [`AuthSession::user_info`] asks what UserInfo says now.
//!
//! **Renewal**, by [`Renewal::ByRefresh`] only: the first request in the last 10 % of the ceiling's span (at least the last
//! 2 minutes before `E`) starts one refresh in the background. A later `E` is adopted only if the ID Token also has a newer
//! `iat`, and both ID Tokens have an `auth_time` of which the new one is not earlier. Otherwise the session ends at the old
//! `E`. It is tried once per ceiling.
//!
//! # The end
//!
//! | what ends it | `EndReason` | its refresh token |
//! |---|---|---|
//! | the deadline, met by a request | `Ceiling`, `IdleLimit`, `AbsoluteLimit` | revoked at the provider (kept, if the request completes a new sign-in of the same user), with [`MemoryStore`] or where the session is in use; other stores drop the record at the deadline |
//! | the deadline, met by nobody | as above with [`MemoryStore`], whose sweep comes once a minute; – with other stores (it is freed, unnoticed) | revoked by that sweep, unless the user has another live session; other stores leave it to run out: without the cookie nothing opens the record |
//! | logout here, or `flush` of the application's data | `LoggedOut` | revoked at the provider |
//! | logout at the provider (Back-Channel Logout 1.0) | `BackchannelLogout` | revoked, if the session is in use on this node |
//! | another session of the user, by `AuthSession::end_session` | `LoggedOut` | as above |
//! | an administrator, by `OidcAuth::end_sessions_of` | `EndedByApplication` | as above |
//! | a new sign-in in the same browser, or `cycle_id` | `Replaced` | kept: some providers revoke the new grant with it |
//! | a malformed `session_expiry` at a refresh | `MalformedSessionExpiry` | the fresh one is revoked at the provider |
//! | an end at a refresh that has come already | `Ceiling` | the fresh one is revoked at the provider |
//! | a refreshed ID Token that does not continue the login's | `Continuity` | the fresh one is revoked at the provider |
//! | a refusal of the refresh, with [`RefreshRejected::EndSession`] | `RefreshRejected` | revoked at the provider, unless it is unknown there (`invalid_grant`) |
//! | the application, by `AuthSession::end` | `EndedByApplication` | revoked at the provider |
//! | nobody was there to take it: the client hung up during its callback | `NotDelivered` | revoked at the provider |
//! | it is gone from the store, nobody knows why | `Revoked` | – |
//!
//! Revocation runs in the background, best effort, and
//! [`revoke_tokens_at_end(false)`](crate::OidcAuthBuilder::revoke_tokens_at_end) turns it off.
//! [`on_session_ended`](crate::OidcAuthBuilder::on_session_ended) is told of each end that this process notices.
//!
//! An ended session stays ended: a refresh, a save or a touch that was under way when it ended finds it gone. A login that was
//! under way when its user was signed out at the provider leads to no session. Which revocation ends what, and when it is true
//! on all nodes, is in [`stores`](super::stores).
//!
//! # Logout
//!
//! `POST /auth/logout` ends the session here first, then sends the browser to the provider's `end_session_endpoint` (OpenID
//! Connect RP-Initiated Logout 1.0) with the client id, the latest ID Token as `id_token_hint`, `post_logout_redirect_uri` = the
//! base URL with a slash at its end, and a `state`. Register that URI at the provider. `GET /auth/logout` shows a page that asks.
//!
//! | request | ID Token | answer |
//! |---|---|---|
//! | a form, or a link that posts | the URL stays below 2 KB | 303 to the provider |
//! | | it is longer | 200, a page that posts the same to the provider by itself; without script, by its button |
//! | | the session is gone | 303 to the provider |
//! | a `fetch` | the URL stays below 2 KB | 200 `{"logout_url": …}`, where the page should go |
//! | | it is longer | the same without the ID Token, and beside it `"logout_form": {"action": …, "fields": {…}}` |
//! | | the session is gone | 200 `{"logout_url": …}` |
//!
//! Servers such as Entra ID and IIS refuse longer URLs, and every provider takes a form (section 2). A script that posts the
//! `logout_form` (a `<form method="post">` with hidden fields, submitted) signs its user out there without a question; one that
//! goes to `logout_url` leaves it to the provider to ask.
//!
//! **Without an ID Token** (after the session's end, while the marker cookie says that there was one) the client id is all that
//! is sent. The provider asks its user whether to sign out and shows its own page afterwards: providers that demand a hint
//! with `post_logout_redirect_uri` or `state` (Ory Hydra) would otherwise show an error, and their session would live on. At the
//! ceiling and after it the ID Token is sent as long as the record can still be read: [`MemoryStore`] keeps it for ten minutes,
//! other stores drop it at the deadline.
//!
//! Without an `end_session_endpoint`, or while the provider is down, the logout is a local one. If the store fails the answer is
//! 503. The cookies are removed even then, since the browser may be a shared one; the answer says that the session may live on
//! elsewhere, and has the way on to the provider (a link, or `logout_url` in the JSON; without an ID Token that is too long for
//! it). What the store has taken by then stays, so that the session may end at its next refresh or move. `AuthSession::end` and
//! a `flush` of the application's data remove the cookies in the same way.
//!
//! [`AuthSession::access_token`] refreshes in the last min(60 s, a quarter of its life) of the access token:
//!
//! 1. Past the deadline, and after an end of any kind, it is `SessionExpired`. No cached token is served and the provider is
//!    not asked. This is checked again after every wait: a refresh that crosses the deadline hands out nothing.
//! 2. However many requests ask, on however many nodes, there is one refresh per session, in a task of its own. A client
//!    that hangs up stops nothing.
//! 3. Before the refresh token is sent, the intent is saved, and taken back if nothing was sent (unless the store
//!    fails for longer than a lease lasts). A refresh token whose answer
//!    was lost is sent once more, then never again (`refresh_answer_lost`); it is revoked when the session ends.
//! 4. If the refresh fails while the old access token is still valid, that one serves.
//! 5. `invalid_grant` is final for the refresh token (`refresh_rejected`). It does not end the session. A provider that is down
//!    does not either; it is left alone for a second, and then asked again by whoever needs a token.
//! 6. New tokens are saved at once. If the session has ended meanwhile they are revoked, and it stays ended.
//!    Then the store is asked whether a logout came in between; if it does not answer, again until the deadline.
//! 7. A token whose lifetime the provider does not state is never refreshed by the clock.
//!
//! # The ceiling at a refresh
//!
//! A refreshed ID Token must continue the one of the login (same `iss`, `sub`, `aud` and `azp`; `nonce` the same or absent;
//! `auth_time` not earlier: OpenID Connect Core 12.2). Then:
//!
//! | its `session_expiry` | there was a ceiling | there was none |
//! |---|---|---|
//! | earlier | it becomes the ceiling | it becomes the ceiling |
//! | later | ignored, except on a renewal | it becomes the ceiling |
//! | absent, or no ID Token at all | unchanged | unchanged |
//! | malformed | unchanged | the malformed policy: the session ends, or the cap becomes the ceiling |
//!
//! The claims of the session stay those of the login; [`AuthSession::user_info`] asks what UserInfo says now.
//!
//! **Renewal**, by [`Renewal::ByRefresh`] only: the first request in the last 10 % of the ceiling's span (at least the last
//! 2 minutes before `E`) starts one refresh in the background. A later `E` is adopted only if the ID Token also has a newer
//! `iat`, and both ID Tokens have an `auth_time` of which the new one is not earlier. Otherwise the session ends at the old
//! `E`. It is tried once per ceiling.
//!
//! # The end
//!
//! | what ends it | `EndReason` | its refresh token |
//! |---|---|---|
//! | the deadline, met by a request | `Ceiling`, `IdleLimit`, `AbsoluteLimit` | revoked at the provider (kept, if the request completes a new sign-in of the same user), with [`MemoryStore`] or where the session is in use; other stores drop the record at the deadline |
//! | the deadline, met by nobody | – (it is freed, unnoticed) | left to run out |
//! | logout here, or `flush` of the application's data | `LoggedOut` | revoked at the provider |
//! | logout at the provider (Back-Channel Logout 1.0) | `BackchannelLogout` | revoked, if the session is in use on this node |
//! | another session of the user, by `AuthSession::end_session` | `LoggedOut` | as above |
//! | an administrator, by `OidcAuth::end_sessions_of` | `EndedByApplication` | as above |
//! | a new sign-in in the same browser, or `cycle_id` | `Replaced` | kept: some providers revoke the new grant with it |
//! | a malformed `session_expiry` at a refresh | `MalformedSessionExpiry` | revoked at the provider |
//! | the application, by `AuthSession::end` | `EndedByApplication` | revoked at the provider |
//! | nobody was there to take it: the client hung up during its callback | `NotDelivered` | revoked at the provider |
//! | it is gone from the store, nobody knows why | `Revoked` | – |
//!
//! Revocation runs in the background, best effort, and
//! [`revoke_tokens_at_end(false)`](crate::OidcAuthBuilder::revoke_tokens_at_end) turns it off.
//! [`on_session_ended`](crate::OidcAuthBuilder::on_session_ended) is told of each end that this process notices.
//!
//! An ended session stays ended: a refresh, a save or a touch that was under way when it ended finds it gone. A login that was
//! under way when its user was signed out at the provider leads to no session. Which revocation ends what, and when it is true
//! on all nodes, is in [`stores`](super::stores).
//!
//! # Logout
//!
//! `POST /auth/logout` ends the session here first, then sends the browser to the provider's `end_session_endpoint` (OpenID
//! Connect RP-Initiated Logout 1.0) with the latest ID Token, the client id and `post_logout_redirect_uri` = the base URL
//! with a slash at its end. Register that URI at the provider. A form gets 303; a `fetch` gets 200 with
//! `{"logout_url": …}`, where the page should go. `GET /auth/logout` shows a page that asks. Without an
//! `end_session_endpoint`, or while the provider is down, the logout is a local one. If the store fails the answer is 503.
//! The cookies are removed even then, since the browser may be a shared one; the answer says that the session may live on
//! elsewhere, and has the way on to the provider (a link, or `logout_url` in the JSON). What the store has taken by then stays,
//! so that the session may end at its next refresh or move. `AuthSession::end` and a `flush` of the application's data remove the
//! cookies in the same way.
//!
//! [`AuthSession::access_token`]: crate::AuthSession::access_token
//! [`AuthSession::refresh_access_token`]: crate::AuthSession::refresh_access_token
//! [`RefreshRejected::EndSession`]: crate::RefreshRejected::EndSession
//! [`on_refresh_rejected`]: crate::OidcAuthBuilder::on_refresh_rejected
//! [`AuthSession::user_info`]: crate::AuthSession::user_info
//! [`AuthSession::expires_at`]: crate::AuthSession::expires_at
//! [`MemoryStore`]: crate::MemoryStore
//! [`MalformedPolicy::Cap`]: crate::MalformedPolicy::Cap
//! [`Renewal::ByRefresh`]: crate::Renewal::ByRefresh
