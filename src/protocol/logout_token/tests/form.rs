//! Form, header and signature as a logout token sees them; the details are tested where they are checked.

use super::*;
use crate::protocol::claims::ClaimsError;
use crate::protocol::jwt::JwtError;
use crate::protocol::jwt::test_keys::{key_set, signing_input};
use LogoutTokenError as E;

#[test]
fn the_type_is_that_of_a_logout_token() {
    let rows = [
        (json!("logout+jwt"), None),
        (json!("Logout+JWT"), None),
        (json!("application/logout+jwt"), None),
        (json!("APPLICATION/LOGOUT+JWT"), None),
        (json!("JWT"), None),
        (json!("jwt"), None),
        (json!("application/jwt"), None),
        (json!("at+jwt"), Some(E::TokenType)),
        (json!("secevent+jwt"), Some(E::TokenType)),
        (json!("logout"), Some(E::TokenType)),
        (json!("text/logout+jwt"), Some(E::TokenType)),
        (json!("logout+jwt "), Some(E::TokenType)),
        (json!("application/application/logout+jwt"), Some(E::TokenType)),
        (json!("JOSE"), Some(E::TokenType)),
        (json!(""), Some(E::TokenType)),
        (json!(1), Some(E::Malformed(JwtError::HeaderParameter("typ")))),
    ];
    for (typ, result) in rows {
        let header = json!({"alg": "ES256", "kid": "1", "typ": typ}).to_string();
        let token = key().token_with(&header, &payload().to_string());
        assert_eq!(verify_raw(&token).err(), result, "{typ}");
    }
}

#[test]
fn each_refusal_of_the_floor_below_has_its_variant() {
    let good = payload().to_string();
    let sign = |header: &str, payload: &str| key().token_with(header, payload);
    let unsigned = |header: &str| format!("{}.", signing_input(header, &good));
    let es256 = r#"{"alg":"ES256","kid":"1"}"#;
    let forged = format!("{}.{}", signing_input(es256, &good), "A".repeat(86));
    let twice = good.replacen('{', r#"{"sid":"another","#, 1);
    let rows = [
        (sign(es256, &good), None),
        (sign(r#"{"alg":"ES256"}"#, &good), None),
        (unsigned(r#"{"alg":"none"}"#), Some(E::Algorithm)),
        (unsigned(r#"{"alg":"NONE","kid":"1"}"#), Some(E::Algorithm)),
        (unsigned(es256), Some(E::Signature)),
        (forged, Some(E::Signature)),
        (sign(r#"{"alg":"RS256","kid":"1"}"#, &good), Some(E::Algorithm)),
        (sign(r#"{"alg":"HS256","kid":"1"}"#, &good), Some(E::Algorithm)),
        (sign(r#"{"alg":"ES256","kid":"2"}"#, &good), None),
        (
            sign(r#"{"alg":"ES256","kid":"1","crit":["exp"]}"#, &good),
            Some(E::Malformed(JwtError::CriticalHeader)),
        ),
        ("a.b.c.d.e".to_owned(), Some(E::Malformed(JwtError::Encrypted))),
        (String::new(), Some(E::Malformed(JwtError::NotCompact))),
        (sign(es256, &twice), Some(E::Claims(ClaimsError::Duplicate("sid".into())))),
        (sign(es256, "[]"), Some(E::Claims(ClaimsError::NotAnObject))),
        (sign(es256, "{}"), Some(E::Issuer)),
    ];
    for (raw, result) in rows {
        let start: String = raw.chars().take(60).collect();
        assert_eq!(verify_raw(&raw).err(), result, "{start}");
    }
}

#[test]
fn a_key_of_somebody_else_does_not_pass() {
    let stranger = TestKey::new(SigningAlgorithm::Es256, "1");
    let token = stranger.token(&payload().to_string());
    assert_eq!(verify_raw(&token).err(), Some(E::Signature));
    let made_up = stranger.token_with(r#"{"alg":"ES256","kid":"2"}"#, &payload().to_string());
    assert_eq!(verify_raw(&made_up).err(), Some(E::UnknownKey));
    let without_kid = stranger.token_with(r#"{"alg":"ES256"}"#, &payload().to_string());
    assert_eq!(verify_raw(&without_kid).err(), Some(E::UnknownKey));
}

#[test]
fn a_valid_key_of_another_algorithm_does_not_pass() {
    let rsa = TestKey::new(SigningAlgorithm::Rs256, "rsa");
    let keys = key_set(&[&key().jwk, &rsa.jwk]);
    let payload = payload().to_string();
    let rs256 = LogoutTokenExpectations { algorithm: SigningAlgorithm::Rs256, ..expectations() };
    for (signer, expected, result) in [
        (&rsa, rs256, None),
        (key(), expectations(), None),
        (key(), rs256, Some(E::Algorithm)),
        (&rsa, expectations(), Some(E::Algorithm)),
    ] {
        let token = signer.token(&payload);
        assert_eq!(VerifiedLogoutToken::verify(&token, &keys, &expected).err(), result);
    }
}

#[test]
fn errors_tell_nothing_of_the_token() {
    let error = refusal(&with("sub", Value::from("s".repeat(300)))).unwrap();
    assert_eq!(error.to_string(), "the logout token's subject (sub) is malformed");
    assert_eq!(error.code(), "logout_token_subject");
    assert_eq!(E::Malformed(JwtError::Encrypted).code(), "jwt_encrypted");
    assert_eq!(E::Claims(ClaimsError::TooMany).code(), "claims_too_many");
}
