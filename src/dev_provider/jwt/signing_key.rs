//! One signing key.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _, UnparsedPublicKey,
};
use serde_json::{Value, json};

use super::compact::base64url;
use crate::dev_provider::DevProviderError;
use crate::random::{self, Random};

/// An elliptic-curve key pair and its `kid`.
#[derive(Debug)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) alg: &'static str,
    curve: &'static str,
    pair: EcdsaKeyPair,
}

impl SigningKey {
    /// A key for ES256 (RFC 7518 section 3.4).
    pub(crate) fn es256(random: &dyn Random) -> Result<Self, DevProviderError> {
        Self::generate("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING, random)
    }

    /// A key for ES384, which no client has registered.
    pub(crate) fn es384(random: &dyn Random) -> Result<Self, DevProviderError> {
        Self::generate("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING, random)
    }

    fn generate(
        alg: &'static str,
        curve: &'static str,
        algorithm: &'static EcdsaSigningAlgorithm,
        random: &dyn Random,
    ) -> Result<Self, DevProviderError> {
        let rings = ring_random();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rings)?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rings)
            .map_err(|_| DevProviderError::SigningKey)?;
        Ok(Self { kid: random::base64url::<9>(random)?, alg, curve, pair })
    }

    /// The signature in the form of RFC 7518 section 3.4: R and S, one after the other.
    pub(crate) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        Ok(self.pair.sign(&ring_random(), input)?.as_ref().to_vec())
    }

    /// Whether the signature over `input` is this key's; for ES256 keys.
    pub(crate) fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key());
        public.verify(input, signature).is_ok()
    }

    /// The public key (RFC 7517 section 4).
    pub(crate) fn jwk(&self) -> Value {
        // SEC 1 section 2.3.3, uncompressed: 04, X, Y.
        let point = self.pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at(point.len() / 2);
        json!({
            "kty": "EC", "use": "sig", "alg": self.alg, "kid": self.kid, "crv": self.curve,
            "x": base64url(x), "y": base64url(y),
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "ring makes keys and signs with its own randomness only"
)]
fn ring_random() -> SystemRandom {
    SystemRandom::new()
}
