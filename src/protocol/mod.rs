//! The values of the protocol: what the OpenID Provider asserts and what a browser sends, parsed into types. Pure: no
//! input or output, no clock, no randomness.

pub(crate) mod algorithm;
pub(crate) mod authorization_request;
pub(crate) mod authorization_response;
pub(crate) mod claims;
pub(crate) mod claims_request;
pub(crate) mod id_token;
pub(crate) mod json;
pub(crate) mod jwt;
pub(crate) mod logout_token;
pub(crate) mod oauth_error;
pub(crate) mod pkce;
pub(crate) mod return_to;
pub(crate) mod session_expiry;
pub(crate) mod token_response;

pub use session_expiry::MalformedSessionExpiry;
pub(crate) use session_expiry::SessionExpiryClaim;
