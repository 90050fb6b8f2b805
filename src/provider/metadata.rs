//! The provider's metadata (OpenID Connect Discovery 1.0 section 3), and what must hold of it.
//!
//! 1. `issuer` is the configured issuer, byte for byte (Discovery 4.3).
//! 2. Authorization endpoint, token endpoint and `jwks_uri` are there. Each endpoint that is there, needed or not, is an
//!    `https` URL without user name, password and fragment; plain `http` only on loopback and under a loopback `http` issuer.
//! 3. `response_types_supported` contains `code`; it is required (Discovery 3).
//! 4. `id_token_signing_alg_values_supported` contains the pinned algorithm, and `code_challenge_methods_supported`
//!    contains `S256`, unless the list is absent: many providers do PKCE and do not say so.
//!
//! Members of no use here are ignored, `null` and empty strings count as absent. The types of `openidconnect` are not used:
//! they refuse documents without lists that nobody needs, and cannot say which endpoint is wrong.

use serde_json::{Map, Value};
use url::Url;

use super::document::DocumentError;
use crate::config::loopback::is_loopback;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::pkce;

/// What the provider says about itself, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) end_session_endpoint: Option<Url>,
    pub(crate) revocation_endpoint: Option<Url>,
    /// RFC 9207 section 3; false if absent.
    pub(crate) authorization_response_iss_parameter_supported: bool,
    /// Absent means `client_secret_basic`.
    pub(crate) token_endpoint_auth_methods: Option<Vec<String>>,
    /// Absent means `client_secret_basic` (RFC 8414 section 2).
    pub(crate) revocation_endpoint_auth_methods: Option<Vec<String>>,
    pub(crate) id_token_signing_alg_values_supported: Option<Vec<String>>,
    pub(crate) code_challenge_methods_supported: Option<Vec<String>>,
    pub(crate) scopes_supported: Option<Vec<String>>,
    /// Anything but `true` means no (Discovery 3): a wrong value is no reason to refuse logins that do not need it.
    pub(crate) claims_parameter_supported: bool,
    pub(crate) backchannel_logout_supported: bool,
    pub(crate) backchannel_logout_session_supported: bool,
}

impl Metadata {
    /// Reads the document that was found at the [well-known URL](well_known_url) of `issuer`.
    pub(crate) fn parse(
        body: &[u8],
        issuer: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<Self, MetadataError> {
        let malformed = |_| MetadataError::Document(DocumentError::Json);
        let members: Map<String, Value> = serde_json::from_slice(body).map_err(malformed)?;
        let document = Document { plain_http: is_plain_http(&issuer_url(issuer)?), members };
        if document.text("issuer")? != Some(issuer) {
            return Err(MetadataError::IssuerMismatch);
        }
        let metadata = Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: document.required("authorization_endpoint")?,
            token_endpoint: document.required("token_endpoint")?,
            jwks_uri: document.required("jwks_uri")?,
            userinfo_endpoint: document.endpoint("userinfo_endpoint")?,
            end_session_endpoint: document.endpoint("end_session_endpoint")?,
            revocation_endpoint: document.endpoint("revocation_endpoint")?,
            authorization_response_iss_parameter_supported: document
                .flag("authorization_response_iss_parameter_supported")?,
            token_endpoint_auth_methods: document.list("token_endpoint_auth_methods_supported")?,
            revocation_endpoint_auth_methods: document
                .list("revocation_endpoint_auth_methods_supported")?,
            id_token_signing_alg_values_supported: document
                .list("id_token_signing_alg_values_supported")?,
            code_challenge_methods_supported: document.list("code_challenge_methods_supported")?,
            scopes_supported: document.list("scopes_supported")?,
            claims_parameter_supported: document.members.get("claims_parameter_supported")
                == Some(&Value::Bool(true)),
            backchannel_logout_supported: document.flag("backchannel_logout_supported")?,
            backchannel_logout_session_supported: document
                .flag("backchannel_logout_session_supported")?,
        };
        if !document.list("response_types_supported")?.is_some_and(|types| contains(&types, "code"))
        {
            return Err(MetadataError::ResponseType);
        }
        metadata.check_lists(algorithm)?;
        Ok(metadata)
    }

    fn check_lists(&self, algorithm: SigningAlgorithm) -> Result<(), MetadataError> {
        let lacks = |list: &Option<Vec<String>>, entry: &str| {
            list.as_ref().is_some_and(|list| !contains(list, entry))
        };
        if lacks(&self.id_token_signing_alg_values_supported, algorithm.as_str()) {
            return Err(MetadataError::SigningAlgorithm(algorithm));
        }
        if lacks(&self.code_challenge_methods_supported, pkce::METHOD) {
            return Err(MetadataError::CodeChallengeMethod);
        }
        Ok(())
    }
}

