//! The pages: one a file.

mod admin;
mod format;
mod frame;
mod home;
mod not_found;
mod profile;
mod sessions;

pub(crate) use admin::admin;
pub(crate) use home::home;
pub(crate) use not_found::not_found;
pub(crate) use profile::profile;
pub(crate) use sessions::{end as end_session, sessions};
