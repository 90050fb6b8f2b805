//! The hash of a session's finder: its own bits, spread.

use std::hash::Hasher;

use crate::session::id::Finder;

/// Session ids are random: what is random in them is the hash. A browser can choose what it sends, but only ids that were
/// issued are ever inserted, so it cannot make chains grow.
#[derive(Default)]
pub(crate) struct FinderHasher(u64);

impl Hasher for FinderHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = self.0.rotate_left(5) ^ u64::from_ne_bytes(word);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = Finder::spread(value);
    }
}
