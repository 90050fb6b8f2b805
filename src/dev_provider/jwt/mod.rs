//! Signed tokens, right and wrong.

mod alter;
mod compact;
mod id_token;
mod key_set;
mod members;
mod signing_key;

pub(crate) use alter::{HOUR, MEGABYTE, OTHER_CLIENT, OTHER_ISSUER, OTHER_SUB, alter};
pub(crate) use compact::{base64url, id_token_compact, signed};
pub(crate) use id_token::{IdTokenContext, at_hash, id_token_draft};
pub(crate) use key_set::KeySet;
pub use key_set::OldKey;
pub(crate) use members::{Draft, Members};
pub(crate) use signing_key::SigningKey;
