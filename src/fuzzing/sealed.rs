//! What lies in a store, or comes back in a cookie.

use std::sync::LazyLock;

use crate::random::SystemRandom;
use crate::secret::key_ring::KeyRing;
use crate::secret::seal::Purpose;
use crate::session::contract::SealedPart;
use crate::session::id::SessionCookie;
use crate::session::record::Owner;

/// Nothing opens that was not sealed so; and what was sealed does not open once a bit of it is another.
pub fn sealed_record(input: &[u8]) {
    let secrets = &*SECRETS;
    let part = |content: &[u8]| SealedPart { version: 1, content: content.to_vec() };
    assert!(secrets.owner.open_state(&secrets.cookie, &part(input)).is_none());
    assert!(secrets.owner.open_application(&secrets.cookie, Some(&part(input))).is_none());
    let text = String::from_utf8_lossy(input);
    assert!(secrets.ring.open(Purpose::LoginAttempt, b"associated", &text).is_err());

    let sealed =
        secrets.ring.seal_bytes(Purpose::LoginAttempt, b"associated", input, &SystemRandom);
    let mut sealed = sealed.unwrap();
    let opened = secrets.ring.open_bytes(Purpose::LoginAttempt, b"associated", &sealed);
    assert_eq!(opened.unwrap().as_slice(), input);
    let at = input.first().map_or(0, |byte| usize::from(*byte)) % sealed.len();
    sealed[at] ^= 1 << (input.len() % 8);
    assert!(secrets.ring.open_bytes(Purpose::LoginAttempt, b"associated", &sealed).is_err());
}

struct Secrets {
    ring: KeyRing,
    owner: Owner,
    cookie: SessionCookie,
}

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| Secrets {
    ring: KeyRing::random(&SystemRandom).unwrap(),
    owner: Owner::new("https://op.example", "client"),
    cookie: SessionCookie::generate(&SystemRandom).unwrap(),
});
