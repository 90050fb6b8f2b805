//! The endpoints, one a file, and the steps that they share.

pub(crate) mod authorize;
pub(crate) mod discovery;
pub(crate) mod end_session;
pub(crate) mod home;
pub(crate) mod jwks;
pub(crate) mod redirect_target;
pub(crate) mod revocation;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod userinfo;

mod authorization_decision;
mod authorization_request;
mod authorization_response;
mod client_authentication;
mod code_grant;
mod id_token_hint;
mod issue;
mod op_session;
mod refresh_grant;
