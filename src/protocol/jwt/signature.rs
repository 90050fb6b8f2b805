//! Which keys may verify a token, and whether one does.
//!
//! 1. `alg` is the pinned algorithm, byte for byte. The token never chooses it (RFC 8725 section 3.1).
//! 2. A key is usable if its `use` is absent or `sig`, its `kty` and `crv` fit the algorithm, its `alg` is absent or the pinned
//!    one, and an RSA modulus has at least 2048 bits (RFC 7518 sections 3.3 and 3.5).
//! 3. Every usable key is tried. `kid` is a hint (RFC 7515 section 4.1.4) that says which to try first: some providers reuse
//!    an id, or sign with a new key under the old id.
//! 4. If no key verifies, the set that we have may be an old one, whatever `kid` says: a refetch may cure both
//!    [`SignatureError::UnknownKey`] and [`SignatureError::Invalid`]. The latter says that a key of the named id is there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreJsonCurveType, CoreJsonWebKey, CoreJsonWebKeySet, CoreJsonWebKeyType, CoreJsonWebKeyUse,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm, JwsSigningAlgorithm as _};

use super::compact::UnverifiedJwt;
use super::payload::SignedPayload;
use crate::protocol::algorithm::SigningAlgorithm;

impl UnverifiedJwt<'_> {
    /// The payload, if a key of `keys` has signed it with `algorithm`.
    pub(crate) fn verify_signature(
        self,
        keys: &CoreJsonWebKeySet,
        algorithm: SigningAlgorithm,
    ) -> Result<SignedPayload, SignatureError> {
        if self.algorithm() != algorithm.as_str() {
            return Err(SignatureError::Algorithm);
        }
        let alg = CoreJwsSigningAlgorithm::from(algorithm);
        let usable = keys.keys().iter().filter(|key| is_usable(key, &alg));
        let (named, others): (Vec<_>, Vec<_>) = usable.partition(|key| self.names(key));
        let verifies = |key: &&CoreJsonWebKey| {
            key.verify_signature(&alg, self.signing_input.as_bytes(), &self.signature).is_ok()
        };
        if named.iter().chain(&others).any(verifies) {
            return Ok(SignedPayload::new(self.payload));
        }
        Err(if named.is_empty() { SignatureError::UnknownKey } else { SignatureError::Invalid })
    }

    fn names(&self, key: &CoreJsonWebKey) -> bool {
        let id = |id: &str| key.key_id().is_some_and(|known| known.as_str() == id);
        self.key_id().is_some_and(id)
    }
}

fn is_usable(key: &CoreJsonWebKey, alg: &CoreJwsSigningAlgorithm) -> bool {
    let for_signatures = matches!(key.key_use(), None | Some(CoreJsonWebKeyUse::Signature));
    let for_this_algorithm = match key.signing_alg() {
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Algorithm(key_alg) => key_alg == alg,
        JsonWebKeyAlgorithm::Unsupported => false,
    };
    for_signatures
        && for_this_algorithm
        && alg.key_type().as_ref() == Some(key.key_type())
        && has_the_right_parameters(key, alg)
}

/// The parameters have no accessors in `openidconnect`, so they are read from the key's JSON.
fn has_the_right_parameters(key: &CoreJsonWebKey, alg: &CoreJwsSigningAlgorithm) -> bool {
    let Ok(json) = serde_json::to_value(key) else {
        return false;
    };
    let curve = || serde_json::from_value::<CoreJsonCurveType>(json["crv"].clone()).ok();
    match (key.key_type(), alg) {
        (CoreJsonWebKeyType::RSA, _) => json["n"].as_str().map_or(0, bits) >= MIN_RSA_BITS,
        (_, CoreJwsSigningAlgorithm::EcdsaP256Sha256) => curve() == Some(CoreJsonCurveType::P256),
        (_, CoreJwsSigningAlgorithm::EcdsaP384Sha384) => curve() == Some(CoreJsonCurveType::P384),
        (_, CoreJwsSigningAlgorithm::EdDsa) => curve() == Some(CoreJsonCurveType::Ed25519),
        _ => false,
    }
}

/// The length of a base64url number without its leading zeros; 0 if it is none.
fn bits(number: &str) -> usize {
    let bytes = URL_SAFE_NO_PAD.decode(number).unwrap_or_default();
    let leading = bytes.iter().take_while(|byte| **byte == 0).count();
    let first = bytes.get(leading).map_or(0, |byte| byte.leading_zeros() as usize);
    8 * (bytes.len() - leading) - first
}

/// Why a signature was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// `alg` is not the pinned algorithm.
    Algorithm,
    /// No usable key made this signature, and none has the token's `kid`.
    UnknownKey,
    /// No usable key made this signature, not even the one with the token's `kid`.
    Invalid,
}

const MIN_RSA_BITS: usize = 2048;
