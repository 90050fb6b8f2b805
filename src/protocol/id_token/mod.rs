//! ID Token validation.
//!
//! Every rule of the standards, and where it is checked:
//!
//! | OIDC Core 3.1.3.7 | rule | here |
//! |---|---|---|
//! | 1 | encryption that was not negotiated is refused | `jwt::compact` |
//! | 2 | `iss` is the issuer, byte for byte | `parties::issuer` |
//! | 3 | `aud` contains the client id, and otherwise only trusted audiences | `parties::audience` |
//! | 4, 5 | `azp` is the client id; it may be absent if that is the only audience | `parties::authorized_party` |
//! | 6 | the signature is checked although TLS would do | `jwt::signature` |
//! | 7 | `alg` is the registered algorithm | `jwt::signature` |
//! | 8 | MAC algorithms: none can be configured | `algorithm` |
//! | 9 | now is before `exp` | `lifetime::expiry` |
//! | 10 | `iat` is neither long ago nor in the future | `lifetime::issue_time` |
//! | 11 | `nonce` is the one that was sent | `binding::nonce` |
//! | 12 | `acr` is one of those asked for | `binding::context_class` |
//! | 13 | `auth_time` is as recent as was asked for | `lifetime::authentication_time` |
//!
//! | other clause | rule | here |
//! |---|---|---|
//! | OIDC Core 2 | `sub` is 1 to 255 characters without control characters | `parties::subject` |
//! | OIDC Core 2 | `amr` has every method that is required | `binding::methods` |
//! | OIDC Core 3.1.3.8 | `at_hash`, if present, fits the access token | `binding::access_token_hash` |
//! | OIDC Core 12.2 | a refreshed ID Token continues the original | `continuity` |
//! | RFC 7519 4 | no claim name twice | `claims::parse` |
//! | RFC 7519 4.1.5 | now is not before `nbf` | `lifetime::not_before` |
//! | RFC 8725 2.1, 3.1 | `none`, and a public key used as a MAC key | `algorithm`, `jwt::signature` |
//! | RFC 8725 3.2 | weak keys | `jwt::signature` |
//! | RFC 8725 3.8, 3.9 | issuer, subject and audience are validated | `parties` |
//! | RFC 8725 3.10 | keys or URLs of keys in the header are ignored | `jwt::compact` |
//! | RFC 8725 3.11, 3.12 | a JWT of another kind (`at+jwt`, `logout+jwt`) is not an ID Token | `verify::token_type` |
//! | RFC 8725 3.12 | nor is a logout token without a `typ` of its own | `verify::no_logout_token` |
//!
//! Of `openidconnect` only the signature verification is used. Its ID Token type refuses a whole token for a harmless claim
//! that is not as OIDC Core 5.1 has it (Auth0 sends `updated_at` as text), and lets pass what the tables above refuse.
//!
//! Times are numbers of seconds (RFC 7519 section 2), of which a fraction is dropped; a string in `exp`, `nbf`, `iat` or
//! `auth_time` refuses the token. A claim or header parameter that is `null` is absent, except `session_expiry`.

mod binding;
mod continuity;
mod error;
mod expectations;
mod lifetime;
mod parties;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use continuity::Continuity;
pub use continuity::ContinuityError;
pub use error::IdTokenError;
pub(crate) use expectations::{IdTokenExpectations, NonceExpectation};
pub(crate) use verify::VerifiedIdToken;
