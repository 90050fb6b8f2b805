//! The claims: what each must be.

use super::*;
use IdTokenError as E;

#[test]
fn a_good_token_gives_its_claims() {
    let mut payload = payload();
    payload["session_expiry"] = json!(NOW + 3600);
    payload["auth_time"] = json!(NOW - 5);
    payload["azp"] = json!("client");
    payload["sid"] = json!("s1");
    payload["acr"] = json!("urn:2");
    payload["at_hash"] = json!(AT_HASH);
    let raw = key().token(&payload.to_string());
    let token = VerifiedIdToken::verify(&raw, &key().set(), &expectations()).ok().unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(token.raw()), raw);
    assert_eq!(token.claims().to_json(), payload);
    assert_eq!(token.issuer(), "https://op.example/tenant/");
    assert_eq!(token.subject(), "248289761001");
    assert_eq!(token.audience(), ["client"]);
    assert_eq!(token.authorized_party(), Some("client"));
    assert_eq!(token.nonce(), Some(NONCE));
    assert_eq!(token.claims().sid(), Some("s1"));
    assert_eq!(token.claims().acr(), Some("urn:2"));
    assert_eq!(token.issued_at().seconds(), NOW);
    assert_eq!(token.auth_time(), Some(UnixTime::from_seconds(NOW - 5)));
    let expiry = SessionExpiryText::One((NOW + 3600).to_string().into());
    assert_eq!(token.session_expiry(), &expiry);
}

#[test]
fn harmless_claims_may_be_anything() {
    for (name, value) in [
        ("updated_at", json!("2026-11-23T10:00:00.000Z")),
        ("email_verified", json!("true")),
        ("address", json!("a street")),
        ("locale", json!(1)),
        ("acr", json!(1)),
        ("amr", json!("pwd")),
        ("session_expiry", json!("malformed")),
        ("c_hash", json!("unchecked: no code came with this token")),
    ] {
        assert_eq!(refusal(&with(name, value), &expectations()), None, "{name}");
    }
}

#[test]
fn parties_are_compared_byte_for_byte() {
    let sub = |length: usize| Value::from("s".repeat(length));
    let rows = [
        ("iss", json!("https://op.example/tenant"), Some(E::Issuer)),
        ("iss", json!("https://OP.example/tenant/"), Some(E::Issuer)),
        ("iss", json!("https://op.example:443/tenant/"), Some(E::Issuer)),
        ("iss", json!("https://op.example/x/../tenant/"), Some(E::Issuer)),
        ("iss", json!(["https://op.example/tenant/"]), Some(E::Issuer)),
        ("iss", json!(null), Some(E::Issuer)),
        ("aud", json!(["client"]), None),
        ("aud", json!(["client", "client"]), None),
        ("aud", json!("Client"), Some(E::Audience)),
        ("aud", json!(""), Some(E::Audience)),
        ("aud", json!([]), Some(E::Audience)),
        ("aud", json!(["other"]), Some(E::Audience)),
        ("aud", json!(["client", 1]), Some(E::Audience)),
        ("aud", json!([["client"]]), Some(E::Audience)),
        ("aud", json!({"client": true}), Some(E::Audience)),
        ("aud", json!(null), Some(E::Audience)),
        ("aud", json!(["client", "other"]), Some(E::ExtraAudience)),
        ("aud", json!(["other", "client"]), Some(E::ExtraAudience)),
        ("azp", json!("client"), None),
        ("azp", json!("other"), Some(E::AuthorizedParty)),
        ("azp", json!(""), Some(E::AuthorizedParty)),
        ("azp", json!(["client"]), Some(E::AuthorizedParty)),
        ("sub", sub(1), None),
        ("sub", sub(255), None),
        ("sub", sub(256), Some(E::Subject)),
        ("sub", sub(0), Some(E::Subject)),
        ("sub", json!("é"), None),
        ("sub", json!("é".repeat(255)), None),
        ("sub", json!("é".repeat(256)), Some(E::Subject)),
        ("sub", json!("Zo\u{eb} \"the first\" ✓"), None),
        ("sub", json!("a\nb"), Some(E::Subject)),
        ("sub", json!("a\0"), Some(E::Subject)),
        ("sub", json!("a\u{85}"), Some(E::Subject)),
        ("sub", json!(1), Some(E::Subject)),
        ("sub", json!(null), Some(E::Subject)),
        ("sid", json!("s1"), None),
        ("sid", json!(1), Some(E::SessionId)),
    ];
    for (name, value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with(name, value), &expectations()), result, "{name} {shown}");
    }
}

