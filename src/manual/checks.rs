//! Each check that the standards ask of a Relying Party: what is done, the code of the refusal, and the test that shows it.
//!
//! The lists are gone through line by line; a line that does not apply says why. Tests are named by their path below `tests/it`
//! or `src`; those against an independent, certified provider and a real browser are the files of `tests/e2e`. Codes are explained
//! in [`errors_and_codes`](super::errors_and_codes). A test of this crate fails if a name in these tables does not exist.
//!
//! What a refusal costs is the same everywhere, and asserted in each row of the tests: no session, no cookie, no further
//! request to the provider but the revocation of what it has issued, no redirect followed, and a clean login right after, in
//! the same process. (After `invalid_grant` the browser is first sent for another code, once.) A refusal at a refresh leaves the session as it was, without new tokens; a refused logout token
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
//! | 3 | response type `code`, PKCE with S256 and the pinned algorithm are among what is announced, where it is announced | `discovery_response_type_unsupported`, `discovery_code_challenge_method_unsupported`, `discovery_signing_algorithm_unsupported` | `provider::metadata::lists_decide_where_they_are_present` |
//! | 3 | client authentication as the metadata has it | | `provider::discovery::the_client_authenticates_as_the_metadata_says` |
//!
//! # Keys: the JWK Set
//!
//! | clause | what is checked | code | test |
//! |---|---|---|---|
//! | Core 10.1.1 | an unknown `kid` asks for the keys again, once for all who wait, and seldom | `id_token_unknown_key` | `provider::jwks::a_rotation_is_seen_at_once`, `provider::jwks::fifty_unknown_key_ids_are_not_fifty_fetches`, `tests/e2e/key_rotation.test.mjs` |
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
//! | 3 | `aud` is this client and nobody else | `id_token_audience`, `id_token_extra_audience` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 4 | several audiences: refused by the line before, whatever `azp` | `id_token_extra_audience` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 5 | `azp`, if present, is this client | `id_token_authorized_party` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 6 | the signature is verified, though TLS would do | `id_token_signature`, `id_token_unknown_key` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 7 | `alg` is the pinned one | `id_token_algorithm` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::jwt::the_token_does_not_choose_the_algorithm` |
//! | 8 | MAC algorithms: none can be pinned | `id_token_algorithm` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::algorithm::what_must_not_be_pinned_has_no_name` |
//! | 9 | now is before `exp` | `id_token_expired`, `id_token_time_malformed` | `callback::id_token::times_are_judged_with_the_clock_tolerance` |
//! | 10 | `iat` is neither in the future nor long ago; so no nonce is kept longer | `id_token_issued_in_future`, `id_token_issued_too_long_ago` | `callback::id_token::times_are_judged_with_the_clock_tolerance`, `protocol::id_token::times_have_both_sides` |
//! | 11 | `nonce` is that of the login attempt, which is used once | `id_token_nonce` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::id_token::the_nonce_is_that_of_the_login_attempt` |
//! | 12 | `acr` is one of those that were asked for | `id_token_acr` | `callback::id_token::each_fault_is_refused_with_its_own_code`, `protocol::id_token::acr_is_one_of_those_asked_for` |
//! | 13 | `auth_time` is as recent as was asked for | `id_token_auth_time_too_old`, `id_token_auth_time_in_future` | `callback::id_token::times_are_judged_with_the_clock_tolerance`, `protocol::id_token::max_age_requires_a_fresh_auth_time` |
//! | 2 | `sub` has 1 to 255 ASCII characters | `id_token_subject` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
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
//! | 12.2, 1 | `iss` is the same | `refreshed_id_token_issuer`, `id_token_issuer` | `access_token::continuity::another_identity_is_refused_for_good` |
//! | 12.2, 2 | `sub` is the same | `refreshed_id_token_subject` | `access_token::continuity::another_identity_is_refused_for_good` |
//! | 12.2, 3 | `iat` is neither in the future nor long ago | `id_token_issued_in_future`, `id_token_issued_too_long_ago` | `access_token::continuity::another_identity_is_refused_for_good`, `protocol::id_token::times_have_both_sides` |
//! | 12.2, 4 | `aud` is the same | `refreshed_id_token_audience`, `id_token_audience` | `access_token::continuity::another_identity_is_refused_for_good`, `protocol::id_token::audiences_are_compared_as_sets` |
//! | 12.2, 5 | `auth_time`, if present in both, is not earlier | `refreshed_id_token_auth_time` | `access_token::continuity::another_identity_is_refused_for_good` |
//! | 12.2, 6 | `azp` is the same, or absent in both | `refreshed_id_token_authorized_party` | `protocol::id_token::a_token_of_another_issuer_client_or_login_is_no_continuation` |
//! | 12.2, 7 | `nonce`, if present, is the same | `refreshed_id_token_nonce` | `access_token::continuity::another_identity_is_refused_for_good` |
//! | 12.2, 8 | and all the rules of 3.1.3.7 | | `access_token::continuity::another_identity_is_refused_for_good` |
//! | 12.2 | a refused answer's tokens are never handed out | `invalid_refresh_response` | `access_token::continuity::a_refused_access_token_is_never_handed_out` |
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
//! | 3.10 | `kid` is looked up among the provider's keys alone; `jku`, `x5u`, `jwk` are ignored | `id_token_unknown_key` | `protocol::jwt::keys_in_the_header_are_ignored` |
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
//! | 2.1 | CSRF: PKCE, `state` bound to the browser by a sealed cookie, and `nonce` | `callback::attempt::an_attempt_of_another_browser_is_unknown`, `callback::attempt::the_cookie_of_another_attempt_is_unknown` |
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
//! | 4.2 | `Referrer-Policy: no-referrer` on all pages and redirects of a login; the callback's page loads nothing | `callback::provider_error::the_page_is_locked_up` |
//! | 4.3 | the callback answers with a redirect; a code is of no use a second time | `callback::back_button::while_signed_in_it_goes_home`, `tests/e2e/back_button.test.mjs` |
//! | 4.4 | mix-up: as in 2.1 | `callback::response::each_wrong_response_is_refused_before_the_code_is_sent` |
//! | 4.5 | injected codes: PKCE and `nonce` | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 4.6 | injected access tokens: `at_hash`, and no token comes through the browser | `callback::id_token::each_fault_is_refused_with_its_own_code` |
//! | 4.7 | CSRF: as in 2.1; the application's own unsafe requests, by `Sec-Fetch-Site` and `Origin` | `layer::cross_site::unsafe_methods_and_websockets_of_other_sites_are_refused` |
//! | 4.8 | PKCE downgrade: the challenge is always sent; a provider that announces methods without S256 is refused | `provider::metadata::lists_decide_where_they_are_present` |
//! | 4.9, 4.10 | leaked access tokens: they stay on the server, sealed in the store, and are shown in no log | `logs::flows::of_a_session_from_login_to_logout`, `tests/e2e/secrets.test.mjs`, `tests/e2e/store_content.test.mjs` |
//! | 4.11 | open redirection: as in 2.1 | `login::return_to::everything_else_becomes_the_front_page` |
//! | 4.12 | 307: redirects are 303 | `login::request::a_login_leads_to_a_session` |
//! | 4.13 | proxies that end TLS: no forwarded header is read; every URL is the configuration's | `login::host::no_url_comes_from_the_request` |
//! | 4.14 | refresh tokens: as in 2.2.2; revoked at the end of the session | `logout::local::the_refresh_token_is_revoked_unless_it_is_turned_off` |
//! | 4.15 | clients that pass for users: the provider's; `sub` and `iss` together name a user | |
//! | 4.16 | clickjacking: `frame-ancestors 'none'` on our pages | `callback::provider_error::the_page_is_locked_up` |
//! | 4.17 | communication between windows: not used | |
