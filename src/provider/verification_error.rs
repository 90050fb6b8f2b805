//! Why there is no verified token: it was refused, or there is nothing to verify it with.

use super::discovery::DiscoveryError;
use super::jwks::{JwksError, KeySetError};
use crate::protocol::id_token::IdTokenError;
use crate::protocol::logout_token::LogoutTokenError;

/// What the issuer's keys make of a token that they do not verify.
#[derive(Debug)]
pub(crate) enum Unverified<E> {
    /// Newer keys may verify it, and they may not be fetched yet.
    NotYet(E),
    Refused(E),
}

impl<E> Unverified<E> {
    /// What is wrong with the token.
    pub(super) fn reason(&self) -> &E {
        match self {
            Self::NotYet(error) | Self::Refused(error) => error,
        }
    }
}

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
    /// No key that is known made the ID Token's signature, and the keys may not be fetched again yet.
    #[error("the ID Token may be signed with a new key, and the keys may not be fetched again yet")]
    NotYet(#[source] IdTokenError),
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
            Self::NotYet(error) | Self::Token(error) => error.code(),
        }
    }
}

impl From<Unverified<IdTokenError>> for IdTokenVerificationError {
    fn from(error: Unverified<IdTokenError>) -> Self {
        match error {
            Unverified::NotYet(error) => Self::NotYet(error),
            Unverified::Refused(error) => Self::Token(error),
        }
    }
}

impl From<JwksError> for IdTokenVerificationError {
    fn from(error: JwksError) -> Self {
        match error.reason() {
            KeySetError::Discovery(error) => Self::Discovery(error.clone()),
            KeySetError::Document { .. } => Self::Keys(error),
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
    /// No key that is known made the logout token's signature, and the keys may not be fetched again yet.
    #[error(
        "the logout token may be signed with a new key, and the keys may not be fetched again yet"
    )]
    NotYet(#[source] LogoutTokenError),
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
            Self::NotYet(error) | Self::Token(error) => error.code(),
        }
    }
}

impl From<Unverified<LogoutTokenError>> for LogoutTokenVerificationError {
    fn from(error: Unverified<LogoutTokenError>) -> Self {
        match error {
            Unverified::NotYet(error) => Self::NotYet(error),
            Unverified::Refused(error) => Self::Token(error),
        }
    }
}

impl From<JwksError> for LogoutTokenVerificationError {
    fn from(error: JwksError) -> Self {
        match error.reason() {
            KeySetError::Discovery(error) => Self::Discovery(error.clone()),
            KeySetError::Document { .. } => Self::Keys(error),
        }
    }
}