#[test]
fn further_audiences_are_trusted_by_name_and_need_our_azp() {
    let trusted = ["project".to_owned(), "sibling".to_owned()];
    let expected = IdTokenExpectations { trusted_audiences: &trusted, ..expectations() };
    let (azp, other) = (json!("client"), json!("sibling"));
    let rows = [
        (json!(["client", "project"]), azp.clone(), None),
        (json!(["sibling", "client", "project"]), azp.clone(), None),
        (json!(["client", "project"]), json!(null), Some(E::AuthorizedParty)),
        (json!(["client", "project"]), other.clone(), Some(E::AuthorizedParty)),
        (json!(["client", "project"]), json!("Client"), Some(E::AuthorizedParty)),
        (json!(["client", "project"]), json!(["client"]), Some(E::AuthorizedParty)),
        (json!(["client", "Project"]), azp.clone(), Some(E::ExtraAudience)),
        (json!(["client", "project", "stranger"]), azp.clone(), Some(E::ExtraAudience)),
        (json!(["project"]), azp.clone(), Some(E::Audience)),
        (json!("project"), azp.clone(), Some(E::Audience)),
        (json!("client"), json!(null), None),
        (json!("client"), other, Some(E::AuthorizedParty)),
    ];
    for (aud, azp, result) in rows {
        let shown = format!("{aud} {azp}");
        let mut payload = with("aud", aud);
        payload["azp"] = azp;
        assert_eq!(refusal(&payload, &expected), result, "{shown}");
    }
}

/// Several providers send `null` for what they do not have.
#[test]
fn a_claim_that_is_null_is_absent() {
    let optional = ["nbf", "auth_time", "azp", "acr", "amr", "sid", "at_hash", "email", "events"];
    for name in optional {
        let mut payload = payload();
        payload[name] = json!(null);
        let token = verify(&payload, &expectations()).ok().unwrap();
        assert!(!token.claims().contains(name), "{name}");
    }
    for (name, error) in [
        ("iss", E::Issuer),
        ("aud", E::Audience),
        ("sub", E::Subject),
        ("exp", E::Time("exp")),
        ("iat", E::Time("iat")),
        ("nonce", E::Nonce),
    ] {
        let mut payload = payload();
        payload[name] = json!(null);
        assert_eq!(refusal(&payload, &expectations()), Some(error), "{name}");
    }
    let mut refreshed = payload();
    refreshed["nonce"] = json!(null);
    let nonce = NonceExpectation::SameIfPresent(Some(NONCE));
    assert_eq!(refusal(&refreshed, &IdTokenExpectations { nonce, ..expectations() }), None);
    let mut ceiling = payload();
    ceiling["session_expiry"] = json!(null);
    let token = verify(&ceiling, &expectations()).ok().unwrap();
    let null = SessionExpiryText::One("null".into());
    assert_eq!(token.session_expiry(), &null, "its rules are its own");
}

#[test]
fn the_nonce_is_that_of_the_login_attempt() {
    use NonceExpectation::{Exactly, SameIfPresent};
    let same = json!(NONCE);
    let rows = [
        (Exactly(NONCE), same.clone(), None),
        (Exactly(NONCE), json!("n-0S6_WzA2Mk"), Some(E::Nonce)),
        (Exactly(NONCE), json!("n-0S6_WzA2M"), Some(E::Nonce)),
        (Exactly(NONCE), json!(""), Some(E::Nonce)),
        (Exactly(NONCE), json!([NONCE]), Some(E::Nonce)),
        (Exactly(NONCE), json!(null), Some(E::Nonce)),
        (SameIfPresent(Some(NONCE)), same.clone(), None),
        (SameIfPresent(Some(NONCE)), json!(null), None),
        (SameIfPresent(Some(NONCE)), json!("other"), Some(E::Nonce)),
        (SameIfPresent(Some(NONCE)), json!(1), Some(E::Nonce)),
        (SameIfPresent(None), json!(null), None),
        (SameIfPresent(None), same, Some(E::Nonce)),
    ];
    for (nonce, value, result) in rows {
        let shown = value.to_string();
        let expected = IdTokenExpectations { nonce, ..expectations() };
        assert_eq!(refusal(&with("nonce", value), &expected), result, "{shown}");
    }
}

