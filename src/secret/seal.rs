//! The envelope in which secrets leave this process: AES-256-GCM with a committing header, each time under a key of its own.
//!
//! 1. Every seal has its own key. It comes by HKDF-SHA-256 (RFC 5869) from the long-lived key material, the purpose and a salt
//!    of 192 random bits that lies in the value. So no key meets two nonces, however many values are sealed: random nonces
//!    of 96 bits under one key would have to be counted.
//! 2. A commitment to that key comes from the same derivation.
//! 3. Layout: version (1 byte), salt (24), commitment (32), ciphertext and tag.
//! 4. The commitment is compared in constant time before anything is decrypted: AES-GCM alone lets one ciphertext open
//!    under two keys.
//! 5. The associated data binds the content to where it belongs (store key, issuer, client id, format).

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::random::{self, Random, RandomUnavailable};

/// What is sealed: each purpose has keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The part of a session that this crate owns.
    Session,
    /// The part of a session that the application owns.
    ApplicationData,
    /// A login attempt in its cookie.
    LoginAttempt,
    /// What a login is to ask for, in a link to it.
    LoginRequirement,
    /// What is shown of a session in the list of its user's sessions.
    SessionSummary,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"session",
            Self::ApplicationData => b"application data",
            Self::LoginAttempt => b"login attempt",
            Self::LoginRequirement => b"login requirement",
            Self::SessionSummary => b"session summary",
        }
    }
}

/// Why a sealed value could not be opened. Deliberately without detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value is not one of ours or was made with another key")]
pub(crate) struct NotOpened;

