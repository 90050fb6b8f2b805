//! Why each default is what it is, and when to change it.
//!
//! What weakens a default begins with `insecure_`. `build()` reports everything that is wrong with a configuration at once.
//!
//! # Session
//!
//! | setting | default | why | change it when |
//! |---|---|---|---|
//! | [`idle_limit`] | 1 day | a lost device is signed in for a day at most; nobody signs in twice on a working day | policy asks for less |
//! | [`absolute_limit`] | 3 days | the only bound on a session whose provider states none | the provider always states `session_expiry`: raise it, the ceiling binds |
//! | [`max_sessions_per_user`] | 100 | nobody has as many browsers, and one account cannot fill the store | many people or programs share an account; or a policy allows one session only |
//! | [`session_expiry_leeway`] | 30 s | more than the clocks of two machines with NTP differ; ending early is harmless, ending late is not | raise it freely; [`insecure_session_expiry_leeway`] lowers it, for tests |
//! | [`require_session_expiry`] | false | few providers send the claim so far; the local limits hold | yours sends it: a login without it is then a misconfiguration that you want to see |
//! | [`malformed_session_expiry`] | refuse | a claim that was meant to limit the session must not come to nothing. Milliseconds are the commonest mistake | the provider cannot be corrected soon: [`MalformedPolicy::Cap`] |
//! | [`renewal`] | off | an end that the provider stated is an end; moving it takes an explicit decision | the provider re-asserts sessions at a refresh, and says so in `auth_time` |
//! | [`on_refresh_rejected`] | keep the session | what the user may do here does not always depend on APIs | the provider's refusal is how it ends sessions: [`RefreshRejected::EndSession`] |
//! | [`revoke_tokens_at_end`] | true | a refresh token that nobody needs is one to steal | the provider ends more than this session with it |
//! | [`session_expires_in_header`] | false | [`manual::pages`](super::pages) has a script that needs no header | scripts of yours fetch anyway, and want to count |
//! | [`clear_browser_cache_at_logout`] | false | what is `no-store` is in no cache; clearing takes seconds in some browsers, and the whole origin's files | your handlers let browsers keep pages with a session |
//! | [`application_data`] | false | every request then takes the longer path, with a future on the heap | handlers want `tower_sessions::Session` |
//!
//! # Login
//!
//! | setting | default | why | change it when |
//! |---|---|---|---|
//! | [`scopes`] | `openid profile email` | names for the page; every provider knows them | APIs need scopes of their own |
//! | [`offline_access`] | not asked for | Google, GitLab, Cognito, Spring and django-oauth-toolkit refuse the login with it, and Keycloak detaches the session from its single sign-on | the provider issues no refresh token without it: Okta, Entra ID, Auth0, Hydra |
//! | [`client_authentication`] | what the metadata offer | most clients are registered for `client_secret_basic` | the client is registered for something else and the metadata offer everything (`token_endpoint_rejected`, `invalid_client`) |
//! | [`trusted_audiences`] | none | an ID Token for others, too, could be presented elsewhere | the provider names more than the client in `aud` (Zitadel, Keycloak with an audience mapper) |
//! | [`id_token_signing_alg`] | RS256 | what every OpenID Provider must support. One algorithm is pinned: a token does not choose how it is checked | the client is registered with another |
//! | [`clock_tolerance`] | 30 s | `iat`, `nbf`, `exp`, `auth_time` only; independent of the leeway | the provider's clock is known to be off; more than 5 minutes is refused |
//! | [`max_concurrent_code_exchanges`] | 256 | more logins at a time than one process finishes, and still a bound on what strangers cause | the provider limits your requests |
//! | [`login_attempt_lifetime`] | 10 minutes | time for a password, a second factor and a phone call | sign-in takes longer at your provider |
//! | [`login_parameters_from_query`] | none | a link should not choose how somebody signs in | your own pages link to the login with `login_hint` or `ui_locales` |
//! | [`prompt`], [`max_age`], [`acr_values`] | not sent | the provider's policy decides | the application needs more at every login. `max_age` and `acr_values` are checked in the ID Token, not just asked for |
//! | [`user_info`] | true | many providers put only `sub` into the ID Token | the ID Token has all you need: it saves a request per login |
//!
//! # Around it
//!
//! | setting | default | why | change it when |
//! |---|---|---|---|
//! | [`paths`] | `/auth/…` | – | they collide with yours |
//! | [`cookie_name`] | derived from client id and path | two applications on one host do not meet | you must know the name beforehand |
//! | [`cookie_keys`] | random, with [`MemoryStore`] | attempts need not outlive a process whose sessions do not | required with any other store |
//! | [`store_timeout`] | 5 s | a store that hangs must not hang the application | yours is far away |
//! | [`push_invalidation`] | false | the store is asked at each request: an end is true everywhere at once | the round trip costs too much, and 2 s are soon enough |
//! | [`live_cache_staleness`], [`live_cache_capacity`] | 2 s, 100,000 | a lost message costs 2 s; about 250 MB at 2.5 KB each, half of that where each request asks the store | – |
//! | [`logout_waits_for_nodes`] | false | 2 s are a long answer | a logout must be true everywhere when it is answered, in spite of `push_invalidation` |
//! | [`http_client`] | 5 s to connect, 10 s in all, 1 MiB, no redirects | a provider that hangs must not hang the application | the provider is slow, needs a proxy or has a private certificate authority |
//! | cross-site guard | on | `SameSite=Lax` does not stop sibling subdomains | [`insecure_allow_cross_site_requests`], with a protection of your own |
//! | [`error_page`] | plain pages, no script | – | they should look like yours |
//! | [`MemoryStore`] | 100,000 sessions | about 250 MB at 2.5 KB each: full before the memory is | you know how many users there are |
//!
//! # Not settings
//!
//! - PKCE with S256, `state`, `nonce`: always.
//! - The access token is refreshed in the last min(60 s, a quarter of its life): late enough to use it, early enough that the
//!   request it is fetched for still arrives in time.
//! - Pending logins cost a browser at most 20 cookies of 34 bytes, and usually one: the attempt itself travels in `state`. All
//!   cookies of the crate together stay below 1 KB, because many servers refuse a request with more than 8 KB of cookies.
//! - At most 5 rounds of login without an admitted request.
//! - An ID Token may be 10 minutes old at most: it comes straight from the token endpoint.
//! - Cryptography is ring. The reason is in `SECURITY.md`.
//!
//! [`MalformedPolicy::Cap`]: crate::MalformedPolicy::Cap
//! [`MemoryStore`]: crate::MemoryStore
//! [`absolute_limit`]: crate::OidcAuthBuilder::absolute_limit
//! [`acr_values`]: crate::OidcAuthBuilder::acr_values
//! [`application_data`]: crate::OidcAuthBuilder::application_data
//! [`clear_browser_cache_at_logout`]: crate::OidcAuthBuilder::clear_browser_cache_at_logout
//! [`client_authentication`]: crate::OidcAuthBuilder::client_authentication
//! [`clock_tolerance`]: crate::OidcAuthBuilder::clock_tolerance
//! [`cookie_keys`]: crate::OidcAuthBuilder::cookie_keys
//! [`cookie_name`]: crate::OidcAuthBuilder::cookie_name
//! [`error_page`]: crate::OidcAuthBuilder::error_page
//! [`http_client`]: crate::OidcAuthBuilder::http_client
//! [`id_token_signing_alg`]: crate::OidcAuthBuilder::id_token_signing_alg
//! [`idle_limit`]: crate::OidcAuthBuilder::idle_limit
//! [`insecure_allow_cross_site_requests`]: crate::OidcAuthBuilder::insecure_allow_cross_site_requests
//! [`insecure_session_expiry_leeway`]: crate::OidcAuthBuilder::insecure_session_expiry_leeway
//! [`live_cache_capacity`]: crate::OidcAuthBuilder::live_cache_capacity
//! [`live_cache_staleness`]: crate::OidcAuthBuilder::live_cache_staleness
//! [`logout_waits_for_nodes`]: crate::OidcAuthBuilder::logout_waits_for_nodes
//! [`push_invalidation`]: crate::OidcAuthBuilder::push_invalidation
//! [`store_timeout`]: crate::OidcAuthBuilder::store_timeout
//! [`max_concurrent_code_exchanges`]: crate::OidcAuthBuilder::max_concurrent_code_exchanges
//! [`login_attempt_lifetime`]: crate::OidcAuthBuilder::login_attempt_lifetime
//! [`login_parameters_from_query`]: crate::OidcAuthBuilder::login_parameters_from_query
//! [`malformed_session_expiry`]: crate::OidcAuthBuilder::malformed_session_expiry
//! [`max_age`]: crate::OidcAuthBuilder::max_age
//! [`offline_access`]: crate::OidcAuthBuilder::offline_access
//! [`on_refresh_rejected`]: crate::OidcAuthBuilder::on_refresh_rejected
//! [`RefreshRejected::EndSession`]: crate::RefreshRejected::EndSession
//! [`max_sessions_per_user`]: crate::OidcAuthBuilder::max_sessions_per_user
//! [`paths`]: crate::OidcAuthBuilder::paths
//! [`prompt`]: crate::OidcAuthBuilder::prompt
//! [`renewal`]: crate::OidcAuthBuilder::renewal
//! [`require_session_expiry`]: crate::OidcAuthBuilder::require_session_expiry
//! [`revoke_tokens_at_end`]: crate::OidcAuthBuilder::revoke_tokens_at_end
//! [`scopes`]: crate::OidcAuthBuilder::scopes
//! [`session_expires_in_header`]: crate::OidcAuthBuilder::session_expires_in_header
//! [`session_expiry_leeway`]: crate::OidcAuthBuilder::session_expiry_leeway
//! [`trusted_audiences`]: crate::OidcAuthBuilder::trusted_audiences
//! [`user_info`]: crate::OidcAuthBuilder::user_info
