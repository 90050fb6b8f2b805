//! One row per clause, both sides of each boundary.

mod at_login;
mod at_refresh;
mod values;
