//! Why metadata cannot be used, or why a member of it was left out.

use crate::protocol::algorithm::SigningAlgorithm;
use crate::provider::document::DocumentError;

/// Why the provider's metadata cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The configured issuer is not an `https` URL (or `http` on loopback) without query and fragment.
    #[error("the setting `issuer` is not an https URL without query and fragment")]
    InvalidIssuer,
    /// The document could not be fetched, or is not a JSON object.
    #[error(
        "the provider's metadata could not be read at {url}, which follows from the setting `issuer`"
    )]
    #[non_exhaustive]
    Document {
        /// Where it was looked for.
        url: String,
        /// Why.
        #[source]
        source: DocumentError,
    },
    /// The document is that of another issuer; a trailing slash is a difference.
    #[error(
        "the metadata at {url} states the issuer {stated:?}, but the setting `issuer` is {configured:?} (compared byte for byte, \
         a trailing slash included)"
    )]
    #[non_exhaustive]
    IssuerMismatch {
        /// Where the metadata was found.
        url: String,
        /// The setting.
        configured: String,
        /// The issuer that the metadata states, at most 200 characters of it; empty if it states none.
        stated: String,
    },
    /// An endpoint that is needed is missing; this one.
    #[error("the metadata has no {0}")]
    EndpointMissing(&'static str),
    /// An endpoint is not a URL, or has a user name, a password or a fragment; this one.
    #[error("the metadata's {0} is not a plain absolute URL")]
    EndpointMalformed(&'static str),
    /// An endpoint is not on `https`; this one.
    #[error("the metadata's {0} is not an https URL")]
    EndpointInsecure(&'static str),
    /// A member has a value of the wrong kind; this one.
    #[error("the metadata's {0} has a value of the wrong kind")]
    Member(&'static str),
    /// A list has no entry that is a string; this one.
    #[error("the metadata's {0} is an empty list")]
    EmptyList(&'static str),
    /// The provider does not do the authorization code flow.
    #[error("the metadata's response_types_supported does not contain \"code\"")]
    ResponseType,
    /// The provider does not list the pinned algorithm, this one, for ID Tokens.
    #[error(
        "the metadata's id_token_signing_alg_values_supported does not contain {0}, the setting `id_token_signing_alg`"
    )]
    SigningAlgorithm(SigningAlgorithm),
    /// The provider does PKCE, but not with S256.
    #[error("the metadata's code_challenge_methods_supported does not contain S256")]
    CodeChallengeMethod,
}

impl MetadataError {
    /// Whether waiting cannot cure it: a setting is wrong, here or at the provider.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Document { source, .. } => source.is_permanent(),
            _ => true,
        }
    }

    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidIssuer => "discovery_invalid_issuer",
            Self::Document { source, .. } => source.code(),
            Self::IssuerMismatch { .. } => "discovery_issuer_mismatch",
            Self::EndpointMissing(_) => "discovery_endpoint_missing",
            Self::EndpointMalformed(_) => "discovery_endpoint_malformed",
            Self::EndpointInsecure(_) => "discovery_endpoint_insecure",
            Self::Member(_) => "discovery_member_malformed",
            Self::EmptyList(_) => "discovery_list_empty",
            Self::ResponseType => "discovery_response_type_unsupported",
            Self::SigningAlgorithm(_) => "discovery_signing_algorithm_unsupported",
            Self::CodeChallengeMethod => "discovery_code_challenge_method_unsupported",
        }
    }
}
