//! What lies in a store, or comes back in a cookie.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::random::SystemRandom;
use crate::secret::key_ring::KeyRing;
use crate::secret::seal::Purpose;
use crate::session::application::Data;
use crate::session::contract::SealedPart;
use crate::session::id::{SentCookie, SessionCookie};
use crate::session::record::{Content, Owner, SealError};

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
    assert!(secrets.ring.open_bytes(Purpose::LoginAttempt, b"associate", &sealed).is_err());
    assert!(secrets.ring.open_bytes(Purpose::LoginRequirement, b"associated", &sealed).is_err());
    let at = input.iter().fold(0_usize, |at, byte| at.wrapping_mul(31) + usize::from(*byte));
    let at = at % sealed.len();
    sealed[at] ^= 1 << (input.len() % 8);
    assert!(secrets.ring.open_bytes(Purpose::LoginAttempt, b"associated", &sealed).is_err());
    genuine(input);
}

/// A record opens as it was sealed, for what it was sealed for, under its own key; changed by the input in any way it does not.
fn genuine(input: &[u8]) {
    let Secrets { owner, cookie, state, application, .. } = &*SECRETS;
    assert!(matches!(owner.open_state(cookie, state), Some(Content::Live(_))));
    assert!(owner.open_application(cookie, Some(application)).is_some());
    assert!(owner.open_state(cookie, application).is_none());
    assert!(owner.open_application(cookie, Some(state)).is_none());
    let mut changed = state.clone();
    for change in input.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % changed.content.len();
        changed.content[at] ^= change[2];
    }
    changed.content.extend(input.chunks_exact(3).remainder());
    let opens = owner.open_state(cookie, &changed).is_some();
    assert_eq!(opens, changed.content == state.content);
    changed.content.truncate(input.len() % state.content.len());
    assert!(owner.open_state(cookie, &changed).is_none());
    // Moved to another key of the store: the first half of the cookie is another.
    let mut halves = URL_SAFE_NO_PAD.decode(cookie.encode().as_bytes()).unwrap();
    halves.iter_mut().take(16).zip(input).for_each(|(byte, change)| *byte ^= change);
    let other = URL_SAFE_NO_PAD.encode(&halves);
    let other = SentCookie::new(other.as_bytes()).and_then(SentCookie::read).unwrap();
    let same = other.store_key() == cookie.store_key();
    assert_eq!(owner.open_state(&other, state).is_some(), same);
}

struct Secrets {
    ring: KeyRing,
    owner: Owner,
    cookie: SessionCookie,
    state: SealedPart,
    application: SealedPart,
}

static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
    let owner = Owner::new("https://op.example", "client");
    let cookie = SessionCookie::generate(&SystemRandom).unwrap();
    let state = json!({
        "handle": vec![0_u8; 16],
        "session_expires_at": "none",
        "ceiling_since": 1, "renewal_tried": false, "attempt_begun_at": 1, "logged_in_at": 1,
        "sid": null, "device": null, "claims": {"sub": "ada"},
        "id_token": "x", "id_token_issued_at": 1, "auth_time": null, "shortened_to": null,
        "tokens": {"access_token": "x", "obtained_at": 1, "expires_at": null, "scope": "openid",
            "refresh": "unavailable"},
    });
    let Content::Live(state) = serde_json::from_value(json!({ "live": state })).unwrap() else {
        panic!("a live session");
    };
    let sealed =
        |content: Result<Vec<u8>, SealError>| SealedPart { version: 1, content: content.unwrap() };
    let data = Data::from([("cart".to_owned(), json!([1, 2]))]);
    Secrets {
        ring: KeyRing::random(&SystemRandom).unwrap(),
        state: sealed(owner.seal_state(&cookie, &state, &SystemRandom)),
        application: sealed(owner.seal_application(&cookie, &data, &SystemRandom)),
        owner,
        cookie,
    }
});