/// Seals `plaintext` under a key of its own, which comes from `material` and is for `purpose`.
pub(crate) fn seal(
    material: &[u8],
    purpose: Purpose,
    associated: &[u8],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, RandomUnavailable> {
    let salt: [u8; SALT] = random::bytes(random)?;
    let keys = Keys::derive(material, &salt, purpose);
    let mut sealed = Vec::with_capacity(HEADER + plaintext.len() + AES_256_GCM.tag_len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(&keys.commitment);
    sealed.extend_from_slice(plaintext);
    let tag = keys
        .cipher
        .seal_in_place_separate_tag(only_nonce(), Aad::from(associated), &mut sealed[HEADER..])
        // Only a plaintext of 64 GiB fails; randomness is the one fault the caller can name.
        .map_err(|_| RandomUnavailable)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made with the same material, purpose and associated data.
pub(crate) fn open(
    material: &[u8],
    purpose: Purpose,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let (version, rest) = sealed.split_first().ok_or(NotOpened)?;
    let (salt, rest) = rest.split_at_checked(SALT).ok_or(NotOpened)?;
    let (commitment, content) = rest.split_at_checked(COMMITMENT).ok_or(NotOpened)?;
    let keys = Keys::derive(material, salt, purpose);
    if *version != VERSION || !bool::from(keys.commitment.ct_eq(commitment)) {
        return Err(NotOpened);
    }
    let mut content = Zeroizing::new(content.to_vec());
    let length = keys
        .cipher
        .open_in_place(only_nonce(), Aad::from(associated), &mut content)
        .map_err(|_| NotOpened)?
        .len();
    content.truncate(length);
    Ok(content)
}

struct Keys {
    cipher: LessSafeKey,
    commitment: [u8; COMMITMENT],
}

impl Keys {
    fn derive(material: &[u8], salt: &[u8], purpose: Purpose) -> Self {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(material);
        let key = hkdf_expand(&extracted, &[purpose.label(), b" key"], &AES_256_GCM);
        let mut commitment = [0; COMMITMENT];
        fill(&extracted, &[purpose.label(), b" commitment"], &mut commitment);
        Self { cipher: LessSafeKey::new(key), commitment }
    }
}

/// Each key seals once, so one nonce is enough.
fn only_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// The pseudorandom key of `material` (RFC 5869 section 2.2), for what is not sealed: names of keys and keyed hashes.
pub(crate) fn extract(material: &[u8]) -> hkdf::Prk {
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"axum-oidc-session 1").extract(material)
}

/// Fills `output` (at most 255 × 32 bytes) with key material bound to `info` (RFC 5869 section 2.3).
#[expect(clippy::expect_used, reason = "the outputs asked for here are at most 32 bytes")]
pub(crate) fn fill<const N: usize>(key: &hkdf::Prk, info: &[&[u8]], output: &mut [u8; N]) {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    key.expand(info, Length(N))
        .and_then(|okm| okm.fill(output))
        .expect("HKDF-SHA-256 yields up to 8160 bytes");
}

#[expect(clippy::expect_used, reason = "an AES-256 key is 32 bytes")]
fn hkdf_expand(
    key: &hkdf::Prk,
    info: &[&[u8]],
    algorithm: &'static ring::aead::Algorithm,
) -> UnboundKey {
    key.expand(info, algorithm).expect("HKDF-SHA-256 yields up to 8160 bytes").into()
}

const VERSION: u8 = 2;
/// 192 bits: among 2^64 seals two salts are equal with a chance of 2^-65.
const SALT: usize = 24;
const COMMITMENT: usize = 32;
const HEADER: usize = 1 + SALT + COMMITMENT;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const MATERIAL: &[u8] = &[7; 16];

    fn sealed() -> Vec<u8> {
        seal(MATERIAL, Purpose::Session, b"here", b"content", &SystemRandom).unwrap()
    }

    #[test]
    fn opens_with_the_same_material_purpose_and_place_only() {
        let sealed = sealed();
        assert_eq!(*open(MATERIAL, Purpose::Session, b"here", &sealed).unwrap(), b"content");
        assert!(open(&[8; 16], Purpose::Session, b"here", &sealed).is_err());
        assert!(open(MATERIAL, Purpose::ApplicationData, b"here", &sealed).is_err());
        assert!(open(MATERIAL, Purpose::Session, b"there", &sealed).is_err());
    }

    #[test]
    fn no_bit_may_be_changed_and_no_byte_be_missing() {
        let sealed = sealed();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(open(MATERIAL, Purpose::Session, b"here", &changed), Err(NotOpened));
            let truncated = &sealed[..index];
            assert_eq!(open(MATERIAL, Purpose::Session, b"here", truncated), Err(NotOpened));
        }
    }

    #[test]
    fn two_seals_of_one_content_differ_and_show_none_of_it() {
        let (one, two) = (sealed(), sealed());
        assert_ne!(one, two);
        assert!(!one.windows(7).any(|window| window == b"content"));
    }

    /// Under one key and one nonce, equal plaintexts would have equal ciphertexts, whatever else differs.
    #[test]
    fn every_seal_has_a_salt_a_commitment_and_a_key_of_its_own() {
        let seals: Vec<_> = (0..1000).map(|_| sealed()).collect();
        for part in [1..1 + SALT, 1 + SALT..HEADER, HEADER..HEADER + 7] {
            let parts = seals.iter().map(|sealed| &sealed[part.clone()]);
            let distinct: std::collections::HashSet<_> = parts.collect();
            assert_eq!(distinct.len(), seals.len(), "{part:?}");
        }
    }

    #[test]
    fn the_key_depends_on_the_salt_not_on_the_material_alone() {
        let (one, two) = (sealed(), sealed());
        let mut crossed = one.clone();
        crossed[1..1 + SALT].copy_from_slice(&two[1..1 + SALT]);
        assert_eq!(open(MATERIAL, Purpose::Session, b"here", &crossed), Err(NotOpened));
        // Even with the commitment that belongs to that salt.
        crossed[..HEADER].copy_from_slice(&two[..HEADER]);
        assert_eq!(open(MATERIAL, Purpose::Session, b"here", &crossed), Err(NotOpened));
    }

    #[test]
    fn an_envelope_costs_73_bytes() {
        assert_eq!(sealed().len(), b"content".len() + 73);
    }
}
