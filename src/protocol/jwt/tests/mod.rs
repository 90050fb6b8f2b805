//! One row a rule.

mod compact;
mod payload;
mod signature;
