//! Every way in which a callback can fail.

use crate::policy::CeilingRefusal;
use crate::protocol::authorization_response::AuthorizationResponseError;
use crate::protocol::oauth_error::OAuthError;
use crate::provider::{DiscoveryError, IdTokenVerificationError, TokenEndpointError};
use crate::random::RandomUnavailable;
use crate::session::contract::StoreError;

/// Why a callback did not lead to a session. Found, as an `Arc`, in the extensions of the response.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The authorization response itself is not in order, or is an error response.
    #[error("the authorization response was refused")]
    Response(#[from] AuthorizationResponseError),
    /// No login attempt of this browser belongs to the response: its cookie is missing, not ours, or of another `state`.
    #[error("no login attempt of this browser belongs to the response")]
    NoAttempt,
    /// The login took longer than a login attempt lives.
    #[error("the login attempt is too old")]
    AttemptExpired,
    /// The login attempt was used before.
    #[error("the login attempt was used before")]
    AttemptUsed,
    /// Too many code exchanges run already; the attempt was not used.
    #[error("too many sign-ins are being completed")]
    Busy,
    /// The provider's metadata cannot be had.
    #[error("the provider's metadata cannot be had")]
    Discovery(#[from] DiscoveryError),
    /// The token endpoint did not exchange the code.
    #[error("the code was not exchanged")]
    Exchange(#[from] TokenEndpointError),
    /// The token response has no ID Token.
    #[error("the token response has no ID Token")]
    MissingIdToken,
    /// The ID Token was refused, or the keys to verify it cannot be had.
    #[error("the ID Token was refused")]
    IdToken(#[from] IdTokenVerificationError),
    /// A page required an authentication context that is not among the configured ones, of the user
    /// who was signed in, and another user has signed in.
    #[error("another user than the one who was asked has signed in")]
    AnotherUser,
    /// The ceiling forbids a session (`session_expiry`).
    #[error("the session ceiling forbids a session")]
    Ceiling(#[from] CeilingRefusal),
    /// The application rejected the login, and says this to the user.
    #[error("the application rejected the login")]
    Rejected(String),
    /// The user signed out at the provider while the login was under way (Back-Channel Logout 1.0).
    #[error("the user signed out while the login was under way")]
    LoggedOutMeanwhile,
    /// The session store is at its capacity.
    #[error("the session store has no room")]
    StoreFull,
    /// The session store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomUnavailable),
    /// The work was cut off: `after_login` panicked, or the process is ending.
    #[error("the sign-in was cut off")]
    Interrupted,
}

impl CallbackError {
    /// What the provider said when it refused.
    pub(crate) fn said_by_provider(&self) -> Option<OAuthError> {
        match self {
            Self::Exchange(error) => error.refusal().cloned(),
            Self::Response(AuthorizationResponseError::Provider(answer)) => {
                Some(OAuthError::new(&answer.error, answer.description.as_deref()))
            }
            _ => None,
        }
    }

    /// Whether a callback fails so that comes again, late or without what ties it to its browser.
    pub(crate) fn is_replay(&self) -> bool {
        matches!(self, Self::NoAttempt | Self::AttemptExpired | Self::AttemptUsed)
    }

    /// A stable code, for logs, pages and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Response(error) => error.code(),
            Self::NoAttempt => "login_attempt_unknown",
            Self::AttemptExpired => "login_attempt_expired",
            Self::AttemptUsed => "login_attempt_used",
            Self::Busy => "too_many_sign_ins",
            Self::Discovery(error) => error.code(),
            Self::Exchange(error) => error.code(),
            Self::MissingIdToken => "id_token_missing",
            Self::IdToken(error) => error.code(),
            Self::AnotherUser => "login_another_user",
            Self::Ceiling(refusal) => refusal.code(),
            Self::Rejected(_) => "login_rejected",
            Self::LoggedOutMeanwhile => "logged_out_meanwhile",
            Self::StoreFull => "store_full",
            Self::Store(_) => "store_unavailable",
            Self::Random(_) => "random_unavailable",
            Self::Interrupted => "internal_error",
        }
    }
}
