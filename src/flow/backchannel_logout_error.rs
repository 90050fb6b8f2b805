//! Every way in which a back-channel logout can fail.

use crate::protocol::logout_token::LogoutTokenError;
use crate::provider::LogoutTokenVerificationError;
use crate::session::contract::StoreError;

/// Why a back-channel logout was not carried out. Found, as an `Arc`, in the extensions of the response, which is a 400
/// whatever the reason (Back-Channel Logout 1.0 section 2.8).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackchannelLogoutError {
    /// The request's body is not `application/x-www-form-urlencoded`.
    #[error("the body must be application/x-www-form-urlencoded")]
    MediaType,
    /// The request's body is larger than 64 KiB.
    #[error("the body is larger than 64 KiB")]
    TooLarge,
    /// The request's body broke off.
    #[error("the body could not be read to its end")]
    Unreadable,
    /// There is no `logout_token`, or an empty one.
    #[error("the parameter logout_token is missing")]
    MissingToken,
    /// There are several `logout_token`s.
    #[error("the parameter logout_token occurs more than once")]
    DuplicateToken,
    /// The logout token was refused.
    #[error("the logout token was refused")]
    Token(#[source] LogoutTokenError),
    /// The keys to verify the logout token cannot be had.
    #[error("the keys to verify the logout token cannot be had")]
    KeysUnavailable(#[source] LogoutTokenVerificationError),
    /// The logout token was received before.
    #[error("the logout token was received before (jti)")]
    Replayed,
    /// The logout token names a session of somebody else than the user it names. Nothing has ended.
    #[error("the sid is of a session of another user than the sub")]
    SidOfAnotherUser,
    /// The logout token is being worked on already.
    #[error("the logout token is being worked on already")]
    Busy,
    /// The session store cannot be asked: the sessions may live on.
    #[error(transparent)]
    Store(StoreError),
    /// The work was cut off: a hook of the application panicked, or the process is ending.
    #[error("the logout was cut off")]
    Interrupted,
}

impl BackchannelLogoutError {
    /// A stable code, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MediaType => "logout_request_media_type",
            Self::TooLarge => "logout_request_too_large",
            Self::Unreadable => "logout_request_unreadable",
            Self::MissingToken => "logout_token_missing",
            Self::DuplicateToken => "logout_token_duplicate",
            Self::Token(error) => error.code(),
            Self::KeysUnavailable(error) => error.code(),
            Self::Replayed => "logout_token_replayed",
            Self::SidOfAnotherUser => "logout_token_sid_of_another_user",
            Self::Busy => "logout_token_busy",
            Self::Store(_) => "store_unavailable",
            Self::Interrupted => "internal_error",
        }
    }
}

impl From<LogoutTokenVerificationError> for BackchannelLogoutError {
    fn from(error: LogoutTokenVerificationError) -> Self {
        match error {
            LogoutTokenVerificationError::Token(error) => Self::Token(error),
            unavailable => Self::KeysUnavailable(unavailable),
        }
    }
}
