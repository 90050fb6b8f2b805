//! Where a browser goes after its login: a page of this application and of no other.
//!
//! A candidate (the `return_to` of a login, or the address of the page that started it) is accepted if
//!
//! 1. it has at most 2048 bytes, before and after normalisation;
//! 2. it contains no control character and no backslash (percent-encoded they are data, see rule 5);
//! 3. it begins with one `/`: no scheme, no user and no host can come before the path;
//! 4. resolved by the URL standard, which removes dot segments, it is on the same origin, does not begin with `//` (as
//!    `/.//host` does) and lies within the base path;
//! 5. that is so, too, once its path is percent-decoded, as some servers do before they route. An encoded line break stays
//!    encoded: it splits no header.
//!
//! What is kept is the normalised path and query. The fragment is dropped: it never reaches a server, and browsers keep their
//! own over a redirect.
//!
//! The routes of the login itself are no place to return to: [`ReturnTo::parse_or_base`] refuses them.

mod path;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use value::ReturnTo;
