//! Logout token validation (OpenID Connect Back-Channel Logout 1.0, with errata set 1).
//!
//! Every rule, and where it is checked:
//!
//! | section 2.6 | rule | here |
//! |---|---|---|
//! | 1 | encryption that was not negotiated is refused | `jwt::compact` |
//! | 2 | the signature is that of a key of the issuer, as for ID Tokens | `jwt::signature` |
//! | 3 | `alg` is the algorithm registered for ID Tokens, never `none` | `jwt::signature`, `algorithm` |
//! | 4 | `iss` is the issuer, byte for byte | `parties::issuer` |
//! | 4 | `aud` contains the client id, and nobody else's | `parties::audience` |
//! | 4 | `iat` is neither long ago nor in the future | `lifetime::issue_time` |
//! | 4 | now is before `exp` | `lifetime::expiry` |
//! | 5 | there is a `sub`, a `sid` or both | `parties::who` |
//! | 6 | `events` is an object with the member for back-channel logout | `event::event` |
//! | 7 | there is no `nonce`, not even `null` | `event::no_nonce` |
//! | 8 | `jti` was not received before | `flow::backchannel_logout` |
//! | 9, 10, 11 | `iss`, `sub`, `sid` are those of a session: only such sessions are found | `flow::backchannel_logout` |
//!
//! | other clause | rule | here |
//! |---|---|---|
//! | section 2.4 | the event's value is an object, empty or not | `event::event` |
//! | section 2.4 | there is a `jti` | `event::token_id` |
//! | section 2.4 | unknown claims are ignored, `azp` and `session_expiry` among them | – |
//! | OIDC Core 2 | `sub` is 1 to 255 ASCII characters | `parties::who` |
//! | RFC 7515 4.1.11 | `crit` is refused | `jwt::compact` |
//! | RFC 7519 4 | no claim name twice | `claims::parse` |
//! | RFC 7519 4.1.5 | now is not before `nbf` | `lifetime::not_before` |
//! | RFC 8725 3.11 | `typ` is absent, `JWT` or `logout+jwt` | `verify::token_type` |
//! | RFC 8725 3.12 | an ID Token is no logout token: it has no event, and at a login it has a `nonce` | `event` |
//!
//! `exp` may be absent. Section 2.4 has required it since errata set 1 (December 2023) only, and providers made before then leave
//! it out. Nothing is lost: instead of by its `exp` such a token is over by its age, 10 minutes after `iat`. With `exp` it may be
//! older, as it is when a provider tries again for a while, but never older than a day. So each token has a last second,
//! [`VerifiedLogoutToken::expires_at`], and its `jti` need not be remembered longer.
//!
//! A refused logout token leaves sessions alive. Where a rule serves nothing but tidiness, the token passes.

mod error;
mod event;
mod expectations;
mod lifetime;
mod parties;
#[cfg(test)]
mod tests;
mod verify;

pub use error::LogoutTokenError;
pub(crate) use event::names_the_event;
pub(crate) use expectations::LogoutTokenExpectations;
pub(crate) use verify::VerifiedLogoutToken;
