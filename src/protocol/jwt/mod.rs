//! Signed JWTs: ID Tokens and logout tokens.
//!
//! Nothing of a payload can be read before its signature has been verified: [`UnverifiedJwt`] shows the header only, and
//! `SignedPayload` is made by [`UnverifiedJwt::verify_signature`] alone.
//!
//! | file | what |
//! |---|---|
//! | `compact` | the three parts and the header, untrusted |
//! | `key_set` | the keys that the provider publishes for this |
//! | `signature` | which keys may verify it, and whether one does |
//! | `payload` | the claims of a payload that was signed |

mod compact;
mod key_set;
mod payload;
mod signature;
#[cfg(test)]
pub(crate) mod test_keys;
#[cfg(all(fuzzing, not(test)))]
#[allow(dead_code)]
pub(crate) mod test_keys;
#[cfg(test)]
mod tests;

pub use compact::JwtError;
pub(crate) use compact::UnverifiedJwt;
pub(crate) use key_set::parse_key_set;
pub(crate) use payload::SessionExpiryText;
pub(crate) use signature::SignatureError;
