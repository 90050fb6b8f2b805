//! The key ring (`COOKIE_KEY`): seals what must be readable without a session, such as login attempts.
//!
//! 1. The first key seals; all open.
//! 2. A sealed value names its key: no trying of keys.
//! 3. A key is 64 bytes; several processes that serve one application share the ring.
//! 4. Each key also makes keyed hashes, by which sessions are found without naming anybody.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use zeroize::Zeroizing;

use super::seal::{self, NotOpened, Purpose};
use crate::random::{self, Random, RandomUnavailable};

/// One or more 64-byte keys, the first of which seals.
///
/// ```
/// use axum_oidc_session::KeyRing;
///
/// let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==";
/// assert!(KeyRing::from_base64(key).is_ok());
/// assert!(KeyRing::from_base64("too short").is_err());
/// ```
///
/// # Security
///
/// Whoever holds a key can open and make login attempts and, with the store in hand, read of every session whose it is (`sub`),
/// the provider's session (`sid`), the kind of device, and when it began and was last used. It opens no session, and shows no
/// claim beyond these, no token and no application data
/// ([`manual::stores`](crate::manual::stores#what-others-can-do)). Make keys with a random number generator (`openssl rand -base64 64 | tr -d '\n'`) and
/// keep them where the client secret is kept.
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: KeyId,
    hasher: hmac::Key,
    material: Zeroizing<Vec<u8>>,
}

impl KeyRing {
    /// Reads comma-separated keys, each base64 of 64 bytes. The first seals, all open.
    ///
    /// # Errors
    ///
    /// [`KeyRingError`] if there is no key, one is not base64 of exactly 64 bytes, all its bytes are equal, or one is
    /// listed twice.
    pub fn from_base64(keys: &str) -> Result<Self, KeyRingError> {
        let keys: Result<Vec<Key>, KeyRingError> = keys
            .split(',')
            .map(str::trim)
            .enumerate()
            .map(|(index, text)| {
                let position = index + 1;
                let material =
                    STANDARD.decode(text).map_err(|_| KeyRingError::NotBase64 { position })?;
                Key::new(Zeroizing::new(material), position)
            })
            .collect();
        let keys = keys?;
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].iter().any(|earlier| earlier.id == key.id) {
                return Err(KeyRingError::Repeated { position: index + 1 });
            }
        }
        Ok(Self { keys })
    }

    /// A ring of one random key. What it seals is lost when the process ends.
    ///
    /// # Errors
    ///
    /// [`RandomUnavailable`] if the operating system has no random bytes.
    pub fn random(random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let material = Zeroizing::new(random::bytes::<KEY>(random)?.to_vec());
        Ok(Self { keys: vec![Key::of(material)] })
    }

    /// Names the key that seals and that new hashes are made with.
    pub(crate) fn first(&self) -> KeyId {
        self.keys[0].id
    }

    /// Whether the ring has the key of that name.
    pub(crate) fn contains(&self, id: KeyId) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// A keyed hash of `parts` with each key, the first key's first.
    pub(crate) fn hashes(&self, parts: &[&[u8]]) -> impl Iterator<Item = [u8; 16]> {
        self.keys.iter().map(move |key| key.hash(parts))
    }

    /// Seals under the first key, as text that fits a cookie value.
    pub(crate) fn seal(
        &self,
        purpose: Purpose,
        associated: &[u8],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<String, RandomUnavailable> {
        let sealed = self.seal_bytes(purpose, associated, plaintext, random)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what a ring with the named key sealed.
    pub(crate) fn open(
        &self,
        purpose: Purpose,
        associated: &[u8],
        value: &str,
    ) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let value = URL_SAFE_NO_PAD.decode(value).map_err(|_| NotOpened)?;
        self.open_bytes(purpose, associated, &value)
    }

    /// Seals under the first key.
    pub(crate) fn seal_bytes(
        &self,
        purpose: Purpose,
        associated: &[u8],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, RandomUnavailable> {
        let key = &self.keys[0];
        let sealed = seal::seal(&key.material, purpose, associated, plaintext, random)?;
        let mut value = Vec::with_capacity(KEY_ID + sealed.len());
        value.extend_from_slice(&key.id);
        value.extend_from_slice(&sealed);
        Ok(value)
    }

    /// Opens what a ring with the named key sealed.
    pub(crate) fn open_bytes(
        &self,
        purpose: Purpose,
        associated: &[u8],
        value: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let (id, sealed) = value.split_at_checked(KEY_ID).ok_or(NotOpened)?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or(NotOpened)?;
        seal::open(&key.material, purpose, associated, sealed)
    }
}

impl Key {
    fn new(material: Zeroizing<Vec<u8>>, position: usize) -> Result<Self, KeyRingError> {
        if material.len() != KEY {
            return Err(KeyRingError::Length { position, length: material.len() });
        }
        if material.iter().all(|byte| *byte == material[0]) {
            return Err(KeyRingError::NotRandom { position });
        }
        Ok(Self::of(material))
    }

    fn of(material: Zeroizing<Vec<u8>>) -> Self {
        let mut hasher = Zeroizing::new([0; 32]);
        seal::fill(&seal::extract(&material), &[b"index key"], &mut hasher);
        let hasher = hmac::Key::new(hmac::HMAC_SHA256, hasher.as_slice());
        Self { id: key_id(&material), hasher, material }
    }

    /// HMAC-SHA-256 (RFC 2104) of the parts, each with its length before it; 128 bits of it.
    fn hash(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.hasher);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut hash = [0; 16];
        hash.copy_from_slice(&context.sign().as_ref()[..16]);
        hash
    }
}

