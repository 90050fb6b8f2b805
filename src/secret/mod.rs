//! Secrets at rest: sealed, and readable by nobody without the key.
//!
//! Pure: random bytes come from a port that the caller hands in.

pub(crate) mod exposed;
pub(crate) mod key_ring;
pub(crate) mod seal;
