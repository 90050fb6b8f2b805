//! Outcomes as responses.

pub(crate) mod answer;
pub(crate) mod errors;
pub(crate) mod html;
pub(crate) mod insufficient;
pub(crate) mod login_url;
pub(crate) mod logout_form;
mod provider_pages;
pub(crate) mod unauthorized;
