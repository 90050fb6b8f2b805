//! The provider's pages: HTML without scripts.

mod home;
mod html;
mod logout;
mod message;
mod sign_in;

pub(crate) use home::{ended, home};
pub(crate) use logout::{confirm_logout, signed_out};
pub(crate) use message::error;
pub(crate) use sign_in::{SignInPage, sign_in};
