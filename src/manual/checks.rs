//! Each check that the standards ask of a Relying Party: what is done, the code of the refusal, and the test that shows it.
//!
//! The lists are gone through line by line; a line that does not apply says why. Tests are named by their path below `tests/it`
//! or `src`; those against an independent, certified provider and a real browser are the files of `tests/e2e`. Codes are explained
//! in [`errors_and_codes`](super::errors_and_codes). A test of this crate fails if a name in these tables does not exist.
//!
//! What a refusal costs is the same everywhere, and asserted in each row of the tests: no session, no cookie, no further
//! request to the provider but the revocation of what it has issued, no redirect followed, and a clean login right after, in
//! the same process. (After `invalid_grant` the browser is first sent for another code, once.) A refreshed ID Token that is refused ends the session; a refused logout token
//! ends nothing.
//!
//! # OpenID Connect Discovery 1.0, section 4.3
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 4.1 | the path of the issuer is kept, one trailing slash is not doubled | | `provider::discovery::issuers_have_paths_and_trailing_slashes` |
//! | 4.2 | status 200, JSON by its type, an object; bounded in size and time; no redirect | `document_status`, `document_media_type`, `document_not_json`, `document_redirect`, `http_response_too_large`, `http_timeout` | `provider::discovery::each_broken_reply_keeps_logins_from_beginning` |
//! | 4.3 | `issuer` is there, and byte for byte the configured one | `discovery_issuer_mismatch` | `provider::discovery::each_wrong_document_keeps_logins_from_beginning` |
//! | 4.3 | `iss` of each ID Token is that issuer, too | `id_token_issuer` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 3 | endpoints that are needed are there | `discovery_endpoint_missing` | `provider::discovery::each_wrong_document_keeps_logins_from_beginning` |
//! | 7.1 | endpoints are https (http only where issuer and endpoint are loopback); the certificate is verified | `discovery_endpoint_insecure`, `http_connect_failed` | `provider::metadata::plain_http_is_for_loopback_endpoints_of_a_loopback_issuer`, `provider::http_client::https_needs_a_trusted_certificate_and_no_process_wide_default` |
//! | 3 | response type `code` and PKCE with S256 are among what is announced, where it is announced; a list of algorithms without the pinned one is a warning | `discovery_response_type_unsupported`, `discovery_code_challenge_method_unsupported` | `provider::metadata::what_no_login_could_succeed_with_is_refused`, `provider::metadata::an_algorithm_that_is_not_listed_is_a_warning` |
//! | 3 | client authentication as the client is registered, else as the metadata has it | | `provider::oddities::the_client_authenticates_as_it_is_registered`, `provider::discovery::the_client_authenticates_as_the_metadata_says` |
//!
//! # Keys: the JWK Set
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | Core 10.1.1 | a signature that no key verifies asks for the keys again, once for all who wait, and seldom | `id_token_unknown_key` | `provider::jwks::a_rotation_is_seen_at_once`, `provider::jwks::fifty_forged_signatures_are_not_fifty_fetches`, `tests/e2e/key_rotation.test.mjs` |
//! | RFC 7517 4.2 to 4.4 | keys of another use, type or algorithm are not tried | `id_token_unknown_key` | `provider::jwks::a_key_set_of_no_use_refuses_the_login_and_an_odd_one_does_not`, `protocol::jwt::only_keys_that_fit_are_tried` |
//! | RFC 7517 5 | keys that are not understood are ignored | | `provider::jwks::a_key_set_of_no_use_refuses_the_login_and_an_odd_one_does_not` |
//! | | the document: as that of the metadata | `document_status`, `document_not_json` | `provider::jwks::each_broken_reply_is_the_providers_failure` |
//!
//! # Authorization response: OpenID Connect Core 1.0, 3.1.2.7, and RFC 6749, 4.1.2 and 10.12
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | RFC 6749 10.12 | `state` belongs to a login attempt that this browser began, that is at most ten minutes old, and was not used before | `login_attempt_unknown`, `login_attempt_expired`, `login_attempt_used`, `authorization_response_state_missing` | `callback::response::a_response_without_the_attempts_state_leaves_the_attempt_alone`, `callback::attempt::an_attempt_of_another_browser_is_unknown`, `callback::attempt::an_attempt_is_good_for_ten_minutes`, `callback::attempt::an_attempt_is_used_once_even_if_its_cookie_is_sent_again`, `callback::attempt::of_two_callbacks_at_once_one_wins` |
//! | RFC 6749 4.1.2 | `code` is there, once | `authorization_response_code_missing`, `authorization_response_duplicate_parameter` | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent`, `callback::response::every_parameter_that_we_know_may_be_there_once` |
//! | RFC 6749 4.1.2 | parameters that are not known are ignored | | `callback::response::parameters_that_we_do_not_know_are_ignored` |
//! | RFC 6749 4.1.2.1 | an error is a page of its own, its text is not shown, and nothing is sent | `authorization_response_error` | `callback::provider_error::each_error_is_a_page_of_its_own`, `callback::provider_error::a_strangers_text_is_not_shown` |
//! | RFC 6749 4.1.2.1 | an error beside a code is refused | `authorization_response_code_and_error` | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent` |
//! | | a query that is too long is not read | `authorization_response_too_long` | `callback::response::a_response_that_is_too_long_is_not_read` |
//!
//! # RFC 9207, section 2.4
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 2.4, 1st paragraph | `iss`, decoded, is byte for byte the issuer that the attempt was begun with, in errors as well | `authorization_response_issuer_mismatch` | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent`, `protocol::authorization_response::each_fault_has_its_own_error` |
//! | 2.4, 3rd paragraph | without `iss` a response is refused where the metadata announces it | `authorization_response_issuer_missing` | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent` |
//! | 2.4, 3rd paragraph | where it is not announced it may be missing; one that is there is compared all the same | | `callback::response::iss_is_required_only_where_it_is_announced` |
//! | 2.4, 4th paragraph | JARM (`iss` in a JWT): not used | | |
//!
//! # Token response: OpenID Connect Core 1.0, 3.1.3.3 and 3.1.3.5, and RFC 6749, 5.1
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | RFC 6749 5.1 | status 200, JSON, an object; bounded in size and time; no redirect; sent once | `token_response_status`, `token_response_html`, `token_response_not_json`, `token_response_redirect`, `token_response_too_large`, `token_endpoint_reply_lost` | `provider::token_endpoint::each_broken_reply_is_the_providers_failure` |
//! | RFC 6749 5.1 | `access_token` is there | `token_response_access_token_missing` | `provider::token_endpoint::each_wrong_response_is_told_apart` |
//! | RFC 6749 5.1, 7.1 | `token_type` is `Bearer`, in any case of letters | `token_response_token_type_missing`, `token_response_token_type_unsupported` | `provider::token_endpoint::each_wrong_response_is_told_apart`, `protocol::token_response::each_fault_has_its_own_error` |
//! | RFC 6749 5.1 | members are of their type; `expires_in`, `scope` and `refresh_token` may be missing | `token_response_member_malformed` | `protocol::token_response::each_fault_has_its_own_error`, `provider::token_endpoint::what_a_token_response_may_leave_out_may_be_missing` |
//! | RFC 6749 5.2 | an error is a refusal, and its text is not shown; after `invalid_grant` the provider is asked for another code, once | `token_endpoint_rejected` | `provider::token_endpoint::each_wrong_response_is_told_apart`, `provider::token_endpoint::a_code_that_nobody_issued_is_refused`, `callback::code_retry::refused_again_there_is_a_page` |
//! | Core 3.1.3.3 | there is an ID Token | `id_token_missing` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | Core 3.1.3.5, 3.1.3.8 | `at_hash`, if there is one, is that of the access token | `id_token_at_hash` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::id_token::at_hash_uses_the_hash_of_the_algorithm` |
//!
//! # ID Token: OpenID Connect Core 1.0, 3.1.3.7
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 1 | an encrypted token was not negotiated | `jwt_encrypted` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 2 | `iss` is the issuer, byte for byte | `id_token_issuer` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::id_token::parties_are_compared_byte_for_byte` |
//! | 3 | `aud` is this client and nobody else, but for trusted audiences | `id_token_audience`, `id_token_extra_audience` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 4 | several audiences: refused, unless each is on `trusted_audiences` and `azp` is this client | `id_token_extra_audience` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 5 | `azp`, if present, is this client | `id_token_authorized_party` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 6 | the signature is verified, though TLS would do | `id_token_signature`, `id_token_unknown_key` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 7 | `alg` is the pinned one | `id_token_algorithm` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::jwt::the_token_does_not_choose_the_algorithm` |
//! | 8 | MAC algorithms: none can be pinned | `id_token_algorithm` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::algorithm::what_must_not_be_pinned_has_no_name` |
//! | 9 | now is before `exp` | `id_token_expired`, `id_token_time_malformed` | `callback::id_token::times_are_judged_with_the_clock_tolerance` |
//! | 10 | `iat` is neither in the future nor long ago; so no nonce is kept longer | `id_token_issued_in_future`, `id_token_issued_too_long_ago` | `callback::id_token::times_are_judged_with_the_clock_tolerance`, `protocol::id_token::times_have_both_sides` |
//! | 11 | `nonce` is that of the login attempt, which is used once | `id_token_nonce` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::id_token::the_nonce_is_that_of_the_login_attempt` |
//! | 12 | `acr` is one of those that were asked for | `id_token_acr` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::id_token::acr_is_one_of_those_asked_for` |
//! | 13 | `auth_time` is as recent as was asked for | `id_token_auth_time_too_old`, `id_token_auth_time_in_future`, `id_token_auth_time_missing` | `callback::id_token::times_are_judged_with_the_clock_tolerance`, `protocol::id_token::max_age_requires_a_fresh_auth_time` |
//! | 2 | `sub` has 1 to 255 characters, none of them a control character | `id_token_subject` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 2 | `amr` has each method that is required | `id_token_amr` | `protocol::id_token::amr_has_every_method_required` |
//! | IPSIE SL1 | `session_expiry` is a whole number of seconds after 1970, and not over | `session_expiry_malformed`, `session_ceiling_past`, `session_ceiling_inside_leeway`, `session_expiry_required` | `callback::ceiling_at_login::malformed_claims_are_refused`, `callback::ceiling_at_login::the_ceiling_at_login_is_judged_by_iat_and_by_now`, `callback::ceiling_policy::a_required_claim_that_is_absent_refuses_the_login` |
//!
//! # UserInfo: OpenID Connect Core 1.0, 5.3.2 and 5.3.4
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 5.3.2 | `sub` is there and that of the ID Token, else nothing of it is used | `userinfo_subject_missing`, `userinfo_subject_mismatch` | `provider::userinfo::each_wrong_response_is_not_used` |
//! | 5.3.2 | the type is JSON, the content an object, bounded; no claim of the ID Token is overridden, `session_expiry` never taken | `userinfo_media_type`, `userinfo_claims_malformed`, `userinfo_status`, `userinfo_redirect` | `provider::userinfo::each_broken_reply_leaves_the_id_tokens_claims`, `provider::userinfo::its_claims_are_added_and_override_nothing`, `callback::ceiling_at_login::a_session_expiry_in_user_info_is_not_trusted` |
//! | 5.3.4, 1 | it is the provider's: TLS, as for the metadata | | `provider::http_client::https_needs_a_trusted_certificate_and_no_process_wide_default` |
//! | 5.3.4, 2 and 3 | encrypted or signed: not asked for, not used | `userinfo_signed` | `provider::client::tests::userinfo::each_fault_has_its_own_code` |
//! | RFC 6750 5.3 | the access token goes in the header | | `provider::userinfo::it_is_asked_with_the_access_token` |
//!
//! # Refresh: OpenID Connect Core 1.0, 12.2
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 12.2 | an ID Token may be missing | | `access_token::continuity::no_id_token_is_fine` |
//! | 12.2, 1 | `iss` is the same | `refreshed_id_token_issuer`, `id_token_issuer` | `access_token::continuity::another_identity_ends_the_session` |
//! | 12.2, 2 | `sub` is the same | `refreshed_id_token_subject` | `access_token::continuity::another_identity_ends_the_session` |
//! | 12.2, 3 | `iat` is neither in the future nor long ago | `id_token_issued_in_future`, `id_token_issued_too_long_ago` | `access_token::continuity::another_identity_ends_the_session`, `protocol::id_token::times_have_both_sides` |
//! | 12.2, 4 | `aud` includes the original one, and otherwise trusted ones alone | `refreshed_id_token_audience`, `id_token_audience` | `access_token::continuity::another_identity_ends_the_session`, `protocol::id_token::the_original_audience_is_still_included` |
//! | 12.2, 5 | `auth_time`, if present in both, is not earlier | `refreshed_id_token_auth_time` | `access_token::continuity::another_identity_ends_the_session` |
//! | 12.2, 6 | `azp` is the same, or absent in both | `refreshed_id_token_authorized_party` | `protocol::id_token::a_token_of_another_issuer_client_or_login_is_no_continuation` |
//! | 12.2, 7 | `nonce`, if present, is the same | `refreshed_id_token_nonce` | `access_token::continuity::another_identity_ends_the_session` |
//! | 12.2, 8 | and all the rules of 3.1.3.7 | | `access_token::continuity::another_identity_ends_the_session` |
//! | 12.2 | a refused answer's tokens are never handed out | `invalid_refresh_response` | `access_token::continuity::another_identity_ends_the_session` |
//! | RFC 6749 5.2 | `invalid_grant` is final, anything else is not | `refresh_rejected` | `access_token::provider::invalid_grant_is_final`, `access_token::provider::a_provider_that_fails_ends_nothing` |
//!
//! # Logout token: OpenID Connect Back-Channel Logout 1.0, 2.6
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 2.5 | a POST of a form of at most 64 KiB, with one `logout_token` | `logout_request_media_type`, `logout_request_too_large`, `logout_token_missing`, `logout_token_duplicate` | `backchannel_logout::request::the_body_is_a_form_whatever_follows_the_semicolon`, `backchannel_logout::request::there_is_one_logout_token_and_the_rest_is_ignored`, `backchannel_logout::request::more_is_not_read` |
//! | 2.6, 1 | an encrypted token was not negotiated | `jwt_encrypted` | `backchannel_logout::tokens::a_token_that_the_provider_did_not_sign_is_refused` |
//! | 2.6, 2 | the signature is the provider's | `logout_token_signature`, `logout_token_unknown_key` | `backchannel_logout::tokens::a_token_that_the_provider_did_not_sign_is_refused` |
//! | 2.6, 3 | `alg` is the pinned one, never `none` | `logout_token_algorithm` | `backchannel_logout::tokens::a_token_that_the_provider_did_not_sign_is_refused` |
//! | 2.6, 4 | `iss`, `aud`, `iat`, `exp` as in an ID Token; without `exp` (an older draft) it must be fresh | `logout_token_issuer`, `logout_token_audience`, `logout_token_extra_audience`, `logout_token_expired`, `logout_token_issued_in_future`, `logout_token_issued_too_long_ago`, `logout_token_time_malformed`, `logout_token_not_yet_valid` | `backchannel_logout::tokens::each_wrong_claim_has_its_own_reason`, `protocol::logout_token::without_exp_the_token_must_be_fresh` |
//! | 2.6, 5 | `sub`, `sid` or both, well formed | `logout_token_no_subject`, `logout_token_subject`, `logout_token_session_id` | `backchannel_logout::tokens::each_wrong_claim_has_its_own_reason` |
//! | 2.6, 6 | `events` is an object that has the event of a logout, which is an object | `logout_token_event` | `backchannel_logout::tokens::each_wrong_claim_has_its_own_reason`, `protocol::logout_token::the_event_is_a_logout` |
//! | 2.6, 7 | no `nonce` | `logout_token_nonce` | `protocol::logout_token::a_nonce_is_prohibited_whatever_it_is` |
//! | 2.6, 8 | `jti` is there and was not received before | `logout_token_jti`, `logout_token_replayed` | `backchannel_logout::sessions::a_token_is_carried_out_once` |
//! | 2.6, 9 to 11 | optional, not done: a token for a session that nobody has is a success, and ends one whose login is still under way | | `backchannel_logout::sessions::a_session_that_nobody_has_is_a_success`, `backchannel_logout::sessions::a_login_that_is_under_way_does_not_outlive_the_logout` |
//! | 2.7 | the sessions end, on every node, before the answer | | `backchannel_logout::sessions::by_sid_one_session_ends_and_by_sub_all_of_the_user`, `tests/e2e/backchannel_logout.test.mjs`, `tests/e2e/two_nodes.test.mjs` |
//! | 2.8 | 400 where it was refused or not carried out, `no-store` | `store_unavailable` | `backchannel_logout::tokens::a_store_that_fails_is_no_success` |
//! | 4.1 | `typ`, if there is one, is that of a logout token or of no special kind | `logout_token_type` | `backchannel_logout::tokens::the_type_may_be_missing_but_not_another` |
//!
//! # RFC 8725, section 3
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | 3.1 | the algorithm is the configuration's, not the token's; a key is used with one algorithm | `id_token_algorithm`, `logout_token_algorithm` | `protocol::jwt::the_token_does_not_choose_the_algorithm`, `protocol::id_token::a_valid_key_of_another_algorithm_does_not_pass` |
//! | 3.2 | `none` and MAC algorithms cannot be configured; RSA PKCS #1 v1.5 encryption is not used | | `protocol::algorithm::what_must_not_be_pinned_has_no_name` |
//! | 3.3 | one failing operation refuses the token; there are no nested ones | `id_token_signature`, `jwt_encrypted`, `jwt_content_type` | `protocol::jwt::a_signature_covers_header_and_payload` |
//! | 3.4 | inputs of the signature algorithms are validated by the library (*ring*, RustCrypto) | `id_token_signature` | `protocol::jwt::every_algorithm_that_can_be_pinned_can_be_verified` |
//! | 3.5 | RSA keys have at least 2048 bits; no password is a key | `id_token_unknown_key` | `protocol::jwt::an_rsa_key_has_at_least_2048_bits` |
//! | 3.6 | no compression: encrypted tokens are refused | `jwt_encrypted` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 3.7 | UTF-8, strictly; base64url without padding, strictly | `jwt_encoding`, `claims_malformed` | `protocol::jwt::a_token_is_three_parts_of_strict_base64url` |
//! | 3.8 | `iss` belongs to the keys, `sub` is well formed | `id_token_issuer`, `id_token_subject` | `protocol::id_token::parties_are_compared_byte_for_byte` |
//! | 3.9 | `aud` is checked | `id_token_audience`, `logout_token_audience` | `protocol::logout_token::parties_are_compared_byte_for_byte` |
//! | 3.10 | `kid` is a hint among the provider's keys alone; `jku`, `x5u`, `jwk` are ignored | `id_token_unknown_key` | `protocol::jwt::keys_in_the_header_are_ignored` |
//! | 3.11 | `typ` of another kind is refused | `id_token_type`, `logout_token_type` | `protocol::id_token::the_type_is_that_of_an_id_token`, `protocol::logout_token::the_type_is_that_of_a_logout_token` |
//! | 3.12 | no token passes for one of the other kind | `id_token_is_logout_token`, `logout_token_event` | `protocol::logout_token::an_id_token_is_no_logout_token`, `protocol::logout_token::a_logout_token_is_no_id_token`, `access_token::continuity::a_logout_token_is_no_refreshed_id_token`, `backchannel_logout::tokens::an_id_token_is_no_logout_token` |
//!
//! Beside them: no claim twice (`claims_duplicate`), sizes and depths are bounded (`jwt_too_large`, `claims_too_large`,
//! `claims_too_many`), a critical header that is not understood is refused (`jwt_critical_header`).
//!
//! # RFC 9700, section 2
//!
//! | clause | what is done | test |
//! |---|---|---|
//! | 2.1 | no open redirector: `return_to` is a path of the application | `login::return_to::everything_else_becomes_the_front_page`, `protocol::return_to::the_absolute_url_stays_on_the_base_urls_origin` |
//! | 2.1 | CSRF: PKCE, `state` bound to the browser by a sealed cookie, and `nonce` | `callback::attempt::an_attempt_of_another_browser_is_unknown`, `callback::attempt::the_binding_of_another_browser_is_not_enough` |
//! | 2.1 | mix-up: one issuer for one callback, and `iss` in the response | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent` |
//! | 2.1 | the redirect URI is one string, from the configuration | `login::request::the_least_request_holds_what_the_flow_needs_and_nothing_else` |
//! | 2.1.1 | PKCE with S256 at each login, the verifier of 256 random bits | `login::request::the_code_is_redeemed_with_the_verifier_of_the_challenge`, `login::request::no_two_logins_share_a_secret` |
//! | 2.1.2 | implicit grant: not used; no token comes through the browser | `login::request::the_least_request_holds_what_the_flow_needs_and_nothing_else` |
//! | 2.2.1 | sender-constrained access tokens: the provider's and the resource's choice; not used | |
//! | 2.2.2 | a refresh token is sent once, rotated ones are kept; a public client's is rotated by the provider | `access_token::fresh::served_until_due_refreshed_then_and_the_rotated_refresh_token_kept`, `access_token::once::fifty_requests_with_an_expired_token_make_one_refresh`, `tests/e2e/shared_refresh.test.mjs` |
//! | 2.3 | `scope`, `audience`, `resource` restrict access tokens | `login::request::every_setting_of_the_request_is_sent`, `login::request::the_access_tokens_audience_is_named_at_the_token_endpoint_too` |
//! | 2.4 | password grant: not used | |
//! | 2.5 | client authentication by secret; asymmetric methods are not there yet | `provider::discovery::the_client_authenticates_as_the_metadata_says` |
//! | 2.6 | metadata is used, TLS is end to end, no CORS, no `postMessage` | `provider::discovery::each_wrong_document_keeps_logins_from_beginning` |
//!
//! # RFC 9700, section 4
//!
//! | clause | what is done | test |
//! |---|---|---|
//! | 4.1 | validation of the redirect URI: the provider's; ours has no wildcard and no parameter | `login::request::the_least_request_holds_what_the_flow_needs_and_nothing_else` |
//! | 4.2 | `Referrer-Policy: no-referrer` on all pages and redirects of a login; the callback's page loads nothing | `callback::provider_error::the_page_is_locked_up_in_any_design` |
//! | 4.3 | the callback answers with a redirect; a code is of no use a second time | `callback::back_button::while_signed_in_it_goes_to_its_page`, `tests/e2e/back_button.test.mjs` |
//! | 4.4 | mix-up: as in 2.1 | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent` |
//! | 4.5 | injected codes: PKCE and `nonce` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 4.6 | injected access tokens: `at_hash`, and no token comes through the browser | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 4.7 | CSRF: as in 2.1; the application's own unsafe requests, by `Sec-Fetch-Site` and `Origin` | `layer::cross_site::unsafe_methods_and_websockets_of_other_sites_are_refused` |
//! | 4.8 | PKCE downgrade: the challenge is always sent; a provider that announces methods without S256 is refused | `provider::metadata::what_no_login_could_succeed_with_is_refused` |
//! | 4.9, 4.10 | leaked access tokens: they stay on the server, sealed in the store, and are shown in no log | `logs::flows::of_a_session_from_login_to_logout`, `tests/e2e/secrets.test.mjs`, `tests/e2e/store_content.test.mjs` |
//! | 4.11 | open redirection: as in 2.1 | `login::return_to::everything_else_becomes_the_front_page` |
//! | 4.12 | 307: redirects are 303 | `login::request::a_login_leads_to_a_session` |
//! | 4.13 | proxies that end TLS: no forwarded header is read; every URL is the configuration's | `login::host::no_url_comes_from_the_request` |
//! | 4.14 | refresh tokens: as in 2.2.2; revoked at the end of the session | `logout::local::the_refresh_token_is_revoked_unless_it_is_turned_off` |
//! | 4.15 | clients that pass for users: the provider's; `sub` and `iss` together name a user | |
//! | 4.16 | clickjacking: `frame-ancestors 'none'` on our pages | `callback::provider_error::the_page_is_locked_up_in_any_design` |
//! | 4.17 | communication between windows: not used | |
//!
//! # What attacks and odd providers have shown
//!
//! | no. | what holds since | code | test |
//! |---|---|---|---|
//! | 1 | what was read before an end was answered, or before the ceiling was lowered, is loaded again | | `nodes::races::held_loads::a_session_that_ends_while_it_is_loaded_is_not_admitted`, `nodes::races::held_loads::a_ceiling_that_is_lowered_while_it_is_loaded_holds`, `nodes::races::held_loads::a_session_that_is_loaded_in_the_middle_of_its_end_is_not_admitted` |
//! | 2 | whatever hands out the session later than the layer checks it again | `session_expired` | `extract::late_checks::a_deadline_that_comes_in_between_is_met`, `extract::late_checks::a_logout_that_comes_in_between_is_met`, `extract::late_checks::a_store_that_fails_in_between_is_503` |
//! | 2, 6 | a store that fails makes no session idle: only its word does | `store_unavailable` | `access_token::idle::idle_postponed_elsewhere_keeps_the_rotated_token`, `access_token::idle::the_ceiling_ends_the_wait_for_the_store`, `extract::late_checks::an_idle_limit_that_was_postponed_elsewhere_is_none`, `extract::late_checks::an_idle_limit_that_nobody_can_confirm_signs_nobody_out` |
//! | 3 | a running handler learns of an end elsewhere within 2 s, also where no events arrive | `session_expired` | `extract::late_checks::a_logout_elsewhere_is_met_after_2_s`, `nodes::races::held_loads::an_end_elsewhere_is_known_2_s_after_a_held_load`, `session::tests::services::background::after_a_lost_connection_sessions_in_use_are_in_doubt` |
//! | 4 | only a body that is complete in memory goes unwatched | | `long_responses::downloads::a_slow_body_is_cut_however_short_it_is`, `long_responses::downloads::a_short_body_in_pieces_is_whole` |
//! | 5 | the auth routes are known by what they are, not by a path; what the layer cannot see is guarded | `hidden_auth_routes`, `auth_route_among_others` | `layer::auth_routes::own_routes_with_the_paths_of_auth_routes_are_guarded`, `layer::auth_routes::the_auth_routes_are_passed_through_wherever_they_are`, `layer::auth_routes::the_auth_routes_of_another_application_are_guarded`, `layer::auth_routes::where_a_proxy_takes_the_prefix_off_each_route_is_what_it_is`, `layer::auth_routes::auth_routes_that_are_hidden_are_guarded_and_named_once`, `layer::several_routes::of_several_routes_only_the_auth_route_is_passed_through` |
//! | 6 | an end in a refresh is an end like any other; times that do not fit our clock end nothing; the memory store's sweep revokes the tokens of sessions that ran out | | `access_token::ceiling::a_session_that_ends_in_a_refresh_ends_like_any_other`, `access_token::continuity::times_that_do_not_fit_our_clock_end_nothing`, `session::memory::a_live_session_of_the_user_keeps_the_token_of_one_that_ran_out`, `session::memory::the_sweep_revokes_the_tokens_of_sessions_that_ran_out`, `access_token::continuity::waiters_on_a_refresh_that_ends_the_session_revoke_once` |
//! | 7 | a logout removes the cookies also while the store is down | `store_unavailable` | `logout::local::while_the_store_is_down_the_cookies_go_anyway`, `logout::local::while_the_store_is_down_any_session_cookie_goes`, `extract::application_data_end::a_flush_that_the_store_refuses_removes_the_cookies_anyway` |
//! | 7 | every logout signs the browser out in one way, whoever asks for it: cookies, pending logins, `Clear-Site-Data` | | `session::ended_by_application::a_login_begun_before_the_end_is_not_finished_after_it`, `session::ended_by_application::a_login_that_the_same_response_starts_can_be_finished`, `session::ended_by_application::the_cache_is_cleared_as_at_the_logout_route`, `extract::application_data_end::flush_and_delete_are_a_local_logout` |
//! | 8 | another site's login beside a live session ends and counts nothing; the same user's new session takes the application data over | `navigation_required` | `login::other_sites::beside_a_live_session_it_goes_straight_to_its_return_to`, `login::other_sites::at_another_host_name_it_counts_nothing_either`, `login::not_begun::what_is_no_navigation_starts_nothing`, `require::application_data::any_login_of_the_same_user_takes_the_data_along` |
//! | 9 | pending logins cost at most 1 KB of cookies, whatever their number and addresses | | `login::attempts::twenty_tabs_that_start_at_once_all_sign_in`, `login::attempts::fifty_logins_with_long_addresses_cost_one_cookie`, `login::attempts::thousands_of_cookies_are_not_answered_with_as_many`, `http::cookies::all_cookies_together_stay_below_a_kilobyte`, `tests/e2e/nginx.test.mjs`, `http::cookies::of_many_bindings_no_more_are_read_than_there_are_slots` |
//! | 8, 9 | no login outlives the logout of its browser, and another user of the browser gets a binding of their own | | `logout::local::no_login_that_began_before_it_ends_after_it`, `login::attempts::another_user_of_the_browser_gets_a_new_binding` |
//! | 10 | a link and a handler's login only narrow what is configured | | `login::query::a_link_only_narrows_what_is_configured`, `login::api::the_parameters_of_a_login_narrow_those_of_the_configuration` |
//! | 10 | a context that is not configured is asked of the user who is signed in, and of nobody else; a link that asks for it is good in that session alone, and for as long as a login attempt | `login_another_user`, `id_token_acr` | `require::contexts::another_user_does_not_get_in_by_a_step_up`, `require::contexts::another_code_is_good_for_the_same_user_alone`, `require::contexts::a_link_asks_for_nothing_in_another_browser`, `require::contexts::an_old_link_asks_for_nothing`, `require::contexts::a_handlers_login_widens_by_name_alone` |
//! | 11 | a live session that an auth route sees is no login loop | | `callback::loop_breaker::signing_in_and_out_again_and_again_is_no_loop`, `callback::loop_breaker::a_live_session_that_a_script_sees_clears_the_count` |
//! | 12 | a callback that comes twice from its browser leads to its `return_to`, with no second exchange, on two nodes as well | | `callback::back_button::while_signed_in_it_goes_to_its_page`, `callback::back_button::long_after_the_sign_in_it_goes_to_its_page`, `callback::back_button::while_the_first_is_under_way_it_shares_its_end`, `nodes::races::logins::one_attempt_makes_one_session`, `stores::sqlite::restart::a_callback_replayed_after_a_restart_is_used` |
//! | 13 | strangers cost no durable write and a bounded number of code exchanges; one account does not fill a store; a hook sees each request to the auth routes first, and what it does not see costs nothing | `too_many_sign_ins` | `callback::strangers::a_code_that_was_never_issued_costs_no_durable_write`, `callback::strangers::more_exchanges_than_allowed_are_told_to_come_again`, `login::hook::it_sees_each_login_callback_and_logout_token`, `login::hook::what_it_does_not_see_writes_nothing_and_asks_nothing`, `session::per_user::one_account_does_not_fill_the_memory_store` |
//! | 14 | pages of any design are locked up; our forms post an origin | | `callback::provider_error::the_page_is_locked_up_in_any_design`, `logout::local::the_question_lets_old_browsers_post_with_an_origin` |
//! | 15 | granted scopes are those of the login | | `require::claims::what_is_configured_after_the_login_is_not_granted` |
//! | 16 | a flag counts only from a source of its value; Enterprise claims are the ID Token's alone | | `protocol::claims::tests::a_flag_counts_only_from_a_source_of_its_value`, `callback::after_login::an_address_that_is_verified_elsewhere_does_not_get_in`, `callback::after_login::userinfo_says_nothing_of_tenant_or_account` |
//! | 17 | by `sid` as by `sub` a later login passes; a token of two users ends nothing | `logout_token_sid_of_another_user` | `backchannel_logout::sessions::a_later_login_passes_with_the_same_sid_or_sub`, `backchannel_logout::sessions::a_sid_and_a_sub_of_two_users_end_nothing`, `backchannel_logout::sessions::by_sid_a_newer_authentication_passes_a_late_token` |
//! | 18 | a refreshed ID Token continues the session or ends it; a new `sid` is indexed beside the old one | | `access_token::continuity::another_identity_ends_the_session`, `access_token::continuity::the_refresh_modules_of_the_conformance_suite`, `backchannel_logout::refreshed_sid::either_name_of_the_provider_s_session_ends_it` |
//! | 19 | every seal has its own key; clear text to another machine must be asked for | | `secret::seal::every_seal_has_a_salt_a_commitment_and_a_key_of_its_own`, `store::postgres::url::clear_text_to_another_machine_must_be_asked_for`, `stores::redis::settings::unusable_settings_are_named` |
//! | 19 | a cluster that is reached in clear text leads to no other machine | `redis_cluster_clear_text` | `store::redis::near::a_node_elsewhere_is_refused_and_remembered`, `stores::redis::cluster::nodes_that_a_cluster_names_elsewhere_need_tls` |
//! | 20 | a node that slept, and a master without its replicas, serve nothing that they cannot know | | `session::moment::nothing_is_fresh_after_a_sleep`, `session::tests::services::lease::a_node_that_slept_has_lost_its_lease`, `stores::redis::isolated::a_master_without_its_replicas_is_not_asked`, `stores::redis::isolated::a_replica_is_not_asked` |
//! | 20 | after a cut with two masters each node follows the one that is left, in sessions that are in use as well | | `session::known::what_is_in_use_follows_a_store_that_fell_back`, `nodes::partition::an_end_is_known_on_its_own_side_and_after_the_cut` |
//! | 21 | times with fractions and members that are `null` are read | `id_token_auth_time_missing` | `provider::oddities::times_with_fractions_sign_in_refresh_and_log_out`, `provider::oddities::claims_that_are_null_sign_in_refresh_and_log_out`, `provider::oddities::a_ceiling_with_a_fraction_is_still_refused`, `provider::oddities::a_missing_auth_time_has_a_page_of_its_own` |
//! | 22 | trusted audiences pass, with our `azp` | | `provider::oddities::trusted_audiences_sign_in_refresh_and_log_out` |
//! | 23 | no content coding is asked for | | `provider::client::tests::token_endpoint::every_request_refuses_content_codings` |
//! | 24 | a refusal of a refresh is the user's or the operator's; a refresh on demand is at most one a second | `refresh_rejected`, `refresh_paused` | `access_token::refusals::what_the_user_resolves_is_final_for_the_refresh_token`, `access_token::refusals::what_the_operator_resolves_keeps_the_token_and_pauses`, `access_token::on_demand::without_expires_in_it_is_the_way_to_another_token`, `access_token::on_demand::within_a_second_the_tokens_that_are_there_are_returned`, `access_token::on_demand::on_two_nodes_there_is_one_refresh`, `extract::user_info::after_a_401_there_is_one_refresh_and_one_more_call` |
//! | 25 | odd metadata that a login does not need are left out; permanent faults say so | | `provider::discovery::each_wrong_document_keeps_logins_from_beginning`, `provider::client::tests::discovery::a_fault_that_waiting_cannot_cure_is_permanent` |
//! | 26 | `offline_access` is asked for by its own setting; the cure is named | `missing_refresh_token` | `auth::tests::offline_access_is_asked_for_by_its_own_setting_alone`, `provider::oddities::a_missing_refresh_token_names_the_cure`, `provider::oddities::the_page_of_a_refused_scope_names_the_scopes` |
//! | 27 | the client authenticates as it is registered | | `provider::oddities::the_client_authenticates_as_it_is_registered` |
//! | 28 | logout URLs stay below 2 KB; a longer hint goes by a form | | `logout::provider::a_long_hint_goes_by_a_form_that_the_provider_accepts`, `logout::provider::the_form_sends_itself_and_has_a_button_without_script` |
//! | 29 | without a hint the client id alone is sent | | `logout::provider::without_a_hint_the_client_id_alone_is_sent`, `logout::provider::a_fetch_gets_a_short_url_and_the_form_of_a_long_hint` |
//! | 30 | `kid` is a hint; strangers do not spend the logins' budget of key fetches | | `provider::jwks::a_new_key_under_the_old_id_is_seen_at_once`, `provider::client::tests::logout_token::made_up_logout_tokens_do_not_spend_the_budget_of_id_tokens`, `provider::oddities::a_subject_may_have_any_characters_but_control_characters`, `protocol::jwt::tests::signature::the_key_id_is_a_hint_only`, `provider::metadata::an_algorithm_that_is_not_listed_is_a_warning` |
//! | 31 | a 401 of the tokens has a `login_url`; the log names the values | | `access_token::on_demand::without_a_refresh_token_it_is_a_401_with_the_way_to_the_login`, `logs::causes::of_an_id_token_the_values_that_were_wrong_are_named`, `logs::causes::of_a_refreshed_id_token_and_a_logout_token_too`, `protocol::algorithm::what_is_not_supported_is_said_to_be_that` |
//! | 32 | the provider's words are kept, bounded and escaped | | `access_token::refusals::the_log_the_event_and_the_error_have_the_provider_s_words`, `access_token::refusals::what_a_provider_repeats_of_a_request_is_left_out` |
//! | 33 | keys for other uses verify nothing; tokens that no header can carry are refused; one rule for types and byte order marks | `token_response_member_syntax` | `protocol::jwt::tests::signature::only_keys_that_fit_are_tried`, `protocol::token_response::tests::tokens_that_no_header_can_carry_are_refused`, `provider::client::tests::discovery::documents_may_be_declared_as_text_or_bytes`, `provider::oddities::a_broken_connection_at_the_exchange_costs_no_login` |
//! | 34 | `build()` refuses what can never work | | `login::configuration::each_error_names_its_setting_what_is_wrong_and_the_cure` |
//! | 35 | a navigation through a service worker is one; blocked cookies are named | | `layer::answers::each_kind_of_request_has_its_answer`, `callback::attempt::a_browser_without_cookies_is_told_of_its_cookies` |
//! | 36 | a pooler that mixes answers is a failing store; cookies of two ports do not meet | | `stores::postgres::pooler::an_answer_of_another_statement_is_an_error`, `stores::postgres::pooler::pgbouncer_in_transaction_mode_signs_nobody_out`, `layer::store_down::a_store_that_answers_with_anothers_record_is_down`, `config::cookie_names::two_applications_on_one_host_do_not_meet`, `stores::postgres::pooler::pgbouncer_in_transaction_mode_is_noticed_at_the_start` |
