//! Form, header and signature as an ID Token sees them; the details are tested where they are checked.

use super::*;
use crate::protocol::claims::ClaimsError;
use crate::protocol::jwt::JwtError;
use crate::protocol::jwt::test_keys::{key_set, signing_input};
use IdTokenError as E;

fn verify_raw(raw: &str) -> Option<IdTokenError> {
    VerifiedIdToken::verify(raw, &key().set(), &expectations()).err()
}

#[test]
fn the_type_is_that_of_an_id_token() {
    let rows = [
        (json!("JWT"), None),
        (json!("jwt"), None),
        (json!("application/jwt"), None),
        (json!("Application/JWT"), None),
        (json!("ID+JWT"), None),
        (json!("id+jwt"), None),
        (json!("APPLICATION/id+JWT"), None),
        (json!(null), None),
        (json!("application/"), Some(E::TokenType)),
        (json!("application/application/jwt"), Some(E::TokenType)),
        (json!("text/jwt"), Some(E::TokenType)),
        (json!("applicatioñ/jwt"), Some(E::TokenType)),
        (json!("logout+jwt"), Some(E::TokenType)),
        (json!("at+jwt"), Some(E::TokenType)),
        (json!("application/at+jwt"), Some(E::TokenType)),
        (json!("JOSE"), Some(E::TokenType)),
        (json!(" JWT"), Some(E::TokenType)),
        (json!(""), Some(E::TokenType)),
        (json!(1), Some(E::Malformed(JwtError::HeaderParameter("typ")))),
    ];
    for (typ, result) in rows {
        let header = json!({"alg": "ES256", "kid": "1", "typ": typ}).to_string();
        let token = key().token_with(&header, &payload().to_string());
        assert_eq!(verify_raw(&token), result, "{typ}");
    }
}

#[test]
fn each_refusal_of_the_floor_below_has_its_variant() {
    let good = payload().to_string();
    let sign = |header: &str, payload: &str| key().token_with(header, payload);
    let unsigned = |header: &str| format!("{}.", signing_input(header, &good));
    let es256 = r#"{"alg":"ES256","kid":"1"}"#;
    let stranger = TestKey::new(SigningAlgorithm::Es256, "1");
    let forged = format!("{}.{}", signing_input(es256, &good), "A".repeat(86));
    let twice = good.replacen('{', r#"{"sub":"mallory","#, 1);
    let rows = [
        (sign(es256, &good), None),
        (sign(r#"{"alg":"ES256"}"#, &good), None),
        (unsigned(r#"{"alg":"none"}"#), Some(E::Algorithm)),
        (unsigned(es256), Some(E::Signature)),
        (forged, Some(E::Signature)),
        (sign(r#"{"alg":"RS256","kid":"1"}"#, &good), Some(E::Algorithm)),
        (sign(r#"{"alg":"HS256","kid":"1"}"#, &good), Some(E::Algorithm)),
        (sign(r#"{"alg":"ES256","kid":"2"}"#, &good), None),
        (stranger.token_with(r#"{"alg":"ES256","kid":"2"}"#, &good), Some(E::UnknownKey)),
        (stranger.token_with(es256, &good), Some(E::Signature)),
        (
            sign(r#"{"alg":"ES256","crit":["exp"]}"#, &good),
            Some(E::Malformed(JwtError::CriticalHeader)),
        ),
        ("a.b.c.d.e".to_owned(), Some(E::Malformed(JwtError::Encrypted))),
        (String::new(), Some(E::Malformed(JwtError::NotCompact))),
        (sign(es256, &twice), Some(E::Claims(ClaimsError::Duplicate("sub".into())))),
        (sign(es256, "[]"), Some(E::Claims(ClaimsError::NotAnObject))),
        (sign(es256, "{}"), Some(E::Issuer)),
    ];
    for (raw, result) in rows {
        let start: String = raw.chars().take(60).collect();
        assert_eq!(verify_raw(&raw), result, "{start}");
    }
}

#[test]
fn a_valid_key_of_another_algorithm_does_not_pass() {
    let rsa = TestKey::new(SigningAlgorithm::Rs256, "rsa");
    let keys = key_set(&[&key().jwk, &rsa.jwk]);
    let payload = payload().to_string();
    let rs256 = IdTokenExpectations { algorithm: SigningAlgorithm::Rs256, ..expectations() };
    for (signer, expected, result) in [
        (&rsa, rs256, None),
        (key(), expectations(), None),
        (key(), rs256, Some(E::Algorithm)),
        (&rsa, expectations(), Some(E::Algorithm)),
    ] {
        let token = signer.token(&payload);
        assert_eq!(VerifiedIdToken::verify(&token, &keys, &expected).err(), result);
    }
}

#[test]
fn a_megabyte_of_claims_is_refused() {
    let of_size = |size: usize| with("padding", "x".repeat(size).into()).to_string();
    let rows = [
        (200 * 1024, None),
        (260 * 1024, Some(E::Claims(ClaimsError::TooLarge))),
        (1024 * 1024, Some(E::Malformed(JwtError::TooLarge))),
    ];
    for (size, result) in rows {
        assert_eq!(verify_raw(&key().token(&of_size(size))), result, "{size}");
    }
}

#[test]
fn a_duplicate_session_expiry_is_for_the_policy_to_judge() {
    let twice =
        payload().to_string().replacen('{', r#"{"session_expiry":1,"session_expiry":2,"#, 1);
    let token = VerifiedIdToken::verify(&key().token(&twice), &key().set(), &expectations());
    let token = token.ok().unwrap();
    assert_eq!(token.session_expiry(), &SessionExpiryText::Several);
    assert_eq!(token.claims().session_expiry(), None);
    assert!(!token.claims().contains("session_expiry"));
}

#[test]
fn errors_tell_nothing_of_the_token() {
    let mut payload = payload();
    payload["sub"] = json!("s".repeat(300));
    let error = refusal(&payload, &expectations()).unwrap();
    assert_eq!(error.to_string(), "the ID Token's subject (sub) is missing or malformed");
    assert_eq!(error.code(), "id_token_subject");
    assert_eq!(E::Malformed(JwtError::Encrypted).code(), "jwt_encrypted");
    assert_eq!(E::Claims(ClaimsError::TooMany).code(), "claims_too_many");
}
