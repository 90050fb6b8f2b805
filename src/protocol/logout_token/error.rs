//! Why a logout token was refused: one variant a check.

use crate::protocol::claims::ClaimsError;
use crate::protocol::jwt::{JwtError, SignatureError};

/// Why a logout token was refused. The texts contain nothing of the token's content except names of claims.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutTokenError {
    /// It could not be taken apart.
    #[error("the logout token is malformed")]
    Malformed(#[source] JwtError),
    /// It is a JWT of another kind: its `typ` is not that of a logout token.
    #[error("the token is not a logout token")]
    TokenType,
    /// `alg` is not the registered signing algorithm.
    #[error(
        "the logout token is not signed with the registered algorithm (id_token_signed_response_alg)"
    )]
    Algorithm,
    /// The key that signed it is not among the issuer's, and none has its `kid`; a refetch of the JWK Set may cure that.
    #[error("the logout token was signed with a key that is not in the issuer's JWK Set")]
    UnknownKey,
    /// No key of the issuer made the signature, not even the one with its `kid`; a refetch of the JWK Set may cure that.
    #[error("the logout token's signature is invalid")]
    Signature,
    /// The signed claims are malformed.
    #[error("the logout token's claims are malformed")]
    Claims(#[source] ClaimsError),
    /// `iss` is not the issuer.
    #[error("the logout token's issuer (iss) is not the configured one")]
    Issuer,
    /// `aud` is absent, malformed or does not name this client.
    #[error("the logout token's audience (aud) is not this client")]
    Audience,
    /// `aud` names others too, and not all of them are trusted.
    #[error(
        "the logout token has further audiences (aud), which are not all in the setting trusted_audiences"
    )]
    ExtraAudience,
    /// `aud` has further audiences, and `azp` is there and is not this client.
    #[error("the logout token was issued to another client (azp)")]
    AuthorizedParty,
    /// `events` is not an object with an object as its member for back-channel logout: this may be an ID Token.
    #[error("the token does not tell of a logout (events)")]
    Event,
    /// There is a `nonce`: this may be an ID Token.
    #[error("the logout token has a nonce, which is prohibited")]
    Nonce,
    /// There is neither a `sub` nor a `sid`.
    #[error("the logout token names neither a user (sub) nor a session (sid)")]
    NoSubject,
    /// `sub` is there, and not 1 to 255 characters without control characters.
    #[error("the logout token's subject (sub) is malformed")]
    Subject,
    /// `sid` is there, and not a string, or empty.
    #[error("the logout token's session id (sid) is malformed")]
    SessionId,
    /// `jti` is absent, not a string, empty, or longer than 1,024 bytes.
    #[error("the logout token's identifier (jti) is missing or malformed")]
    TokenId,
    /// A time is absent where it must not be, or not a number of seconds; this claim.
    #[error("the logout token's time {0} is missing or malformed")]
    Time(&'static str),
    /// `exp` has passed.
    #[error("the logout token has expired (exp)")]
    Expired,
    /// `nbf` is in the future.
    #[error("the logout token is not valid yet (nbf)")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("the logout token was issued in the future (iat): one of the two clocks is wrong")]
    IssuedInFuture,
    /// `iat` is too long ago: 10 minutes without `exp`, a day with it.
    #[error("the logout token was issued too long ago (iat)")]
    IssuedTooLongAgo,
}

impl LogoutTokenError {
    /// Whether the token may be in order under keys that the issuer has published since: no key that is known made its
    /// signature.
    pub(crate) fn may_be_cured_by_newer_keys(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::Signature)
    }

    /// A stable reason code, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.code(),
            Self::TokenType => "logout_token_type",
            Self::Algorithm => "logout_token_algorithm",
            Self::UnknownKey => "logout_token_unknown_key",
            Self::Signature => "logout_token_signature",
            Self::Claims(error) => error.code(),
            Self::Issuer => "logout_token_issuer",
            Self::Audience => "logout_token_audience",
            Self::ExtraAudience => "logout_token_extra_audience",
            Self::AuthorizedParty => "logout_token_authorized_party",
            Self::Event => "logout_token_event",
            Self::Nonce => "logout_token_nonce",
            Self::NoSubject => "logout_token_no_subject",
            Self::Subject => "logout_token_subject",
            Self::SessionId => "logout_token_session_id",
            Self::TokenId => "logout_token_jti",
            Self::Time(_) => "logout_token_time_malformed",
            Self::Expired => "logout_token_expired",
            Self::NotYetValid => "logout_token_not_yet_valid",
            Self::IssuedInFuture => "logout_token_issued_in_future",
            Self::IssuedTooLongAgo => "logout_token_issued_too_long_ago",
        }
    }
}

impl From<SignatureError> for LogoutTokenError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Algorithm => Self::Algorithm,
            SignatureError::UnknownKey => Self::UnknownKey,
            SignatureError::Invalid => Self::Signature,
        }
    }
}
