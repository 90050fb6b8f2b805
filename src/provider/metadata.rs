//! The provider's metadata (OpenID Connect Discovery 1.0 section 3), and what must hold of it.
//!
//! 1. `issuer` is the configured issuer, byte for byte (Discovery 4.3).
//! 2. Authorization endpoint, token endpoint and `jwks_uri` are there. Each endpoint is an absolute `https` URL without user
//!    name, password and fragment; plain `http` only on loopback and under a loopback `http` issuer.
//! 3. `response_types_supported` contains `code`, and `code_challenge_methods_supported` contains `S256`, where they are
//!    lists that say something: many providers do PKCE and do not say so.
//!
//! Everything else a login can do without, so that it never keeps anyone from signing in: a member of the wrong kind, an empty
//! list or an endpoint that breaks rule 2 is left out, and the log has a warning. So it has if
//! `id_token_signing_alg_values_supported` lacks the pinned algorithm: the token itself is checked.
//!
//! Members of no use here are ignored, `null` and empty strings count as absent. The types of `openidconnect` are not used:
//! they refuse documents without lists that a login does not need, and cannot say which endpoint is wrong.

mod error;
mod members;

use serde_json::{Map, Value};
use url::Url;

pub use self::error::MetadataError;
use self::members::Members;
use super::document::DocumentError;
use crate::config::loopback::is_loopback;
use crate::protocol::algorithm::SigningAlgorithm;
use crate::protocol::{json, pkce};

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
    pub(crate) claims_parameter_supported: bool,
    pub(crate) backchannel_logout_supported: bool,
    pub(crate) backchannel_logout_session_supported: bool,
}

impl Metadata {
    /// Reads the document that was found at the [well-known URL](well_known_url) of `issuer`. Beside it: what is odd about it
    /// and was left out.
    pub(crate) fn parse(
        body: &[u8],
        issuer: &str,
        algorithm: SigningAlgorithm,
    ) -> Result<(Self, Vec<MetadataError>), MetadataError> {
        let url = well_known_url(issuer)?;
        let malformed =
            |_| MetadataError::Document { url: url.to_string(), source: DocumentError::Json };
        let members: Map<String, Value> =
            serde_json::from_slice(json::without_mark(body)).map_err(malformed)?;
        let plain_http = is_plain_http(&issuer_url(issuer)?);
        let mut document = Members { members, plain_http, oddities: Vec::new() };
        let stated = document.text("issuer")?.unwrap_or_default();
        if stated != issuer {
            let (configured, stated) = (issuer.to_owned(), stated.chars().take(200).collect());
            return Err(MetadataError::IssuerMismatch { url: url.into(), configured, stated });
        }
        let metadata = Self::read(&mut document, issuer)?;
        let response_types = document.list("response_types_supported");
        if lacks(response_types.as_deref(), "code") {
            return Err(MetadataError::ResponseType);
        }
        if lacks(metadata.code_challenge_methods_supported.as_deref(), pkce::METHOD) {
            return Err(MetadataError::CodeChallengeMethod);
        }
        let algorithms = metadata.id_token_signing_alg_values_supported.as_deref();
        if lacks(algorithms, algorithm.as_str()) {
            document.oddities.push(MetadataError::SigningAlgorithm(algorithm));
        }
        Ok((metadata, document.oddities))
    }

    fn read(document: &mut Members, issuer: &str) -> Result<Self, MetadataError> {
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: document.required("authorization_endpoint")?,
            token_endpoint: document.required("token_endpoint")?,
            jwks_uri: document.required("jwks_uri")?,
            userinfo_endpoint: document.optional("userinfo_endpoint"),
            end_session_endpoint: document.optional("end_session_endpoint"),
            revocation_endpoint: document.optional("revocation_endpoint"),
            authorization_response_iss_parameter_supported: document
                .flag("authorization_response_iss_parameter_supported"),
            token_endpoint_auth_methods: document.list("token_endpoint_auth_methods_supported"),
            revocation_endpoint_auth_methods: document
                .list("revocation_endpoint_auth_methods_supported"),
            id_token_signing_alg_values_supported: document
                .list("id_token_signing_alg_values_supported"),
            code_challenge_methods_supported: document.list("code_challenge_methods_supported"),
            scopes_supported: document.list("scopes_supported"),
            claims_parameter_supported: document.flag("claims_parameter_supported"),
            backchannel_logout_supported: document.flag("backchannel_logout_supported"),
            backchannel_logout_session_supported: document
                .flag("backchannel_logout_session_supported"),
        })
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

/// Whether there is a list and `entry` is not in it.
fn lacks(list: Option<&[String]>, entry: &str) -> bool {
    list.is_some_and(|list| !list.iter().any(|listed| listed == entry))
}

#[cfg(test)]
mod tests;
