//! The envelope in which secrets leave this process: AES-256-GCM with a committing header.
//!
//! 1. The sealing key and a commitment to it come from the key material by HKDF-SHA-256 (RFC 5869), separately for each
//!    purpose.
//! 2. Layout: version (1 byte), commitment (32), nonce (12), ciphertext and tag.
//! 3. The commitment is compared in constant time before anything is decrypted: AES-GCM alone lets one ciphertext open
//!    under two keys.
//! 4. The associated data binds the content to where it belongs (store key, issuer, client id, format).

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

/// Seals `plaintext` under `material` for `purpose`.
pub(crate) fn seal(
    material: &[u8],
    purpose: Purpose,
    associated: &[u8],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, RandomUnavailable> {
    let keys = Keys::derive(material, purpose);
    let nonce: [u8; NONCE_LEN] = random::bytes(random)?;
    let mut sealed = Vec::with_capacity(HEADER + plaintext.len() + AES_256_GCM.tag_len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&keys.commitment);
    sealed.extend_from_slice(&nonce);
    let mut content = Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len());
    content.extend_from_slice(plaintext);
    keys.cipher
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            &mut content,
        )
        // Only a plaintext of 64 GiB fails; randomness is the one fault the caller can name.
        .map_err(|_| RandomUnavailable)?;
    sealed.append(&mut content);
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
    let (commitment, rest) = rest.split_at_checked(COMMITMENT).ok_or(NotOpened)?;
    let (nonce, content) = rest.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
    let keys = Keys::derive(material, purpose);
    if *version != VERSION || !bool::from(keys.commitment.ct_eq(commitment)) {
        return Err(NotOpened);
    }
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
    let mut content = Zeroizing::new(content.to_vec());
    let length = keys
        .cipher
        .open_in_place(nonce, Aad::from(associated), &mut content)
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
    fn derive(material: &[u8], purpose: Purpose) -> Self {
        let extracted = extract(material);
        let key = hkdf_expand(&extracted, &[purpose.label(), b" key"], &AES_256_GCM);
        let mut commitment = [0; COMMITMENT];
        fill(&extracted, &[purpose.label(), b" commitment"], &mut commitment);
        Self { cipher: LessSafeKey::new(key), commitment }
    }
}

/// The pseudorandom key of `material` (RFC 5869 section 2.2).
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

const VERSION: u8 = 1;
const COMMITMENT: usize = 32;
const HEADER: usize = 1 + COMMITMENT + NONCE_LEN;

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
}
