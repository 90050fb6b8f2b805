//! Why an ID Token was refused: one variant a check.

use crate::protocol::claims::ClaimsError;
use crate::protocol::jwt::{JwtError, SignatureError};

/// Why an ID Token was refused. The texts contain nothing of the token's content except names of claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// It could not be taken apart.
    #[error("the ID Token is malformed")]
    Malformed(#[source] JwtError),
    /// It is a JWT of another kind: its `typ` is not that of an ID Token.
    #[error("the token is not an ID Token")]
    TokenType,
    /// `alg` is not the registered signing algorithm.
    #[error(
        "the ID Token is not signed with the registered algorithm (id_token_signed_response_alg)"
    )]
    Algorithm,
    /// The key that signed it is not among the issuer's, and none has its `kid`; a refetch of the JWK Set may cure that.
    #[error("the ID Token was signed with a key that is not in the issuer's JWK Set")]
    UnknownKey,
    /// No key of the issuer made the signature, not even the one with its `kid`; a refetch of the JWK Set may cure that.
    #[error("the ID Token's signature is invalid")]
    Signature,
    /// The signed claims are malformed.
    #[error("the ID Token's claims are malformed")]
    Claims(#[source] ClaimsError),
    /// It is a logout token: it has the event of Back-Channel Logout.
    #[error("the token is a logout token, not an ID Token (events)")]
    LogoutToken,
    /// `iss` is not the issuer.
    #[error("the ID Token's issuer (iss) is not the configured one")]
    Issuer,
    /// `aud` is absent, malformed or does not name this client.
    #[error("the ID Token's audience (aud) is not this client")]
    Audience,
    /// `aud` names others too, and not all of them are trusted.
    #[error(
        "the ID Token has further audiences (aud), which are not all in the setting trusted_audiences"
    )]
    ExtraAudience,
    /// `azp` is not this client, or is missing where `aud` has further audiences.
    #[error("the ID Token was issued to another client (azp)")]
    AuthorizedParty,
    /// `sub` is absent, or not 1 to 255 characters without control characters.
    #[error("the ID Token's subject (sub) is missing or malformed")]
    Subject,
    /// `sid` is not a string.
    #[error("the ID Token's session id (sid) is malformed")]
    SessionId,
    /// A time is absent where it must not be, or not a number of seconds; this claim.
    #[error("the ID Token's time {0} is missing or malformed")]
    Time(&'static str),
    /// `exp` has passed.
    #[error("the ID Token has expired (exp)")]
    Expired,
    /// `nbf` is in the future.
    #[error("the ID Token is not valid yet (nbf)")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("the ID Token was issued in the future (iat): one of the two clocks is wrong")]
    IssuedInFuture,
    /// `iat` is too long ago.
    #[error("the ID Token was issued too long ago (iat)")]
    IssuedTooLongAgo,
    /// `nonce` is missing or not the expected one.
    #[error("the ID Token does not belong to this login attempt (nonce)")]
    Nonce,
    /// `acr` is none of the requested ones.
    #[error("the sign-in does not satisfy any of the requested authentication contexts (acr)")]
    ContextClass,
    /// `amr` lacks a method that is required.
    #[error("the sign-in did not use all of the required methods (amr)")]
    Methods,
    /// `max_age` was asked for, and there is no `auth_time`.
    #[error(
        "the ID Token does not say when the user signed in (auth_time), although max_age was asked for"
    )]
    AuthenticationTimeMissing,
    /// `auth_time` is in the future.
    #[error("the sign-in lies in the future (auth_time): one of the two clocks is wrong")]
    AuthenticatedInFuture,
    /// `auth_time` is longer ago than the requested `max_age`.
    #[error("the sign-in is older than was asked for (auth_time)")]
    AuthenticatedTooLongAgo,
    /// `at_hash` does not fit the access token.
    #[error("the ID Token does not belong to the access token (at_hash)")]
    AccessTokenHash,
}

impl IdTokenError {
    /// Whether the token may be in order under keys that the issuer has published since: no key that is known made its
    /// signature.
    pub(crate) fn may_be_cured_by_newer_keys(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::Signature)
    }

    /// Whether one of its times does not fit our clock. What is checked after it is not known to be right.
    pub(crate) fn is_of_the_clock(&self) -> bool {
        matches!(
            self,
            Self::Expired
                | Self::NotYetValid
                | Self::IssuedInFuture
                | Self::IssuedTooLongAgo
                | Self::AuthenticatedInFuture
        )
    }

    /// A stable reason code, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.code(),
            Self::TokenType => "id_token_type",
            Self::Algorithm => "id_token_algorithm",
            Self::UnknownKey => "id_token_unknown_key",
            Self::Signature => "id_token_signature",
            Self::Claims(error) => error.code(),
            Self::LogoutToken => "id_token_is_logout_token",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::ExtraAudience => "id_token_extra_audience",
            Self::AuthorizedParty => "id_token_authorized_party",
            Self::Subject => "id_token_subject",
            Self::SessionId => "id_token_session_id",
            Self::Time(_) => "id_token_time_malformed",
            Self::Expired => "id_token_expired",
            Self::NotYetValid => "id_token_not_yet_valid",
            Self::IssuedInFuture => "id_token_issued_in_future",
            Self::IssuedTooLongAgo => "id_token_issued_too_long_ago",
            Self::Nonce => "id_token_nonce",
            Self::ContextClass => "id_token_acr",
            Self::Methods => "id_token_amr",
            Self::AuthenticationTimeMissing => "id_token_auth_time_missing",
            Self::AuthenticatedInFuture => "id_token_auth_time_in_future",
            Self::AuthenticatedTooLongAgo => "id_token_auth_time_too_old",
            Self::AccessTokenHash => "id_token_at_hash",
        }
    }
}

impl From<SignatureError> for IdTokenError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Algorithm => Self::Algorithm,
            SignatureError::UnknownKey => Self::UnknownKey,
            SignatureError::Invalid => Self::Signature,
        }
    }
}