#[test]
fn acr_is_one_of_those_asked_for() {
    let asked = ["urn:1".to_owned(), "urn:2".to_owned()];
    let expected = IdTokenExpectations { acr_values: &asked, ..expectations() };
    let rows = [
        (json!("urn:1"), None),
        (json!("urn:2"), None),
        (json!("urn:3"), Some(E::ContextClass)),
        (json!("urn:1 urn:2"), Some(E::ContextClass)),
        (json!(["urn:1"]), Some(E::ContextClass)),
        (json!(null), Some(E::ContextClass)),
    ];
    for (value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with("acr", value), &expected), result, "{shown}");
    }
    assert_eq!(refusal(&payload(), &expectations()), None);
}

#[test]
fn amr_has_every_method_required() {
    let required = ["otp".to_owned(), "pwd".to_owned()];
    let expected = IdTokenExpectations { amr: &required, ..expectations() };
    let rows = [
        (json!(["pwd", "otp"]), None),
        (json!(["mfa", "otp", "pwd"]), None),
        (json!(["otp"]), Some(E::Methods)),
        (json!(["pwd otp"]), Some(E::Methods)),
        (json!(["PWD", "OTP"]), Some(E::Methods)),
        (json!([]), Some(E::Methods)),
        (json!("pwd otp"), Some(E::Methods)),
        (json!(["pwd", "otp", 1]), Some(E::Methods)),
        (json!(null), Some(E::Methods)),
    ];
    for (value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with("amr", value), &expected), result, "{shown}");
    }
    assert_eq!(refusal(&payload(), &expectations()), None);
}

#[test]
fn at_hash_fits_the_access_token_if_it_is_there() {
    let rows = [
        (json!(AT_HASH), None),
        (json!(null), None),
        (json!("77QmUPtjPfzWtF2AnpK9RR"), Some(E::AccessTokenHash)),
        (json!("77QmUPtjPfzWtF2AnpK9RQ=="), Some(E::AccessTokenHash)),
        (json!(""), Some(E::AccessTokenHash)),
        (json!(1), Some(E::AccessTokenHash)),
    ];
    for (value, result) in rows {
        let shown = value.to_string();
        assert_eq!(refusal(&with("at_hash", value), &expectations()), result, "{shown}");
    }
    let without = IdTokenExpectations { access_token: None, ..expectations() };
    assert_eq!(refusal(&with("at_hash", json!("unknowable")), &without), None);
}

#[test]
fn at_hash_uses_the_hash_of_the_algorithm() {
    use base64::Engine as _;
    use ring::digest::{SHA256, SHA384, SHA512, digest};
    for (algorithm, hash) in [
        (SigningAlgorithm::Rs256, &SHA256),
        (SigningAlgorithm::Ps384, &SHA384),
        (SigningAlgorithm::Es384, &SHA384),
        (SigningAlgorithm::Rs512, &SHA512),
        (SigningAlgorithm::EdDsa, &SHA512),
    ] {
        let key = TestKey::new(algorithm, "1");
        let expected = IdTokenExpectations { algorithm, ..expectations() };
        for (half, result) in [(0, None), (1, Some(E::AccessTokenHash))] {
            let hash = digest(hash, ACCESS_TOKEN.as_bytes());
            let mut halves = hash.as_ref().chunks(hash.as_ref().len() / 2);
            let half = halves.nth(half).unwrap();
            let half = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(half);
            let token = key.token(&with("at_hash", half.into()).to_string());
            let found = VerifiedIdToken::verify(&token, &key.set(), &expected).err();
            assert_eq!(found, result, "{algorithm}");
        }
    }
}
