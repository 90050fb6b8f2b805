//! The session cookie's value: two random halves of 128 bits.
//!
//! | half | what it does | who sees it |
//! |---|---|---|
//! | first | finds the session: by itself in memory, by a key derived from it in a store | browser, this process |
//! | second | seals the record; compared in constant time where the session is held unsealed | browser, this process |
//!
//! The derivation is one-way, so that a store's content yields neither half.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use subtle::ConstantTimeEq as _;
use tower_sessions::session::Id;
use zeroize::Zeroizing;

use crate::random::{self, Random, RandomUnavailable};

/// The value of a session cookie.
#[derive(Clone)]
pub(crate) struct SessionCookie {
    finder: Finder,
    sealer: Sealer,
}

impl SessionCookie {
    /// A new, unpredictable value.
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, RandomUnavailable> {
        Ok(Self::from_bytes(&Zeroizing::new(random::bytes(random)?)))
    }

    /// Reads the value a browser sent; `None` unless it is 32 bytes in canonical base64url.
    pub(crate) fn parse(value: impl AsRef<[u8]>) -> Option<Self> {
        let value = value.as_ref();
        if value.len() != ENCODED_LENGTH {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(value, bytes.as_mut_slice()).ok()?;
        (length == bytes.len()).then(|| Self::from_bytes(&bytes))
    }

    /// The value to send to the browser.
    pub(crate) fn encode(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; 32]);
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(&self.finder.0.to_be_bytes());
        second.copy_from_slice(&self.sealer.0);
        Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
    }

    pub(crate) fn finder(&self) -> Finder {
        self.finder
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let (mut finder, mut sealer) = ([0; 16], [0; 16]);
        finder.copy_from_slice(&bytes[..16]);
        sealer.copy_from_slice(&bytes[16..]);
        Self { finder: Finder(u128::from_be_bytes(finder)), sealer: Sealer(sealer) }
    }
}

impl fmt::Debug for SessionCookie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionCookie")
    }
}

/// The half of the cookie that finds a session in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Finder(u128);

impl Finder {
    pub(crate) const MIN: Self = Self(0);
    pub(crate) const MAX: Self = Self(u128::MAX);

    pub(crate) fn as_u128(self) -> u128 {
        self.0
    }

    /// The key under which a store holds the session.
    pub(crate) fn store_key(self) -> Id {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"axum-oidc-session store key 1");
        context.update(&self.0.to_be_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        Id(i128::from_be_bytes(key))
    }
}

impl fmt::Debug for Finder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Finder")
    }
}

/// The half of the cookie that opens a session.
#[derive(Clone)]
pub(crate) struct Sealer([u8; 16]);

impl Sealer {
    /// Whether both are the same, in time that does not depend on where they differ.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    pub(crate) fn key_material(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealer")
    }
}

/// 32 bytes in base64url without padding.
const ENCODED_LENGTH: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn what_was_encoded_is_read_back() {
        let cookie = SessionCookie::generate(&SystemRandom).unwrap();
        let again = SessionCookie::parse(cookie.encode().as_bytes()).unwrap();
        assert_eq!(again.finder, cookie.finder);
        assert!(again.sealer.matches(&cookie.sealer));
    }

    #[test]
    fn anything_else_is_no_session_cookie() {
        let value = SessionCookie::generate(&SystemRandom).unwrap().encode();
        let not_canonical = format!("{}B", "A".repeat(42));
        for garbage in
            ["", "A", &value[..42], &format!("{}A", *value), &"*".repeat(43), &not_canonical, "ä"]
        {
            assert!(SessionCookie::parse(garbage).is_none(), "{garbage}");
        }
    }

    #[test]
    fn the_store_key_shows_neither_half_and_debug_shows_nothing() {
        let cookie = SessionCookie::generate(&SystemRandom).unwrap();
        let key = cookie.finder().store_key().0.to_be_bytes();
        assert_ne!(key, cookie.finder().as_u128().to_be_bytes());
        assert_ne!(key, cookie.sealer().0);
        assert_eq!(
            format!("{cookie:?}{:?}{:?}", cookie.finder(), cookie.sealer()),
            "SessionCookieFinderSealer"
        );
    }

    #[test]
    fn another_second_half_does_not_match() {
        let (one, two) = (Sealer([1; 16]), Sealer([2; 16]));
        assert!(one.matches(&one.clone()));
        assert!(!one.matches(&two));
    }
}
