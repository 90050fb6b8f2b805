//! The rules of the session ceiling, by number. Comments in the code cite them: "ceiling rule 7".
//!
//! `E` is the ID Token's `session_expiry`: the Unix second at which a session made from this ID Token must be over (IPSIE
//! SL1). `L` is the leeway, 30 s by default, taken off for clock skew: the session ends early, never late. `now` is in whole
//! seconds. [`life_of_a_session`](super::life_of_a_session) tells the same in the order in which it happens.
//!
//! # The rules
//!
//! 1. **Source.** Only a verified ID Token sets the ceiling. A `session_expiry` in UserInfo, or added by the application, is
//!    neither enforced nor shown. No ID Token, no session.
//! 2. **Value.** A JSON integer, 1 ≤ `E` < 10,000,000,000. Anything else that is present is malformed: `null`, a boolean, a
//!    string, a fraction, `1893456000.0`, `1.8e9`, 0, a negative number, an array, an object, milliseconds, the claim twice. It
//!    refuses the login, and the log (not the browser) is told the kind. By [`MalformedPolicy::Cap`] the ceiling is `iat` + a
//!    duration instead, from which `L` is taken off as usual. No policy, at login or at a refresh, takes a malformed claim for
//!    "no limit".
//! 3. **Absent.** The provider states no ceiling; the absolute limit and the idle limit hold. With
//!    [`require_session_expiry`] the login is refused.
//! 4. **Reached.** When `now >= E − L`, in saturating 64-bit arithmetic. With `L` = 30 s, `E − now` = 31 is live and 30 is over.
//! 5. **At login.** When `E − L <= max(iat, now)` the login is refused: nothing is stored, no session cookie is set, the
//!    attempt is used up, the fresh tokens are revoked (best effort), and an older session of the same issuer and `sub` in this
//!    browser is ended. Rule 6 goes first.
//! 6. **Inside the leeway.** If rule 5 would refuse but `max(iat, now) < E`, the provider's own session may be about to end:
//!    there is exactly one retry with `prompt=login`, the only login that begins by itself. (One whose code is refused goes to
//!    the provider once more, but stays the same login: [life of a session](super::life_of_a_session#login).) If that fails
//!    too, a page with `Retry-After` = `E − now` says when. Login loops of any cause stop after five rounds without an admitted
//!    request, with a page that names the probable cause; the count is in a short-lived cookie of its own.
//! 7. **Enforcement.** On every request under the layer, right after the session is found and before any handler, hook, touch
//!    or write. The record is deleted and the cookie removed on that very response. The answer does not depend on the deletion:
//!    one that fails is logged, and the record's own lifetime finishes the job.
//! 8. **Answers.** A page that the user opens is sent to the login and comes back; anything else is a 401 with a reason, a
//!    page where a page was asked for. [`continue_anonymous`] runs the handler without a session instead. The reason is
//!    stable: a marker cookie without any id lives ten minutes longer than the session cookie, which browsers drop by themselves.
//!    A marker without a session means `session_expired`, not `login_required`.
//! 9. **Tokens.** Past the deadline [`access_token`] is `SessionExpired`: nothing cached is served and the token endpoint is
//!    not called. This is checked again after every wait, so a refresh that crosses the deadline hands out nothing. An access
//!    token's [`expires_at`] is the earlier of its own end and the deadline; whether a refresh is due is judged by its own.
//! 10. **Refresh.** The ceiling of the login is kept. A refreshed ID Token with an earlier `E` lowers it; a later one is ignored;
//!     an absent one changes nothing; where there was no ceiling, `E` becomes it; a malformed one leaves an existing ceiling and
//!     otherwise meets rule 2, whose refusal ends the session. [`Renewal::ByRefresh`] is the one exception: in the last
//!     max(2 minutes, 10 % of the ceiling's span) a request starts one refresh in the background, and a later `E` is adopted from
//!     a verified ID Token with the same `iss`, `sub` and `aud`, a newer `iat`, and an `auth_time` that is not earlier. Failing
//!     that, the session ends at the old `E − L`.
//! 11. **Reading.** [`claims`] shows `session_expiry` as the login's ID Token asserted it, [`ceiling`] the `E` in force, and
//!     [`AuthSession::expires_at`] the deadline, all limits included. Reading them enforces nothing.
//! 12. **Lifetimes.** The record's lifetime and the cookie's `Max-Age` are max(0, deadline − now) at every write, where the
//!     deadline is the earliest of `E − L`, login + absolute limit, last use + idle limit.
//! 13. **Streams and sockets** that were opened with a session end at its deadline, and when it is revoked: on this node at
//!     once, on others within 2 s. Server-sent events end cleanly, downloads are cut, WebSockets are closed with code 1008. At an
//!     idle end the store is asked once whether the session was used elsewhere; what the server pushes is no use.
//!     [`long_responses`](super::long_responses) has the whole table.
//! 14. **Caching.** A response to a request with a session is `no-store`, unless the handler says otherwise; one that carries
//!     the session cookie is always `no-store` or `private`.
//! 15. **Clock.** One clock, which can be replaced. A session is over if the wall clock says so, or if the wall clock when it was
//!     loaded plus the monotonic time since then does: a step back revives nothing. Nothing is remembered for the whole process,
//!     so a wrong step forward locks nobody out for longer than it lasts; the sessions that met it have ended.
//! 16. **Records.** The ceiling is a mandatory field of the stored session, with an explicit "none". A record that does not
//!     parse or lacks the field, or is of another version, issuer or client, is no session.
//! 17. **Tokens at the end.** When a session ends here, by logout or because a request meets its end, its refresh token is
//!     revoked in the background, best effort; [`revoke_tokens_at_end(false)`] turns it off. It cannot be where no cookie is at
//!     hand to open the record (a session that just runs out), and is not where a new login replaces a live session, or
//!     follows one of the same user that was over.
//! 18. **Next login.** The new ID Token's `E` is the ceiling, later, earlier or absent. It is always a new session under a new
//!     id, and the browser's old one is ended.
//!
//! # Compared with the Auth0 SDKs
//!
//! Python, Express, Next.js and server-js, as read in November 2026:
//!
//! | question | there | here |
//! |---|---|---|
//! | malformed claim | session without any ceiling; milliseconds silently disable it | login refused (rule 2) |
//! | where enforced | in each accessor by hand (Express: in its middleware) | once, in the layer, by type (7) |
//! | earlier value on refresh | ignored | lowers the ceiling (10) |
//! | re-authentication by refresh | not implemented | by option, with continuity checks (10) |
//! | ceiling crossed during a refresh | token handed out | refused (9) |
//! | logout during a refresh | session recreated without a ceiling | stays ended, new tokens revoked (9) |
//! | cookie and store lifetime | not capped, or capped at `E` | `E − L` (12) |
//! | second request after the end | reports a missing token | reports `session_expired` (8) |
//! | sign-in inside the leeway | hard error page | one retry, then a page with `Retry-After` (6) |
//!
//! [`AuthSession::expires_at`]: crate::AuthSession::expires_at
//! [`MalformedPolicy::Cap`]: crate::MalformedPolicy::Cap
//! [`Renewal::ByRefresh`]: crate::Renewal::ByRefresh
//! [`access_token`]: crate::AuthSession::access_token
//! [`ceiling`]: crate::AuthSession::ceiling
//! [`claims`]: crate::AuthSession::claims
//! [`continue_anonymous`]: crate::AuthSessionLayer::continue_anonymous
//! [`expires_at`]: crate::AccessToken::expires_at
//! [`require_session_expiry`]: crate::OidcAuthBuilder::require_session_expiry
//! [`revoke_tokens_at_end(false)`]: crate::OidcAuthBuilder::revoke_tokens_at_end
