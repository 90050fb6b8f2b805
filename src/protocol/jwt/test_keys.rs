//! Keys that sign the tokens of tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::PrivateSigningKey as _;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

use super::parse_key_set;
use crate::protocol::algorithm::SigningAlgorithm;

/// A key pair; its JWK has no `use` and no `alg`.
pub(crate) struct TestKey {
    pair: Pair,
    algorithm: SigningAlgorithm,
    pub(crate) jwk: Value,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    WeakRsa(Box<CoreRsaPrivateSigningKey>),
}

impl TestKey {
    /// A key for `algorithm`: new for the elliptic curves, always the same for RSA.
    pub(crate) fn new(algorithm: SigningAlgorithm, kid: &str) -> Self {
        let (pair, mut jwk) = match algorithm {
            SigningAlgorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            SigningAlgorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            SigningAlgorithm::EdDsa => ed25519(),
            SigningAlgorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            SigningAlgorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            SigningAlgorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            SigningAlgorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            SigningAlgorithm::Ps384 => rsa(&RSA_PSS_SHA384),
            SigningAlgorithm::Ps512 => rsa(&RSA_PSS_SHA512),
        };
        jwk["kid"] = kid.into();
        Self { pair, algorithm, jwk }
    }

    /// An RSA key of 1024 bits, for RS256.
    pub(crate) fn weak_rsa(kid: &str) -> Self {
        let pem = include_str!("test_rsa_1024.pem");
        let pair = CoreRsaPrivateSigningKey::from_pem(pem, None).unwrap();
        let mut jwk = serde_json::to_value(pair.as_verification_key()).unwrap();
        jwk["kid"] = kid.into();
        Self { pair: Pair::WeakRsa(Box::new(pair)), algorithm: SigningAlgorithm::Rs256, jwk }
    }

    /// A JWK Set with this key alone.
    pub(crate) fn set(&self) -> CoreJsonWebKeySet {
        key_set(&[&self.jwk])
    }

    /// A token with the header a provider would send.
    pub(crate) fn token(&self, payload: &str) -> String {
        let header = json!({"alg": self.algorithm.as_str(), "kid": self.jwk["kid"]});
        self.token_with(&header.to_string(), payload)
    }

    /// A token with a header of the test's making.
    pub(crate) fn token_with(&self, header: &str, payload: &str) -> String {
        let input = signing_input(header, payload);
        let signature = URL_SAFE_NO_PAD.encode(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = rng();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&rng, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &rng, message, &mut signature).unwrap();
                signature
            }
            Pair::WeakRsa(pair) => {
                pair.sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message).unwrap()
            }
        }
    }
}

/// Header and payload as they are signed.
pub(crate) fn signing_input(header: &str, payload: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

/// A JWK Set.
pub(crate) fn key_set(keys: &[&Value]) -> CoreJsonWebKeySet {
    parse_key_set(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &str) -> (Pair, Value) {
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &rng()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &rng()).unwrap();
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    let jwk = json!({
        "kty": "EC",
        "crv": curve,
        "x": URL_SAFE_NO_PAD.encode(x),
        "y": URL_SAFE_NO_PAD.encode(y),
    });
    (Pair::Ec(pair), jwk)
}

fn ed25519() -> (Pair, Value) {
    let document = Ed25519KeyPair::generate_pkcs8(&rng()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    (Pair::Ed(pair), json!({"kty": "OKP", "crv": "Ed25519", "x": x}))
}

fn rsa(encoding: &'static dyn RsaEncoding) -> (Pair, Value) {
    let pair = RsaKeyPair::from_der(include_bytes!("test_rsa_2048.der")).unwrap();
    let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
    let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
    (Pair::Rsa(Box::new(pair), encoding), json!({"kty": "RSA", "n": n, "e": e}))
}

#[expect(clippy::disallowed_methods, reason = "ring signs with a generator of its own only")]
fn rng() -> ring::rand::SystemRandom {
    ring::rand::SystemRandom::new()
}
