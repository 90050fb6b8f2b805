//! The algorithms an OpenID Provider may sign with.
//!
//! Only asymmetric ones have a name here. `none` and the HMAC family cannot be configured, so the two oldest attacks on JWTs
//! (an unsigned token, a public key used as an HMAC key; RFC 8725 sections 2.1 and 3.1) have nothing to switch on. `ES512` is
//! left out because `openidconnect` 4.1 cannot verify it.

use std::fmt;
use std::str::FromStr;

use openidconnect::core::CoreJwsSigningAlgorithm;
use ring::digest;

/// A JWS signing algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// Exactly one is pinned for ID Tokens and logout tokens: the one registered as `id_token_signed_response_alg`.
///
/// ```
/// use axum_oidc_session::SigningAlgorithm;
///
/// assert_eq!("ES256".parse(), Ok(SigningAlgorithm::Es256));
/// assert_eq!(SigningAlgorithm::default().to_string(), "RS256");
/// assert!("HS256".parse::<SigningAlgorithm>().is_err());
/// assert!("none".parse::<SigningAlgorithm>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every OpenID Provider must support (OIDC Core section 15.1).
    #[default]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// EdDSA on Ed25519. Ed448 cannot be verified.
    EdDsa,
}

impl SigningAlgorithm {
    const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The name in the `alg` header parameter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The hash that `at_hash` is made with (OIDC Core 3.1.3.6; for Ed25519 the one inside EdDSA, SHA-512).
    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            Self::Rs512 | Self::Ps512 | Self::EdDsa => &digest::SHA512,
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SigningAlgorithm {
    type Err = UnsupportedAlgorithm;

    /// Compares case-sensitively (RFC 7515 section 4.1.1).
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name).ok_or(UnsupportedAlgorithm)
    }
}

impl From<SigningAlgorithm> for CoreJwsSigningAlgorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Rs256 => Self::RsaSsaPkcs1V15Sha256,
            SigningAlgorithm::Rs384 => Self::RsaSsaPkcs1V15Sha384,
            SigningAlgorithm::Rs512 => Self::RsaSsaPkcs1V15Sha512,
            SigningAlgorithm::Ps256 => Self::RsaSsaPssSha256,
            SigningAlgorithm::Ps384 => Self::RsaSsaPssSha384,
            SigningAlgorithm::Ps512 => Self::RsaSsaPssSha512,
            SigningAlgorithm::Es256 => Self::EcdsaP256Sha256,
            SigningAlgorithm::Es384 => Self::EcdsaP384Sha384,
            SigningAlgorithm::EdDsa => Self::EdDsa,
        }
    }
}

/// The name of an algorithm that is not supported here. Some of these are signing algorithms (`ES512`), some must never sign an
/// ID Token (`none`, `HS256` under a public key).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this signing algorithm is not supported: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and EdDSA are"
)]
pub struct UnsupportedAlgorithm;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_round_trip_and_match_openidconnect() {
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
            let theirs = serde_json::to_value(CoreJwsSigningAlgorithm::from(algorithm)).unwrap();
            assert_eq!(theirs, algorithm.as_str());
        }
    }

    #[test]
    fn what_must_not_be_pinned_has_no_name() {
        for name in
            ["none", "None", "HS256", "HS384", "HS512", "ES512", "rs256", "EDDSA", " RS256", ""]
        {
            assert_eq!(name.parse::<SigningAlgorithm>(), Err(UnsupportedAlgorithm), "{name}");
        }
    }

    /// `ES512` is one, and is not called anything else.
    #[test]
    fn what_is_not_supported_is_said_to_be_that() {
        let said = UnsupportedAlgorithm.to_string();
        assert!(said.starts_with("this signing algorithm is not supported"), "{said}");
        for algorithm in SigningAlgorithm::ALL {
            assert!(said.contains(algorithm.as_str()), "{algorithm}: {said}");
        }
    }
}
