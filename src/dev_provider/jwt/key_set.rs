//! The keys that the provider signs with and publishes.

use std::sync::Arc;

use serde_json::{Value, json};

use super::SigningKey;
use crate::dev_provider::{DevProviderError, Fault, IdTokenFault, JwksFault};
use crate::random::Random;

/// What becomes of the key that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OldKey {
    /// It stays in the key set: tokens signed with it still verify.
    Kept,
    /// It leaves the key set, with all older ones.
    Dropped,
    /// As [`Dropped`](Self::Dropped), and the new key has its `kid`: a provider that has restarted.
    Replaced,
}

/// The current key, those still published, and all there ever were (for `id_token_hint`).
#[derive(Debug)]
pub(crate) struct KeySet {
    current: Arc<SigningKey>,
    published: Vec<Arc<SigningKey>>,
    all: Vec<Arc<SigningKey>>,
    /// For [`IdTokenFault::OtherAlg`].
    other_alg: SigningKey,
}

impl KeySet {
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, DevProviderError> {
        let current = Arc::new(SigningKey::es256(random)?);
        let other_alg = SigningKey::es384(random)?;
        let published = vec![Arc::clone(&current)];
        Ok(Self { all: published.clone(), published, current, other_alg })
    }

    pub(crate) fn rotate(
        &mut self,
        old: OldKey,
        random: &dyn Random,
    ) -> Result<String, DevProviderError> {
        let mut new = SigningKey::es256(random)?;
        if old == OldKey::Replaced {
            new.kid.clone_from(&self.current.kid);
        }
        let new = Arc::new(new);
        if old != OldKey::Kept {
            self.published.clear();
        }
        self.published.insert(0, Arc::clone(&new));
        self.all.push(Arc::clone(&new));
        self.current = new;
        Ok(self.current.kid.clone())
    }

    pub(crate) fn current(&self) -> &SigningKey {
        &self.current
    }

    pub(crate) fn other_alg(&self) -> &SigningKey {
        &self.other_alg
    }

    /// Whether any key there ever was made this signature.
    pub(crate) fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        self.all.iter().any(|key| key.verifies(input, signature))
    }

    /// The key set document (RFC 7517 section 5) under `fault`.
    pub(crate) fn document(&self, fault: Option<Fault>) -> Value {
        let mut keys: Vec<Value> = self.published.iter().map(|key| key.jwk()).collect();
        match fault {
            Some(Fault::IdToken(IdTokenFault::OtherAlg)) => keys.push(self.other_alg.jwk()),
            Some(Fault::Jwks(JwksFault::Empty)) => keys.clear(),
            Some(Fault::Jwks(JwksFault::EncryptionKeysOnly)) => {
                keys.iter_mut().for_each(mark_as_encryption)
            }
            Some(Fault::Jwks(JwksFault::UnknownKeyTypes)) => {
                keys.splice(0..0, odd_keys());
            }
            Some(Fault::Jwks(JwksFault::SharedKid)) => {
                let mut other = self.other_alg.jwk();
                if let Some(kid) = other.get_mut("kid") {
                    *kid = Value::from(self.current.kid.as_str());
                }
                keys.insert(0, other);
            }
            _ => {}
        }
        json!({ "keys": keys })
    }
}

fn mark_as_encryption(key: &mut Value) {
    if let Some(members) = key.as_object_mut() {
        members.insert("use".to_owned(), Value::from("enc"));
        members.insert("alg".to_owned(), Value::from("ECDH-ES"));
    }
}

/// Keys as they stand in the key sets of real providers, and one of a type that is yet to come.
fn odd_keys() -> [Value; 3] {
    let modulus = super::base64url(&[0xC5; 256]);
    [
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "future", "use": "sig", "pub": "AAAA" }),
        json!({ "kty": "RSA", "alg": "RSA-OAEP", "kid": "encryption", "use": "enc", "n": modulus, "e": "AQAB" }),
        json!({ "kty": "EC", "alg": "ES256K", "kid": "koblitz", "use": "sig", "crv": "secp256k1", "x": "AA", "y": "AA" }),
    ]
}
