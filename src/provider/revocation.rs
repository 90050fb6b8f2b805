//! Token revocation (RFC 7009), best effort: the caller goes on whatever comes of it.

use secrecy::{ExposeSecret as _, SecretString};

use super::client_authentication::ClientCredentials;
use super::discovery::DiscoveryError;
use super::http_client::HttpClient;
use super::metadata::Metadata;
use super::token_endpoint::{self, MalformedResponse, TokenEndpointError};

/// What kind of token is revoked (RFC 7009 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenTypeHint {
    AccessToken,
    /// Revoking it ends the whole grant, its access tokens too.
    RefreshToken,
}

impl TokenTypeHint {
    fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// Revokes `token`. Without a revocation endpoint there is nothing to do, and that is no error.
pub(super) async fn revoke(
    http: &dyn HttpClient,
    metadata: &Metadata,
    client: &ClientCredentials,
    token: &SecretString,
    hint: TokenTypeHint,
) -> Result<(), RevocationError> {
    let Some(endpoint) = &metadata.revocation_endpoint else {
        return Ok(());
    };
    let methods = metadata.revocation_endpoint_auth_methods.as_ref();
    let methods = methods.or(metadata.token_endpoint_auth_methods.as_ref()).map(Vec::as_slice);
    let parameters = [("token", token.expose_secret()), ("token_type_hint", hint.as_str())];
    let request = client
        .post(endpoint, methods, &parameters)
        .map_err(|error| RevocationError::Refused(error.into()))?;
    match token_endpoint::exchange(http, request).await {
        Ok(_) => Ok(()),
        // RFC 7009 says 200; several providers say 204.
        Err(TokenEndpointError::Malformed(MalformedResponse::Status(204))) => Ok(()),
        Err(error) => {
            let secrets = [token.expose_secret()].into_iter();
            Err(RevocationError::Refused(error.without(secrets)))
        }
    }
}

/// Why a token may not have been revoked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum RevocationError {
    #[error("where the revocation endpoint is is unknown: there is no metadata")]
    Discovery(#[source] DiscoveryError),
    /// The endpoint answers like a token endpoint.
    #[error("the revocation endpoint did not confirm")]
    Refused(#[source] TokenEndpointError),
}

impl RevocationError {
    /// A stable name of the reason.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Discovery(error) => error.code(),
            Self::Refused(TokenEndpointError::Rejected(_)) => "revocation_rejected",
            Self::Refused(TokenEndpointError::Unavailable { .. }) => "revocation_unavailable",
            Self::Refused(TokenEndpointError::ReplyLost(_)) => "revocation_reply_lost",
            Self::Refused(_) => "revocation_malformed",
        }
    }
}
