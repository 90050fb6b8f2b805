//! The claims of a session: a compact, immutable set.
//!
//! A session keeps its claims in memory for days, and there may be a million sessions. A set is therefore two allocations: one
//! buffer with all names and values, one index of 8 bytes a claim. Strings are stored decoded, so that reading one borrows.
//!
//! | file | what |
//! |---|---|
//! | `set` | the representation and lookups by name |
//! | `standard` | accessors for the claims of OIDC Core section 5.1, and those that describe the sign-in |
//! | `parse` | from JSON text, with limits; duplicate names are an error |
//! | `merge` | which of ID Token, UserInfo and enrichment wins |
//! | `json` | to and from JSON objects and an application's own types |

mod json;
mod merge;
mod parse;
mod set;
mod standard;
#[cfg(test)]
mod tests;

pub use parse::ClaimsError;
pub use set::Claims;
