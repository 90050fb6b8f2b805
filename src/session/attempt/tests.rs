//! The sealed attempt: what it keeps, what it hides, how long it is.

use secrecy::ExposeSecret as _;

use super::*;
use crate::random::SystemRandom;

fn keys() -> KeyRing {
    KeyRing::random(&SystemRandom).unwrap()
}

fn owner() -> Owner {
    Owner::new("https://op.example", "client")
}

fn attempt(asked: Asked) -> LoginAttempt {
    let browser = BrowserBinding::generate(7, &SystemRandom).unwrap();
    LoginAttempt::new(browser, UnixTime::from_seconds(1_893_456_000), asked, &SystemRandom).unwrap()
}

fn full() -> Asked {
    Asked {
        return_to: "/profile?tab=2".to_owned(),
        scope: "openid profile".to_owned(),
        max_age: Some(300),
        acr_values: vec!["gold".to_owned(), "silver".to_owned()],
        amr: vec!["hwk".to_owned()],
        is_step_up: true,
        user: Some("ada".to_owned()),
        login_hint: Some("ada".to_owned()),
        ui_locales: Some("de".to_owned()),
        is_leeway_retry: true,
        is_code_retry: true,
        is_first_of_browser: true,
    }
}

#[test]
fn what_was_sealed_is_opened() {
    let (keys, owner) = (keys(), owner());
    for asked in [Asked::default(), full()] {
        let attempt = attempt(asked.clone());
        let state = attempt.seal(&keys, &owner, &SystemRandom).unwrap();
        let opened = LoginAttempt::open(&keys, &owner, &state).unwrap();
        assert_eq!(opened.asked, asked);
        assert_eq!(opened.begun_at, attempt.begun_at);
        assert_eq!(opened.nonce().expose_secret(), attempt.nonce().expose_secret());
        let verifier = attempt.pkce_verifier();
        assert_eq!(opened.pkce_verifier().expose_secret(), verifier.expose_secret());
        assert_eq!(opened.used_key(), attempt.used_key());
        let bound = attempt.browser.among(&[opened.browser]);
        assert_eq!(bound, browser_binding::Bound::ToThisBrowser);
    }
}

#[test]
fn another_key_client_or_text_opens_nothing() {
    let (keys, owner, random) = (self::keys(), owner(), SystemRandom);
    let state = attempt(full()).seal(&keys, &owner, &random).unwrap();
    let other = Owner::new("https://op.example", "another");
    assert!(LoginAttempt::open(&keys, &other, &state).is_none());
    assert!(LoginAttempt::open(&self::keys(), &owner, &state).is_none());
    for index in 0..state.len() {
        assert!(LoginAttempt::open(&keys, &owner, &state[..index]).is_none(), "{index}");
    }
    for text in ["", "x", &"A".repeat(LONGEST_STATE), &"A".repeat(LONGEST_STATE + 1)] {
        assert!(LoginAttempt::open(&keys, &owner, text).is_none());
    }
    // Sealed for an attempt, but no attempt.
    for content in [&b""[..], &[0; SEED], &[0; SEED + 18], &[0; SEED + 20]] {
        let state = keys.seal(Purpose::LoginAttempt, owner.as_bytes(), content, &random).unwrap();
        assert!(LoginAttempt::open(&keys, &owner, &state).is_none());
    }
}

#[test]
fn nonce_and_verifier_are_each_their_own() {
    let (one, two) = (attempt(full()), attempt(full()));
    let texts = [one.nonce(), one.pkce_verifier(), two.nonce(), two.pkce_verifier()];
    for (index, text) in texts.iter().enumerate() {
        assert_eq!(text.expose_secret().len(), 43);
        for other in &texts[..index] {
            assert_ne!(text.expose_secret(), other.expose_secret());
        }
    }
}

/// Some providers refuse long URLs: an attempt without a long address is short.
#[test]
fn a_usual_attempt_is_short_and_the_longest_is_bounded() {
    let (keys, owner) = (keys(), owner());
    let length = |asked| attempt(asked).seal(&keys, &owner, &SystemRandom).unwrap().len();
    let asked = |return_to: usize| Asked {
        return_to: "a".repeat(return_to),
        scope: "openid profile email".to_owned(),
        ..Asked::default()
    };
    assert!(length(asked(40)) <= 300, "{}", length(asked(40)));
    assert!(length(asked(2048)) <= 3_050, "{}", length(asked(2048)));
}
