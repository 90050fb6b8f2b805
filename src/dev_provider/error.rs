//! Why the development provider could not do what it was asked.

use crate::random::RandomUnavailable;

/// A development provider that did not start, or a logout token that was not made or not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevProviderError {
    /// The issuer is not an http or https URL without query and fragment.
    #[error("the issuer must be an http or https URL without query and fragment")]
    InvalidIssuer,
    /// A router without a listener can't derive the issuer: it must be given, with its port.
    #[error("a provider that is mounted by hand needs an issuer with its port")]
    IssuerRequired,
    /// The address can't be listened on.
    #[error("the provider can't listen on loopback")]
    Listen(#[source] std::io::Error),
    /// There are no random bytes to make keys of.
    #[error("no random bytes")]
    Random(#[from] RandomUnavailable),
    /// A signing key could not be made or used.
    #[error("the signing key can't be made or used")]
    SigningKey,
    /// No client has this `client_id`.
    #[error("no such client")]
    UnknownClient,
    /// The client has no back-channel logout URI that can be posted to: plain `http`, with a host.
    #[error("the client has no back-channel logout URI with the scheme http")]
    NoBackchannelLogoutUri,
    /// The client could not be reached, or did not answer within 10 s.
    #[error("the client's back-channel logout URI can't be reached")]
    Delivery(#[source] std::io::Error),
}

impl DevProviderError {
    /// A stable name for the reason, in snake_case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidIssuer => "invalid_issuer",
            Self::IssuerRequired => "issuer_required",
            Self::Listen(_) => "listen_failed",
            Self::Random(_) => "random_unavailable",
            Self::SigningKey => "signing_key",
            Self::UnknownClient => "unknown_client",
            Self::NoBackchannelLogoutUri => "no_backchannel_logout_uri",
            Self::Delivery(_) => "delivery_failed",
        }
    }
}

impl From<ring::error::Unspecified> for DevProviderError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::SigningKey
    }
}
