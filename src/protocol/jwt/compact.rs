//! The compact serialization (RFC 7515 section 3.1) and the JOSE header, of which nothing is trusted.
//!
//! 1. At most [`MAX_TOKEN_BYTES`].
//! 2. Three parts. Five are a JWE (RFC 7516 section 3.1): encryption was not negotiated (OIDC Core 3.1.3.7 step 1).
//! 3. base64url without padding, white space or spare bits (RFC 7515 section 2), so that one token has one spelling.
//! 4. The header is an object without duplicate names (RFC 7515 section 4); `alg` is a string, `kid` and `typ` are strings if
//!    present. A parameter that is `null` is absent.
//! 5. `crit` is refused whatever it lists, for we understand no extension (RFC 7515 section 4.1.11).
//! 6. `cty` is refused: a nested JWT, or no claims at all (RFC 7519 section 5.2).
//!
//! `jwk`, `jku`, `x5c` and `x5u` are never looked at: keys come from the issuer's JWK Set only (RFC 8725 section 3.10).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::protocol::claims::{Claims, ClaimsError};

/// A JWT whose signature has not been verified.
pub(crate) struct UnverifiedJwt<'a> {
    header: Claims,
    pub(super) signing_input: &'a str,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl<'a> UnverifiedJwt<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(raw: &'a str) -> Result<Self, JwtError> {
        if raw.len() > MAX_TOKEN_BYTES {
            return Err(JwtError::TooLarge);
        }
        let parts: Vec<&str> = raw.splitn(6, '.').collect();
        let [header, payload, signature] = match parts.len() {
            5 => return Err(JwtError::Encrypted),
            _ => <[&str; 3]>::try_from(parts).map_err(|_| JwtError::NotCompact)?,
        };
        let signing_input = &raw[..header.len() + 1 + payload.len()];
        let header = String::from_utf8(decode(header)?).map_err(|_| JwtError::Encoding)?;
        let header = Claims::from_json(&header).map_err(JwtError::Header)?;
        check_header(&header)?;
        Ok(Self { header, signing_input, payload: decode(payload)?, signature: decode(signature)? })
    }

    /// The `alg` header parameter.
    pub(crate) fn algorithm(&self) -> &str {
        self.header.get_str("alg").unwrap_or_default()
    }

    /// Whether `typ` is absent or one of `types`: in any case, with or without the prefix `application/` (RFC 7515 section
    /// 4.1.9).
    pub(crate) fn has_type(&self, types: &[&str]) -> bool {
        let Some(typ) = self.header.get_str("typ") else { return true };
        let typ = match typ.split_at_checked(APPLICATION.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(APPLICATION) => rest,
            _ => typ,
        };
        types.iter().any(|known| typ.eq_ignore_ascii_case(known))
    }

    /// The `kid` header parameter.
    pub(crate) fn key_id(&self) -> Option<&str> {
        self.header.get_str("kid")
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Encoding)
}

fn check_header(header: &Claims) -> Result<(), JwtError> {
    if header.contains("crit") {
        return Err(JwtError::CriticalHeader);
    }
    if header.contains("cty") {
        return Err(JwtError::ContentType);
    }
    if header.get_str("alg").is_none() {
        return Err(JwtError::HeaderParameter("alg"));
    }
    for name in ["kid", "typ"] {
        if header.contains(name) && header.get_str(name).is_none() {
            return Err(JwtError::HeaderParameter(name));
        }
    }
    Ok(())
}

/// Why a token could not be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// More than 384 KiB.
    #[error("the token is larger than 384 KiB")]
    TooLarge,
    /// Not three parts separated by dots.
    #[error("the token is not a JWS in compact serialization")]
    NotCompact,
    /// Five parts: a JWE, which was not negotiated.
    #[error("the token is encrypted")]
    Encrypted,
    /// A part is not base64url without padding, or the header is not UTF-8.
    #[error("a part of the token is not validly encoded")]
    Encoding,
    /// The header is not a JSON object with unique names.
    #[error("the token's header is malformed")]
    Header(#[source] ClaimsError),
    /// A header parameter is missing or not a string; this one.
    #[error("the header parameter {0} is missing or not a string")]
    HeaderParameter(&'static str),
    /// The header has `crit`.
    #[error("the token demands an extension that is not supported")]
    CriticalHeader,
    /// The header has `cty`.
    #[error("the token's content is not a set of claims")]
    ContentType,
}

impl JwtError {
    /// A stable reason code, for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "jwt_too_large",
            Self::NotCompact => "jwt_not_compact",
            Self::Encrypted => "jwt_encrypted",
            Self::Encoding => "jwt_encoding",
            Self::Header(_) => "jwt_header_malformed",
            Self::HeaderParameter(_) => "jwt_header_parameter",
            Self::CriticalHeader => "jwt_critical_header",
            Self::ContentType => "jwt_content_type",
        }
    }
}

const APPLICATION: &str = "application/";
/// Room for the largest set of claims in base64url, a header and a signature.
pub(super) const MAX_TOKEN_BYTES: usize = 384 * 1024;
