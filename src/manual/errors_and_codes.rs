//! Every stable code, its status and its meaning.
//!
//! A code is part of the interface: it does not change within a major version. It is found
//!
//! - in JSON answers as `error`, and after the end of a session as `reason`;
//! - on pages in the small print and in `<main data-error-code="…">`, and as `Page::code` for pages of your own design;
//! - in the log as the field `code`, with the cause in `error`;
//! - as the return value of `code()` of the error types.
//!
//! The log says what is wrong in detail; what the browser is shown says what to do. Neither holds a token, a code, a key or a
//! cookie's value.
//!
//! # Events
//!
//! The codes of events ([`events`](super::events)), in the log as `event`: `signed_in`, `sign_in_refused`, `tokens_refreshed`,
//! `refresh_failed`, `session_ended`, `session_gone`, `backchannel_logout`, `logout_token_refused`, `replay_seen`,
//! `cross_site_request`, `store_unavailable`, `store_conflict`, `provider_unavailable`, `provider_available`; of the last two the
//! field `document` says `metadata`, `keys` or `token_endpoint`. `event_sink_panicked`: the application's
//! function for them panicked; the event is lost.
//!
//! # Requests under the layer
//!
//! | code | status | meaning |
//! |---|---|---|
//! | `login_required` | 401 (303 for a navigation) | nobody is signed in |
//! | `session_expired` | 401 (303 for a navigation) | there was a session and it is over; `reason` says why |
//! | `insufficient_user_authentication` | 401 (303 for a navigation) | the sign-in is not fresh or strong enough ([`requirements`](super::requirements)) |
//! | `insufficient_claims` | 403 | the user's claims are not what is required |
//! | `cross_site_request` | 403 | an unsafe method or WebSocket handshake of another site. Typed: `CrossSite`, codes `cross_site_fetch` (by `Sec-Fetch-Site`) and `cross_site_origin` (by `Origin`) |
//! | `store_unavailable` | 503 | the session store could not be asked. The user is still signed in, except after a logout: there the cookies are removed, and the answer says that the session may live on elsewhere |
//! | `unsuitable_claims` | 403 | `CustomClaims<T>`: the user's claims are not a `T` |
//! | `missing_layer` | 500 | log only: `AuthSessionLayer` is not around this handler |
//! | `two_session_layers` | 500 | log only: another session layer replaced the `tower_sessions::Session` of `.application_data(true)` |
//! | `auth_route_among_others` | 500 | log only: the layer is around a service that chooses between an auth route and others ([`AuthSessionLayer`](crate::AuthSessionLayer)) |
//! | `hidden_auth_routes` | – | log only, once: an auth route is behind a layer that cannot see it, and is guarded like any other ([`AuthSessionLayer`](crate::AuthSessionLayer)) |
//! | `random_unavailable` | 500 | the operating system has no random bytes |
//!
//! The typed reason, `Refused`, is in the extensions of the response.
//!
//! `reason` is one of
//!
//! | reason | meaning |
//! |---|---|
//! | `ceiling` | the end that the provider asserts has come, less the leeway |
//! | `idle` | the session was not used for as long as the idle limit |
//! | `absolute` | the session was as old as the absolute limit, or reached an earlier end that the application set |
//! | `continuity` | a refreshed ID Token did not verify, or did not continue the one of the login |
//! | `refresh_rejected` | the provider refused the refresh token, with [`RefreshRejected::EndSession`](crate::RefreshRejected) |
//! | `malformed_session_expiry` | a refreshed ID Token had a malformed `session_expiry`, and the policy refuses those |
//! | `revoked` | it was ended: a logout, a new sign-in, the application |
//!
//! # Access tokens
//!
//! `AccessTokenError` is a response itself, JSON with `error` and `error_description`; the layer adds `login_url` to a 401. Of
//! `session_expired` the `reason` is as above; of `refresh_rejected` it is the provider's code.
//!
//! | code | status | meaning | what helps |
//! |---|---|---|---|
//! | `session_expired` | 401 | the session is over | a login |
//! | `missing_refresh_token` | 401 | the access token has expired and the provider issued no refresh token: several do only if [`offline_access`](crate::OidcAuthBuilder::offline_access) is asked for | that setting, and a login |
//! | `refresh_rejected` | 401 | the provider refused the refresh token, now or earlier, and only the user can resolve it: `invalid_grant`, `interaction_required`, `login_required`, `consent_required`, `account_selection_required`, `unauthorized_client`, `invalid_token`, `access_denied` | a login |
//! | `refresh_answer_lost` | 401 | the refresh token was sent twice without an answer | a login |
//! | `refresh_paused` | 503 | the provider refuses for a reason that the operator resolves (`invalid_client`, `invalid_request`, `invalid_scope`, every code that is not in the row above); the refresh token is kept and sent again after a pause of 1 s to 30 s | the log has the provider's `error` and `error_description` |
//! | `invalid_refresh_response` | 502 | the provider's answer cannot be used; the log has its code | the provider |
//! | `provider_unavailable` | 503 | the provider cannot be reached; the session goes on | waiting |
//! | `store_unavailable` | 503 | the session store could not be asked | waiting |
//!
//! `UserInfoRequestError`, of `AuthSession::user_info`, adds
//!
//! | code | status | meaning |
//! |---|---|---|
//! | `userinfo_no_endpoint` | 502 | the provider's metadata names no UserInfo endpoint |
//! | `invalid_userinfo_response` | 502 | the provider refused or its answer cannot be used; the log has its code |
//! | `provider_unavailable` | 503 | the provider cannot be reached |
//!
//! # Login and callback
//!
//! Pages, at the URL where it happened. None of them starts a new login by itself.
//!
//! | code | status | meaning |
//! |---|---|---|
//! | `provider_unavailable` | 503 | the provider, its metadata or its keys cannot be had at the moment; the log has the code of the cause |
//! | `discovery_…`, `document_…`, `http_…` | 502 | its metadata or keys are of no use, and waiting does not cure it: one of the two sides is set up wrongly. No `Retry-After`; the log has the values, the URL and the setting to look at ([below](#the-providers-answers)) |
//! | `prefetch_refused` | 403 | a prefetch asked for the login (JSON) |
//! | `navigation_required` | 403 | a script, an image or a frame asked for the login, which starts for navigations only (JSON, or a page in a frame) |
//! | `login_loop_cookie_lost` | 400 | five logins led to nothing: the browser keeps no cookies |
//! | `login_loop_wrong_host` | 400 | … the host name is not that of the base URL |
//! | `login_loop_clock` | 400 | … two clocks disagree |
//! | `login_loop_conflicting_requirements` | 400 | … no session is enough for its route: two requirements exclude each other |
//! | `login_loop_ceiling_always_past` | 400 | … the provider's `session_expiry` is always past |
//! | `login_attempt_unknown` | 400 | no login attempt of this browser belongs to the response. If the browser sends no cookie of ours at all, the page says that cookies are probably blocked |
//! | `login_attempt_expired` | 400 | the attempt took longer than its lifetime |
//! | `login_attempt_used` | 400 | the attempt was used before |
//! | `too_many_sign_ins` | 503, `Retry-After` | more code exchanges run than [`max_concurrent_code_exchanges`](crate::OidcAuthBuilder::max_concurrent_code_exchanges) allows; a reload finishes the login |
//! | `authorization_response_too_long` | 400 | the query, or a parameter in it, is too long |
//! | `authorization_response_duplicate_parameter` | 400 | a parameter occurs twice |
//! | `authorization_response_state_missing` | 400 | there is no `state` |
//! | `authorization_response_issuer_mismatch` | 400 | another provider answered (`iss`, RFC 9207) |
//! | `authorization_response_issuer_missing` | 400 | the metadata promises an `iss` and there is none |
//! | `authorization_response_code_and_error` | 400 | there are a `code` and an `error` |
//! | `authorization_response_code_missing` | 400 | there is neither |
//! | `authorization_response_error` | – | log only: the provider answered with an error. The page has the provider's own code (`access_denied` 403, `login_required` 403, `unmet_authentication_requirements` 403, `server_error` 502, `temporarily_unavailable` 503, …); that of `invalid_scope` 400 names the scopes that were asked for |
//! | `provider_error` | 400 | … a code that no standard knows |
//! | `token_endpoint_rejected` | 400 or 502 | 400 if the code is invalid or expired (`invalid_grant`), also after one automatic retry; 502 if our client is refused (`invalid_client`, …): see [`client_authentication`](crate::OidcAuthBuilder::client_authentication) |
//! | `id_token_missing` | 403 | the token response has no ID Token |
//! | `session_expiry_malformed` | 403 | `session_expiry` is malformed; the log has its kind |
//! | `session_expiry_required` | 403 | there is none, and the configuration requires it |
//! | `session_ceiling_inside_leeway` | 403 | the session would end within the leeway; `Retry-After` says when to try again |
//! | `session_ceiling_past` | 403 | the session was over before it began |
//! | `logged_out_meanwhile` | 403 | the user signed out at the provider while this sign-in was under way |
//! | `login_another_user` | 403 | a page required a context that is not among the configured [`acr_values`](crate::OidcAuthBuilder::acr_values), of the user who was signed in, and another user signed in. The session until then lives on |
//! | `login_rejected` | 403 | `after_login` said no |
//! | `store_full` | 503 | the store has no room for another session |
//! | `store_unavailable` | 503 | the store could not be asked |
//! | `random_unavailable` | 500 | no random bytes |
//! | `internal_error` | 500 | the sign-in, or the logout, was cut off: a hook of the application panicked. A logout has removed the cookies even so |
//! | `confirm_logout` | 200 | not an error: the page that asks whether to sign out |
//! | `continue_logout` | 200 | not an error: the page that posts a logout to the provider whose ID Token is too long for a URL |
//!
//! # ID Tokens
//!
//! 403 at the callback. A refreshed ID Token that is refused ends the session with the reason `continuity`; its code is in the
//! log.
//!
//! | code | meaning |
//! |---|---|
//! | `jwt_too_large`, `jwt_not_compact`, `jwt_encoding`, `jwt_header_malformed`, `jwt_header_parameter` | it could not be taken apart |
//! | `jwt_encrypted` | it is encrypted, which was not negotiated |
//! | `jwt_critical_header`, `jwt_content_type` | its header demands what is not supported |
//! | `claims_not_an_object`, `claims_malformed`, `claims_duplicate`, `claims_too_large`, `claims_too_many` | its claims are no set of claims |
//! | `id_token_type`, `id_token_is_logout_token` | it is a JWT of another kind (`typ`, or the event of a logout) |
//! | `id_token_algorithm` | its `alg` is not the pinned one: see `id_token_signing_alg` |
//! | `id_token_unknown_key`, `id_token_signature` | none of the provider's keys made its signature; the latter if one of them has its `kid`. The keys have been fetched again before, unless that happened too often a moment ago: then the page is `provider_unavailable`, and the tokens of a refresh wait |
//! | `id_token_issuer`, `id_token_audience`, `id_token_extra_audience`, `id_token_authorized_party` | it is somebody else's, or for somebody else. Further audiences: see [`trusted_audiences`](crate::OidcAuthBuilder::trusted_audiences) |
//! | `id_token_subject`, `id_token_session_id`, `id_token_time_malformed` | a claim is missing or malformed |
//! | `id_token_expired`, `id_token_not_yet_valid`, `id_token_issued_in_future`, `id_token_issued_too_long_ago` | its times are wrong: often a clock |
//! | `id_token_nonce`, `id_token_at_hash` | it does not belong to this login, or not to this access token |
//! | `id_token_auth_time_missing` | `max_age` was asked for, and the provider does not say when the user signed in: it may not support `max_age` |
//! | `id_token_acr`, `id_token_amr`, `id_token_auth_time_in_future`, `id_token_auth_time_too_old` | the sign-in is not what was asked for |
//! | `refreshed_id_token_issuer`, `refreshed_id_token_subject`, `refreshed_id_token_audience`, `refreshed_id_token_authorized_party`, `refreshed_id_token_nonce`, `refreshed_id_token_auth_time` | a refreshed ID Token does not continue the one of the login |
//!
//! The kinds of a malformed `session_expiry`: `session_expiry_null`, `session_expiry_bool`, `session_expiry_string`,
//! `session_expiry_not_an_integer`, `session_expiry_not_positive`, `session_expiry_too_large`, `session_expiry_array`,
//! `session_expiry_object`, `session_expiry_duplicate`.
//!
//! Why a renewal did not move the ceiling (log, level debug): `renewal_issuer_differs`, `renewal_subject_differs`,
//! `renewal_audience_differs`, `renewal_not_newer`, `renewal_auth_time_missing`, `renewal_auth_time_earlier`.
//!
//! # Back-channel logout
//!
//! 400 at its route, whatever went wrong, with `error` `invalid_request`; the code is in the log. `BackchannelLogoutError` is in
//! the extensions of the response. `backchannel_logout` is no error: it says in the log that the provider has ended sessions.
//!
//! | code | meaning |
//! |---|---|
//! | `logout_request_media_type`, `logout_request_too_large`, `logout_request_unreadable` | the body is not a form, larger than 64 KiB, or broke off |
//! | `logout_token_missing`, `logout_token_duplicate` | there is no `logout_token` in it, or several are |
//! | `logout_token_replayed`, `logout_token_busy` | the token was received before, or is being worked on |
//! | `store_unavailable` | the store could not be asked; the sessions may live on until the provider tries again |
//! | `internal_error` | the logout was cut off: a hook of the application panicked |
//! | `jwt_…`, `claims_…` | as for ID Tokens |
//! | `discovery_…`, `document_…`, `http_…` | the keys to verify the token cannot be had; as below |
//! | `logout_token_type`, `logout_token_event`, `logout_token_nonce` | it is a JWT of another kind (`typ`), tells of no logout (`events`), or has the `nonce` of an ID Token |
//! | `logout_token_algorithm` | its `alg` is not the pinned one: see `id_token_signing_alg` |
//! | `logout_token_unknown_key`, `logout_token_signature` | none of the provider's keys made its signature, as for ID Tokens |
//! | `logout_token_issuer`, `logout_token_audience`, `logout_token_extra_audience`, `logout_token_authorized_party` | it is somebody else's, or for somebody else. Further audiences: see [`trusted_audiences`](crate::OidcAuthBuilder::trusted_audiences) |
//! | `logout_token_sid_of_another_user` | it names, by `sid`, a session of another user than by `sub`; nothing has ended |
//! | `logout_token_no_subject` | it has neither `sub` nor `sid` |
//! | `logout_token_subject`, `logout_token_session_id`, `logout_token_jti`, `logout_token_time_malformed` | a claim is missing or malformed |
//! | `logout_token_expired`, `logout_token_not_yet_valid`, `logout_token_issued_in_future`, `logout_token_issued_too_long_ago` | its times are wrong: often a clock |
//!
//! # The provider's answers
//!
//! In the log; the token endpoint's also on a page with status 502, and so are those of metadata and keys that waiting does not
//! cure.
//!
//! | code | meaning |
//! |---|---|
//! | `http_connect_failed`, `http_timeout`, `http_interrupted` | no answer |
//! | `http_response_too_large`, `http_request_invalid` | an answer beyond the limit; a URL that HTTP cannot carry |
//! | `document_status`, `document_redirect`, `document_media_type`, `document_not_json` | metadata or keys are not where they should be |
//! | `discovery_invalid_issuer`, `discovery_issuer_mismatch` | the issuer is not a usable URL, or not byte for byte that of the metadata |
//! | `discovery_endpoint_missing`, `discovery_endpoint_malformed`, `discovery_endpoint_insecure`, `discovery_member_malformed` | the metadata cannot be used |
//! | `discovery_response_type_unsupported`, `discovery_code_challenge_method_unsupported` | the provider does not do what is needed |
//! | `discovery_signing_algorithm_unsupported`, `discovery_list_empty`; `discovery_endpoint_…` and `discovery_member_malformed` of what a login can do without | a warning: that part of the metadata is not used, and the login goes on |
//! | `token_endpoint_unavailable`, `token_endpoint_reply_lost` | the token endpoint is down, or its answer was lost. A login whose exchange was cut off asks for another code, once |
//! | `token_response_html`, `token_response_redirect`, `token_response_status`, `token_response_too_large`, `token_response_not_json` | something else answered |
//! | `token_response_access_token_missing`, `token_response_token_type_missing`, `token_response_token_type_unsupported`, `token_response_member_malformed`, `token_response_member_syntax` | the token response is wrong; the last one: a token has characters that no header can carry |
//! | `userinfo_status`, `userinfo_redirect`, `userinfo_signed`, `userinfo_media_type`, `userinfo_claims_malformed`, `userinfo_subject_missing`, `userinfo_subject_mismatch` | UserInfo was not used; the login went on |
//! | `revocation_rejected`, `revocation_unavailable`, `revocation_reply_lost`, `revocation_malformed` | a token may not have been revoked; nothing else depends on it |
//! | `revocation_given_up` | the provider revoked none of several tokens of sessions that ran out; `left` more were not tried |
//!
//! # The end of a session
//!
//! `EndReason::code()`: `ceiling`, `idle_limit`, `absolute_limit`, `logged_out`, `replaced`, `session_limit` (the user signed
//! in once more than [`max_sessions_per_user`] allows), `malformed_session_expiry`, `continuity`, `refresh_rejected`,
//! `ended_by_application`, `not_delivered`, `backchannel_logout`, `revoked`. In the log: `signed_in`, `session_ended`,
//! `session_not_deleted` (the store failed, which is a `store_unavailable` before it; the record runs out by itself),
//! `record_not_opened` (a stored record is not one
//! of ours, and so no session), `response_ended` and `socket_closed` (a stream or a WebSocket ended with its session). The
//! Close frame of a WebSocket says `session_expired` or `session_revoked`.
//!
//! # Stores
//!
//! In the log. None of them needs more than a look at the store.
//!
//! | code | meaning |
//! |---|---|
//! | `store_unavailable` | the store failed or did not answer in time; the request got 503 |
//! | `events_lost` | what other nodes change is not heard; until it is again, the store is asked at each request |
//! | `expired_not_deleted` | expired records stay a little longer |
//! | `open_responses_not_checked` | whether the session of an open stream or socket has ended elsewhere is not known; it is asked again |
//! | `old_id_not_closed` | a session moved to a new id, and the store failed before the old one was closed; it is tried until it works |
//! | `lease_not_renewed` | a lease may run out before its work is done; nothing is sent then |
//!
//! # Application data
//!
//! `ApplicationDataError`, by its text: `session_gone`, `session_data_stale`, `store_unavailable`.
//!
//! # Configuration
//!
//! `ConfigErrors` names settings rather than codes. The HTTP client's: `http_settings_timeout`,
//! `http_settings_max_response_size_zero`, `http_settings_root_certificates_malformed`, `http_settings_trust_file_unusable`,
//! `http_settings_proxy_malformed`, `http_settings_tls`, `http_settings_client`.
//!
//! # Redis
//!
//! With the feature `redis`. Of `RedisConfigError`: `redis_url_invalid`, `redis_url_insecure`, `redis_url_clear_text`, `redis_cluster_nodes_invalid`,
//! `redis_key_prefix_invalid`, `redis_timeout_out_of_range`, `redis_root_certificates_unusable`, `random_unavailable`.
//!
//! Warnings in the log, once, if the server is not set up to keep sessions, or not to be reached:
//!
//! | code | meaning |
//! |---|---|
//! | `redis_evicts` | `maxmemory-policy` is not `noeviction`: live sessions and revocations may be dropped |
//! | `redis_not_persistent` | nothing is written to disk: a restart signs everyone out and forgets revocations |
//! | `redis_snapshots_only` | a crash brings back what was signed out since the last snapshot |
//! | `redis_cluster_clear_text` | an error: a cluster that is reached by `redis://` names a node on another machine. It is not connected to, and requests that need it get 503 |
//! | `redis_isolation_unnoticed` | there are replicas, and `min-replicas-to-write` is 0: a master that is cut off serves what was ended on its successor |
//!
//! # Development provider
//!
//! `DevProviderError::code()`: `invalid_issuer`, `issuer_required`, `listen_failed`, `random_unavailable`, `signing_key`,
//! `unknown_client`, `no_backchannel_logout_uri`, `delivery_failed`.
//!
//! [`max_sessions_per_user`]: crate::OidcAuthBuilder::max_sessions_per_user