/// Names a key; derived from it.
pub(crate) type KeyId = [u8; KEY_ID];

fn key_id(material: &[u8]) -> KeyId {
    let mut id = [0; KEY_ID];
    seal::fill(&seal::extract(material), &[b"key id"], &mut id);
    id
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyRing").field("keys", &self.keys.len()).finish()
    }
}

/// Why a key ring was refused. `position` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRingError {
    /// A key is not base64 (RFC 4648 section 4, with padding).
    #[error("key {position} is not base64")]
    NotBase64 {
        /// Which key.
        position: usize,
    },
    /// A key does not have 64 bytes.
    #[error("key {position} has {length} bytes instead of 64")]
    Length {
        /// Which key.
        position: usize,
        /// How many bytes it has.
        length: usize,
    },
    /// All bytes of a key are the same.
    #[error("key {position} is not random")]
    NotRandom {
        /// Which key.
        position: usize,
    },
    /// A key is listed twice.
    #[error("key {position} is listed twice")]
    Repeated {
        /// Which key.
        position: usize,
    },
}

const KEY: usize = 64;
const KEY_ID: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn encoded(first: u8) -> String {
        STANDARD.encode((0..64).map(|index| index ^ first).collect::<Vec<u8>>())
    }

    #[test]
    fn old_keys_open_and_the_first_seals() {
        let old = KeyRing::from_base64(&encoded(1)).unwrap();
        let both = KeyRing::from_base64(&format!("{}, {}", encoded(2), encoded(1))).unwrap();
        let new = KeyRing::from_base64(&encoded(2)).unwrap();
        let by_old = old.seal(Purpose::LoginAttempt, b"a", b"x", &SystemRandom).unwrap();
        let by_both = both.seal(Purpose::LoginAttempt, b"a", b"x", &SystemRandom).unwrap();
        assert_eq!(*both.open(Purpose::LoginAttempt, b"a", &by_old).unwrap(), b"x");
        assert_eq!(*new.open(Purpose::LoginAttempt, b"a", &by_both).unwrap(), b"x");
        assert!(new.open(Purpose::LoginAttempt, b"a", &by_old).is_err());
        assert!(new.open(Purpose::Session, b"a", &by_both).is_err());
    }

    #[test]
    fn hashes_depend_on_the_key_and_on_where_parts_end() {
        let both = KeyRing::from_base64(&format!("{},{}", encoded(2), encoded(1))).unwrap();
        let old = KeyRing::from_base64(&encoded(1)).unwrap();
        let all = |ring: &KeyRing, parts: &[&[u8]]| ring.hashes(parts).collect::<Vec<_>>();
        let hashes = all(&both, &[b"sub", b"ada"]);
        assert_ne!(hashes[0], hashes[1]);
        assert_eq!(all(&old, &[b"sub", b"ada"]), hashes[1..]);
        assert_ne!(all(&both, &[b"suba", b"da"]), hashes);
        assert!(both.contains(old.first()) && !old.contains(both.first()));
    }

    #[test]
    fn unusable_keys_are_named() {
        let cases = [
            ("", KeyRingError::Length { position: 1, length: 0 }),
            ("%", KeyRingError::NotBase64 { position: 1 }),
            ("AAAA", KeyRingError::Length { position: 1, length: 3 }),
        ];
        for (keys, error) in cases {
            assert_eq!(KeyRing::from_base64(keys).unwrap_err(), error);
        }
        let zeros = STANDARD.encode([0; 64]);
        assert_eq!(
            KeyRing::from_base64(&zeros).unwrap_err(),
            KeyRingError::NotRandom { position: 1 }
        );
        let twice = format!("{},{}", encoded(1), encoded(1));
        assert_eq!(
            KeyRing::from_base64(&twice).unwrap_err(),
            KeyRingError::Repeated { position: 2 }
        );
    }

    #[test]
    fn garbage_is_not_opened() {
        let ring = KeyRing::random(&SystemRandom).unwrap();
        for garbage in ["", "AA", "AAAAAAAA", "é", "%%%"] {
            assert!(ring.open(Purpose::LoginAttempt, b"", garbage).is_err());
        }
        assert_eq!(format!("{ring:?}"), "KeyRing { keys: 1 }");
    }
}
