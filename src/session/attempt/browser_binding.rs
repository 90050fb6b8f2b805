//! What ties login attempts to a browser: a random value in a small cookie.
//!
//! 1. A browser that sends a binding keeps it: all its attempts share it. The cookie lives as long as the youngest of them.
//! 2. A browser that sends none is given a new one. Several tabs may start at once, before any answer has reached the browser;
//!    each answer then brings another binding. So that none of them replaces another there are 20 cookies, the slots, and
//!    consecutive answers of a node use consecutive slots.
//! 3. More than 20 at once, or answers of several nodes, may still meet in a slot. The browser then holds another value in the
//!    slot of the attempt, and the login starts once more at the callback, without its code.
//!
//! The number of slots and the length of a value bound the bytes: 20 × 34 with the prefix `__Host-`.

use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::random::{self, Random, RandomUnavailable};

/// How many bindings a browser may hold.
pub(crate) const BINDING_SLOTS: u8 = 20;

/// Ties attempts to one browser: 72 random bits.
#[derive(Clone, Copy)]
pub(crate) struct BrowserBinding {
    slot: u8,
    value: [u8; VALUE],
}

impl BrowserBinding {
    /// A new one in `slot`.
    pub(crate) fn generate(slot: u8, random: &dyn Random) -> Result<Self, RandomUnavailable> {
        Ok(Self { slot: slot % BINDING_SLOTS, value: random::bytes(random)? })
    }

    pub(crate) fn new(slot: u8, value: [u8; VALUE]) -> Option<Self> {
        (slot < BINDING_SLOTS).then_some(Self { slot, value })
    }

    /// Reads the value of the cookie of `slot`.
    pub(crate) fn parse(slot: u8, text: &[u8]) -> Option<Self> {
        let mut value = [0; VALUE];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut value) {
            Ok(VALUE) => Self::new(slot, value),
            _ => None,
        }
    }

    /// The cookie's value.
    pub(crate) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.value)
    }

    pub(crate) fn slot(&self) -> u8 {
        self.slot
    }

    pub(super) fn value(&self) -> &[u8; VALUE] {
        &self.value
    }

    /// How the bindings that a browser sent relate to this one of an attempt.
    pub(crate) fn among(&self, sent: &[Self]) -> Bound {
        if sent.iter().any(|sent| bool::from(sent.value.ct_eq(&self.value))) {
            Bound::ToThisBrowser
        } else if sent.iter().any(|sent| sent.slot == self.slot) {
            Bound::Replaced
        } else {
            Bound::ToAnother
        }
    }
}

/// Whose attempt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    ToThisBrowser,
    /// The browser has another binding in the slot: it may have replaced that of the attempt.
    Replaced,
    ToAnother,
}

/// The value ties a login to a browser: it is not for a log.
impl std::fmt::Debug for BrowserBinding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("BrowserBinding").field("slot", &self.slot).finish_non_exhaustive()
    }
}

/// Deals out slots, one after the other.
#[derive(Debug)]
pub(crate) struct Slots(AtomicU8);

impl Slots {
    /// Nodes start apart, so that two of them rarely deal out the same slot.
    pub(crate) fn starting_anywhere(random: &dyn Random) -> Self {
        // Without randomness no login starts at all, and the first slot is as good as any.
        let [first] = random::bytes(random).unwrap_or_default();
        Self(AtomicU8::new(first % BINDING_SLOTS))
    }

    pub(crate) fn next(&self) -> u8 {
        let next = |slot: u8| Some((slot + 1) % BINDING_SLOTS);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or_default()
    }
}

const VALUE: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn twenty_in_a_row_have_twenty_slots() {
        let slots = Slots::starting_anywhere(&SystemRandom);
        let mut dealt: Vec<u8> = (0..BINDING_SLOTS).map(|_| slots.next()).collect();
        let again = slots.next();
        assert_eq!(again, dealt[0]);
        dealt.sort_unstable();
        assert_eq!(dealt, (0..BINDING_SLOTS).collect::<Vec<_>>());
    }

    #[test]
    fn a_value_is_read_back_and_nothing_else_is() {
        let binding = BrowserBinding::generate(3, &SystemRandom).unwrap();
        let text = binding.encode();
        assert_eq!(text.len(), 12);
        let read = BrowserBinding::parse(3, text.as_bytes()).unwrap();
        assert_eq!(binding.among(&[read]), Bound::ToThisBrowser);
        let longer = format!("{text}AAAA");
        for text in ["", "AAAA", "AAAAAAAAAAA", "AAAAAAAAAAA=", "AAAAAAAAAA+/", &longer] {
            assert!(BrowserBinding::parse(3, text.as_bytes()).is_none(), "{text}");
        }
        assert!(BrowserBinding::parse(BINDING_SLOTS, b"AAAAAAAAAAAA").is_none());
    }

    #[test]
    fn another_value_in_the_slot_is_a_replaced_one() {
        let one = BrowserBinding::generate(3, &SystemRandom).unwrap();
        let [same_slot, other_slot] =
            [3, 4].map(|slot| BrowserBinding::generate(slot, &SystemRandom).unwrap());
        let moved = BrowserBinding::new(4, one.value).unwrap();
        for (sent, expected) in [
            (&[][..], Bound::ToAnother),
            (&[other_slot], Bound::ToAnother),
            (&[same_slot], Bound::Replaced),
            (&[other_slot, same_slot], Bound::Replaced),
            (&[same_slot, one], Bound::ToThisBrowser),
            (&[moved], Bound::ToThisBrowser),
        ] {
            assert_eq!(one.among(sent), expected, "{sent:?}");
        }
    }
}
