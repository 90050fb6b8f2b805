//! Entries for fuzzers (`fuzz/`): what strangers can send, given to what reads it, and the properties that must hold of the
//! outcome. Built with `--cfg fuzzing` alone; no part of the interface.

mod ceiling;
mod documents;
mod members;
mod negotiation;
mod requests;
mod sealed;
mod tokens;

pub use documents::{discovery_document, jwks};
pub use negotiation::negotiation;
pub use requests::{authorization_response, cookie_header, return_to};
pub use sealed::sealed_record;
pub use tokens::{claims, id_token, logout_token};

/// The lines of an input that has several parts.
fn lines(input: &[u8]) -> Option<Vec<&str>> {
    Some(std::str::from_utf8(input).ok()?.split('\n').collect())
}