/// Where the metadata of `issuer` is: one trailing slash less, then the well-known path (Discovery 4.1).
pub(crate) fn well_known_url(issuer: &str) -> Result<Url, MetadataError> {
    issuer_url(issuer)?;
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    Url::parse(&format!("{base}/.well-known/openid-configuration"))
        .map_err(|_| MetadataError::InvalidIssuer)
}

/// An issuer is an `https` URL (on loopback `http` will do) without query and fragment (OIDC Core section 2).
fn issuer_url(issuer: &str) -> Result<Url, MetadataError> {
    let url = Url::parse(issuer).map_err(|_| MetadataError::InvalidIssuer)?;
    let bare = url.query().is_none() && url.fragment().is_none() && !has_credentials(&url);
    let clean = issuer.trim() == issuer && !issuer.contains(char::is_control);
    let secure = url.scheme() == "https" || is_plain_http(&url);
    (bare && clean && secure).then_some(url).ok_or(MetadataError::InvalidIssuer)
}

fn is_plain_http(url: &Url) -> bool {
    url.scheme() == "http" && is_loopback(url)
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn contains(list: &[String], entry: &str) -> bool {
    list.iter().any(|listed| listed == entry)
}

struct Document {
    members: Map<String, Value>,
    /// Whether plain `http` on loopback is accepted.
    plain_http: bool,
}

impl Document {
    fn text(&self, name: &'static str) -> Result<Option<&str>, MetadataError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(MetadataError::Member(name)),
        }
    }

    /// Entries that are not strings are no names of anything, and left out.
    fn list(&self, name: &'static str) -> Result<Option<Vec<String>>, MetadataError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(entries)) => {
                Ok(Some(entries.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
            }
            Some(_) => Err(MetadataError::Member(name)),
        }
    }

    fn flag(&self, name: &'static str) -> Result<bool, MetadataError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(MetadataError::Member(name)),
        }
    }

    fn required(&self, name: &'static str) -> Result<Url, MetadataError> {
        self.endpoint(name)?.ok_or(MetadataError::EndpointMissing(name))
    }

    fn endpoint(&self, name: &'static str) -> Result<Option<Url>, MetadataError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let url = Url::parse(text).map_err(|_| MetadataError::EndpointMalformed(name))?;
        if url.scheme() != "https" && !(self.plain_http && is_plain_http(&url)) {
            return Err(MetadataError::EndpointInsecure(name));
        }
        if has_credentials(&url) || url.fragment().is_some() {
            return Err(MetadataError::EndpointMalformed(name));
        }
        Ok(Some(url))
    }
}

/// Why the provider's metadata cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The configured issuer is not an `https` URL (or `http` on loopback) without query and fragment.
    #[error("the configured issuer is not an https URL without query and fragment")]
    InvalidIssuer,
    /// The document could not be fetched, or is not a JSON object.
    #[error("the provider's metadata could not be read")]
    Document(#[source] DocumentError),
    /// The document is that of another issuer; a trailing slash is a difference.
    #[error(
        "the metadata's issuer is not the configured one (compared byte for byte: check the trailing slash)"
    )]
    IssuerMismatch,
    /// An endpoint that is needed is missing; this one.
    #[error("the metadata has no {0}")]
    EndpointMissing(&'static str),
    /// An endpoint is not a URL, or has a user name, a password or a fragment; this one.
    #[error("the metadata's {0} is not a plain URL")]
    EndpointMalformed(&'static str),
    /// An endpoint is not on `https`; this one.
    #[error("the metadata's {0} is not an https URL")]
    EndpointInsecure(&'static str),
    /// A member has a value of the wrong kind; this one.
    #[error("the metadata's {0} has a value of the wrong kind")]
    Member(&'static str),
    /// The provider does not do the authorization code flow.
    #[error("the metadata's response_types_supported does not contain \"code\"")]
    ResponseType,
    /// The provider does not sign ID Tokens with the pinned algorithm; this one.
    #[error(
        "the metadata's id_token_signing_alg_values_supported does not contain {0}, the configured algorithm"
    )]
    SigningAlgorithm(SigningAlgorithm),
    /// The provider does PKCE, but not with S256.
    #[error("the metadata's code_challenge_methods_supported does not contain S256")]
    CodeChallengeMethod,
}

impl MetadataError {
    /// A stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidIssuer => "discovery_invalid_issuer",
            Self::Document(error) => error.code(),
            Self::IssuerMismatch => "discovery_issuer_mismatch",
            Self::EndpointMissing(_) => "discovery_endpoint_missing",
            Self::EndpointMalformed(_) => "discovery_endpoint_malformed",
            Self::EndpointInsecure(_) => "discovery_endpoint_insecure",
            Self::Member(_) => "discovery_member_malformed",
            Self::ResponseType => "discovery_response_type_unsupported",
            Self::SigningAlgorithm(_) => "discovery_signing_algorithm_unsupported",
            Self::CodeChallengeMethod => "discovery_code_challenge_method_unsupported",
        }
    }
}

#[cfg(test)]
mod tests;
