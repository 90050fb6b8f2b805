//! Why there is no verified token: it was refused, or there is nothing to verify it with.

use super::discovery::DiscoveryError;
use super::jwks::{JwksError, KeySetError};
use crate::protocol::id_token::IdTokenError;
use crate::protocol::logout_token::LogoutTokenError;

/// Why there is no verified ID Token.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenVerificationError {
    /// The metadata cannot be had.
    #[error("where the provider's keys are is unknown: there is no metadata")]
    Discovery(#[source] DiscoveryError),
    /// The keys cannot be had.
    #[error("the provider's keys cannot be had")]
    Keys(#[source] JwksError),
    /// The ID Token was refused.
    #[error("the ID Token was refused")]
    Token(#[source] IdTokenError),
}

impl IdTokenVerificationError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Keys(error) => error.code(),
            Self::Token(error) => error.code(),
        }
    }
}

impl From<JwksError> for IdTokenVerificationError {
    fn from(error: JwksError) -> Self {
        match error.reason() {
            KeySetError::Discovery(error) => Self::Discovery(error.clone()),
            KeySetError::Document(_) => Self::Keys(error),
        }
    }
}

/// Why there is no verified logout token.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutTokenVerificationError {
    /// The metadata cannot be had.
    #[error("where the provider's keys are is unknown: there is no metadata")]
    Discovery(#[source] DiscoveryError),
    /// The keys cannot be had.
    #[error("the provider's keys cannot be had")]
    Keys(#[source] JwksError),
    /// The logout token was refused.
    #[error("the logout token was refused")]
    Token(#[source] LogoutTokenError),
}

impl LogoutTokenVerificationError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Keys(error) => error.code(),
            Self::Token(error) => error.code(),
        }
    }
}

impl From<JwksError> for LogoutTokenVerificationError {
    fn from(error: JwksError) -> Self {
        match error.reason() {
            KeySetError::Discovery(error) => Self::Discovery(error.clone()),
            KeySetError::Document(_) => Self::Keys(error),
        }
    }
}
