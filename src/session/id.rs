//! The session cookie's value: two random halves of 128 bits, in base64url.
//!
//! | part | what it does | who sees it |
//! |---|---|---|
//! | first half | finds the record in a store, by a key derived from it | browser, this process |
//! | second half | seals the record | browser, this process |
//! | first 16 characters | find the session in memory | browser, this process |
//! | all of it | compared in constant time with what is held in memory | browser, this process |
//!
//! The derivation is one-way, so that a store's content yields neither half. What is in memory is found by the text as it was
//! sent: only a store needs the halves.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use subtle::ConstantTimeEq as _;
use tower_sessions::session::Id;
use zeroize::{Zeroize as _, Zeroizing};

use crate::random::{self, Random, RandomUnavailable};

/// The value of a session cookie.
#[derive(Clone)]
#[repr(C)]
pub(crate) struct SessionCookie {
    text: [u8; LENGTH],
    halves: [u8; 32],
}

/// What a browser sent as such a value: of the right length, otherwise unread.
#[derive(Clone, Copy)]
pub(crate) struct SentCookie<'a>(&'a [u8; LENGTH]);

impl<'a> SentCookie<'a> {
    /// `None`: this can't be a value of ours.
    pub(crate) fn new(value: &'a [u8]) -> Option<Self> {
        value.try_into().ok().map(Self)
    }

    /// The value; `None` unless it is 32 bytes in canonical base64url.
    pub(crate) fn read(self) -> Option<SessionCookie> {
        let mut halves = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(self.0, halves.as_mut_slice()).ok()?;
        (length == halves.len()).then(|| SessionCookie { text: *self.0, halves: *halves })
    }

    pub(crate) fn finder(self) -> Finder {
        Finder(word(self.0, 0))
    }
}

impl fmt::Debug for SentCookie<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SentCookie")
    }
}

impl SessionCookie {
    /// A new, unpredictable value.
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, RandomUnavailable> {
        let halves = Zeroizing::new(random::bytes(random)?);
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(*halves));
        let text = SentCookie::new(text.as_bytes()).ok_or(RandomUnavailable)?;
        Ok(Self { text: *text.0, halves: *halves })
    }

    /// As [`SentCookie::read`].
    #[cfg(test)]
    pub(crate) fn parse(value: impl AsRef<[u8]>) -> Option<Self> {
        SentCookie::new(value.as_ref()).and_then(SentCookie::read)
    }

    /// The value to send to the browser.
    pub(crate) fn encode(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.halves))
    }

    pub(crate) fn as_sent(&self) -> SentCookie<'_> {
        SentCookie(&self.text)
    }

    pub(crate) fn finder(&self) -> Finder {
        self.as_sent().finder()
    }

    /// Whether this is what the browser sent, in time that does not depend on where they differ.
    pub(crate) fn is(&self, sent: SentCookie<'_>) -> bool {
        // The last word overlaps the second: 43 characters are no multiple of 16.
        let words = [0, 16, LENGTH - 16];
        let same = words.map(|at| word(&self.text, at).ct_eq(&word(sent.0, at)));
        (same[0] & same[1] & same[2]).into()
    }

    /// The key under which a store holds the session.
    pub(crate) fn store_key(&self) -> Id {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"axum-oidc-session store key 1");
        context.update(&self.halves[..16]);
        let mut key = [0; 16];
        key.copy_from_slice(&context.finish().as_ref()[..16]);
        Id(i128::from_be_bytes(key))
    }

    /// The half that opens the record.
    pub(crate) fn key_material(&self) -> &[u8] {
        &self.halves[16..]
    }

    /// The half that finds it.
    #[cfg(test)]
    pub(crate) fn first_half(&self) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.halves[..16]);
        half
    }
}

impl fmt::Debug for SessionCookie {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionCookie")
    }
}

impl Drop for SessionCookie {
    fn drop(&mut self) {
        self.text.zeroize();
        self.halves.zeroize();
    }
}

/// The part of the cookie that finds a session in memory: 96 random bits, as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Finder(u128);

impl Finder {
    pub(crate) const MIN: Self = Self(0);
    pub(crate) const MAX: Self = Self(u128::MAX);

    /// Spreads what is random in it over 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
    pub(crate) fn spread(text: u128) -> u64 {
        let (low, high) = (text as u64, (text >> 64) as u64);
        let product = u128::from(low ^ SPREADS[0]) * u128::from(high ^ SPREADS[1]);
        product as u64 ^ (product >> 64) as u64
    }

    /// One of `count` parts, a power of two, by other bits than those by which a part's table is ordered.
    pub(crate) fn shard(self, count: usize) -> usize {
        usize::try_from(Self::spread(self.0) >> 32).unwrap_or(0) & (count - 1)
    }
}

impl fmt::Debug for Finder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Finder")
    }
}

fn word(text: &[u8; LENGTH], at: usize) -> u128 {
    let mut word = [0; 16];
    word.copy_from_slice(&text[at..at + 16]);
    u128::from_ne_bytes(word)
}

/// 32 bytes in base64url without padding.
const LENGTH: usize = 43;
/// Odd and without a pattern.
const SPREADS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::random::SystemRandom;

    fn generate() -> SessionCookie {
        SessionCookie::generate(&SystemRandom).unwrap()
    }

    #[test]
    fn what_was_encoded_is_read_back() {
        let cookie = generate();
        let again = SessionCookie::parse(cookie.encode().as_bytes()).unwrap();
        assert_eq!(again.finder(), cookie.finder());
        assert_eq!(again.halves, cookie.halves);
        assert!(again.is(cookie.as_sent()));
    }

    #[test]
    fn anything_else_is_no_session_cookie() {
        let value = generate().encode();
        let not_canonical = format!("{}B", "A".repeat(42));
        for garbage in
            ["", "A", &value[..42], &format!("{}A", *value), &"*".repeat(43), &not_canonical, "ä"]
        {
            assert!(SessionCookie::parse(garbage).is_none(), "{garbage}");
        }
    }

    #[test]
    fn the_store_key_shows_neither_half_and_debug_shows_nothing() {
        let cookie = generate();
        let key = cookie.store_key().0.to_be_bytes();
        assert_ne!(key, cookie.first_half());
        assert_ne!(key, cookie.key_material());
        assert_eq!(
            format!("{cookie:?}{:?}{:?}", cookie.finder(), cookie.as_sent()),
            "SessionCookieFinderSentCookie"
        );
    }

    #[test]
    fn a_value_that_differs_anywhere_is_another() {
        let cookie = generate();
        for place in 0..LENGTH {
            let mut text = cookie.text;
            text[place] ^= 1;
            assert!(!cookie.is(SentCookie::new(&text).unwrap()), "{place}");
        }
        assert!(cookie.is(SentCookie::new(&cookie.text).unwrap()));
    }

    #[test]
    fn text_is_spread_over_all_shards_and_all_hashes() {
        let finders: Vec<Finder> = (0..10_000).map(|_| generate().finder()).collect();
        let shards: HashSet<usize> = finders.iter().map(|finder| finder.shard(1024)).collect();
        // Of 1,024 about 0.06 are left empty by chance.
        assert!(shards.len() > 1010, "{}", shards.len());
        for bits in [0, 57] {
            let low = |finder: &Finder| Finder::spread(finder.0) >> bits & 0x7f;
            let values: HashSet<u64> = finders.iter().map(low).collect();
            assert_eq!(values.len(), 128);
        }
    }
}
