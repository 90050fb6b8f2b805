//! More than a session: what a page may require of the sign-in and of the user.
//!
//! # Two requirements, two forms
//!
//! | requirement | asks for | who lacks it |
//! |---|---|---|
//! | [`require_authentication`] | a sign-in at most so long ago (`max_age`), in one of these contexts (`acr`), by all of these methods (`amr`) | is sent to sign in again (RFC 9470) |
//! | [`require_claims`] | claims that equal, contain or satisfy something | gets 403: a sign-in would change nothing |
//!
//! Both are layers for `route_layer`, and both are what a [`SessionWith`] extracts by; a pair of them is judged in its order.
//! [`AuthSession::meets`] only answers the question. Without a live session all of them refuse as [`AuthSession`] does.
//!
//! # A sign-in that is fresh or strong enough
//!
//! It is judged by the ID Token of the login, claim by claim. An absent claim satisfies nothing.
//!
//! 1. `acr` is one of those required.
//! 2. `amr` has all of those required.
//! 3. `auth_time` is at most `max_age` ago. When the session began here does not count: the provider may have signed the user
//!    in silently, by a session of its own that is hours old. Nor does an `auth_time` that comes with a refresh.
//! 4. For 10 s after the login, `auth_time` may have been `max_age` and the [`clock_tolerance`] ago at the callback, which grants
//!    it: a provider whose clock is behind makes no loop. Later the limit is `max_age` itself.
//!
//! Whose session does not do is answered by what they asked:
//!
//! | request | answer |
//! |---|---|
//! | a page that the user opened (GET) | 303 to the provider, and in the end back to that page |
//! | a form post, or a page in a frame | a page with status 401 and a link to sign in: nothing is repeated behind the user's back |
//! | anything else | 401 with JSON: `error`, `error_description`, `login_url`, and `max_age`, `acr_values`, `amr` as far as required |
//!
//! 401 has the challenge of RFC 9470 section 3, under the scheme `Session`:
//! `WWW-Authenticate: Session error="insufficient_user_authentication", error_description="…", acr_values="…", max_age="60"`.
//!
//! A script sends its page to `login_url`, with `return_to` added to its query. The query names the
//! requirement, sealed under the key ring for the session that did not do. The link is good in the
//! browser that has this session, for as long as a login attempt ([`login_attempt_lifetime`], 10
//! minutes). Made up, older, in another browser, or after another login it is a plain link to the
//! login: it asks for what is configured, and the page asks for the rest again.
//!
//! # What the provider is asked, and what is believed
//!
//! | required | sent |
//! |---|---|
//! | `max_age` | `max_age`; the configured one if that is shorter |
//! | `acr` | where the metadata has `claims_parameter_supported`: `claims`, with `acr` essential (OpenID Connect Core 5.5.1.1). Elsewhere `acr_values`, which providers may ignore |
//! | `amr` | `prompt=login`; `claims` with `amr` essential where it is supported. There is no parameter for methods |
//!
//! Nothing that was asked for is believed for that reason. The callback checks the new ID Token, and refuses one that does not
//! do with a page: `id_token_acr`, `id_token_amr`, `id_token_auth_time_too_old`, `id_token_time_malformed`; a provider that knows
//! it cannot may say `unmet_authentication_requirements`. The session until then lives on, as good as it was. The page that asked
//! judges the new session again.
//!
//! # Requirements and the configured contexts
//!
//! [`acr_values`] say what every login must have. A requirement adds to that:
//!
//! | `acr_values` and the requirement's `acr` | asked for |
//! |---|---|
//! | no `acr_values` | what is required |
//! | have some in common | those |
//! | have none in common, the user is signed in | what is required, of this user: `login_another_user` if another one signs in |
//! | have none in common, nobody is signed in | `acr_values`; the page asks for the rest afterwards |
//!
//! So a user who cannot meet `acr_values` gets no session by way of a page that requires something
//! else. What a route requires is the application's word: its context counts even if it is not the
//! stronger one.
//!
//! # More than one requirement
//!
//! Two layers around one route must both be met, and `acr` is compared for equality, since contexts have no order: where the
//! whole application asks for `.acr("mfa")` and a part of it for `.acr("phishing-resistant")`, the outer layer has to name both.
//! Requirements that exclude each other would send the browser round and round; after five rounds a page says so
//! (`login_loop_conflicting_requirements`).
//!
//! A preflight (OPTIONS) has no cookies: a `CorsLayer` belongs outside of all of these layers.
//!
//! A step-up is a login: it makes a new session, under a new id, and its user may be another one. If it is the same, the
//! application's data (`.application_data(true)`) go along; what another tab saves during the callback may be missing.
//!
//! # Claims
//!
//! | rule | holds if |
//! |---|---|
//! | `equals(path, value)` | the claim is this JSON value |
//! | `contains(path, text)` | it is an array with this text, or words separated by spaces, one of which it is |
//! | `scope(name)` | the provider granted this scope; one that it does not state is the one that was asked for |
//! | `predicate(rule)` | the application's rule says so |
//!
//! All rules of one requirement must hold. A path is a name, compared whole (`"https://example.com/roles"`), or the names
//! through nested objects (`["realm_access", "roles"]`); see [`ClaimPath`]. The claims are those of the login: what
//! the provider takes away is gone at the next one, and the session's [limits](super::life_of_a_session) say when that is.
//!
//! [`AuthSession`]: crate::AuthSession
//! [`AuthSession::meets`]: crate::AuthSession::meets
//! [`ClaimPath`]: crate::ClaimPath
//! [`SessionWith`]: crate::SessionWith
//! [`clock_tolerance`]: crate::OidcAuthBuilder::clock_tolerance
//! [`acr_values`]: crate::OidcAuthBuilder::acr_values
//! [`login_attempt_lifetime`]: crate::OidcAuthBuilder::login_attempt_lifetime
//! [`require_authentication`]: crate::require_authentication
//! [`require_claims`]: crate::require_claims
