//! Which keys verify what.

use serde_json::{Value, json};

use crate::protocol::algorithm::SigningAlgorithm::{self, *};
use crate::protocol::jwt::test_keys::{TestKey, key_set, signing_input};
use crate::protocol::jwt::*;

fn verify(token: &str, keys: &[&Value], algorithm: SigningAlgorithm) -> Result<(), SignatureError> {
    UnverifiedJwt::parse(token).unwrap().verify_signature(&key_set(keys), algorithm).map(|_| ())
}

#[test]
fn every_algorithm_that_can_be_pinned_can_be_verified() {
    for algorithm in [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512, Es256, Es384, EdDsa] {
        let key = TestKey::new(algorithm, "1");
        let token = key.token("{}");
        assert_eq!(verify(&token, &[&key.jwk], algorithm), Ok(()), "{algorithm}");
        let (input, _) = token.rsplit_once('.').unwrap();
        for signature in ["", "AA", &"A".repeat(86), &"A".repeat(128), &"A".repeat(342)] {
            let forged = verify(&format!("{input}.{signature}"), &[&key.jwk], algorithm);
            assert_eq!(forged, Err(SignatureError::Invalid), "{algorithm} {signature}");
        }
    }
}

#[test]
fn the_token_does_not_choose_the_algorithm() {
    let (rsa, ec) = (TestKey::new(Rs256, "rsa"), TestKey::new(Es256, "ec"));
    let both = [&rsa.jwk, &ec.jwk];
    assert_eq!(verify(&ec.token("{}"), &both, Rs256), Err(SignatureError::Algorithm));
    assert_eq!(verify(&rsa.token("{}"), &both, Es256), Err(SignatureError::Algorithm));
    for alg in ["none", "NONE", "HS256", "es256", "ES384", "ES256 ", ""] {
        let header = json!({"alg": alg, "kid": "ec"}).to_string();
        let token = ec.token_with(&header, "{}");
        assert_eq!(verify(&token, &both, Es256), Err(SignatureError::Algorithm), "{alg}");
    }
    let relabelled = ec.token_with(r#"{"alg":"RS256","kid":"ec"}"#, "{}");
    assert_eq!(verify(&relabelled, &both, Rs256), Err(SignatureError::UnknownKey));
    let relabelled = ec.token_with(r#"{"alg":"RS256","kid":"rsa"}"#, "{}");
    assert_eq!(verify(&relabelled, &both, Rs256), Err(SignatureError::Invalid));
}

#[test]
fn an_hmac_under_anything_public_is_no_signature() {
    let rsa = TestKey::new(Rs256, "rsa");
    let modulus = rsa.jwk["n"].as_str().unwrap();
    for secret in ["client-secret", modulus, &rsa.jwk.to_string()] {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let symmetric = json!({"kty": "oct", "kid": "rsa", "k": "AAAA"});
        for (alg, result) in
            [("HS256", SignatureError::Algorithm), ("RS256", SignatureError::Invalid)]
        {
            let header = json!({"alg": alg, "kid": "rsa"}).to_string();
            let input = signing_input(&header, "{}");
            let tag = ring::hmac::sign(&key, input.as_bytes());
            let tag = base64::Engine::encode(
                &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                tag.as_ref(),
            );
            let token = format!("{input}.{tag}");
            assert_eq!(verify(&token, &[&symmetric, &rsa.jwk], Rs256), Err(result), "{alg}");
        }
    }
}

#[test]
fn only_keys_that_fit_are_tried() {
    let key = TestKey::new(Es256, "1");
    let other = TestKey::new(Es256, "1");
    let token = key.token("{}");
    let with = |name: &str, value: Value| {
        let mut jwk = key.jwk.clone();
        jwk[name] = value;
        jwk
    };
    let unknown = json!({"kty": "XYZ", "kid": "1"});
    let broken = json!({"kty": "EC", "crv": "P-256", "kid": "1", "x": "AAAA", "y": "AAAA"});
    let empty = json!({"kty": "EC", "crv": "P-256", "kid": "1"});
    let enc = with("use", "enc".into());
    let with_ops = |operations: Value| vec![with("key_ops", operations)];
    let rows: [(&str, Vec<Value>, Result<(), SignatureError>); 24] = [
        ("plain", vec![key.jwk.clone()], Ok(())),
        ("use sig", vec![with("use", "sig".into())], Ok(())),
        ("alg fits", vec![with("alg", "ES256".into())], Ok(())),
        ("empty set", vec![], Err(SignatureError::UnknownKey)),
        ("use enc", vec![enc.clone()], Err(SignatureError::UnknownKey)),
        ("use other", vec![with("use", "tls".into())], Err(SignatureError::UnknownKey)),
        ("alg of another", vec![with("alg", "ES384".into())], Err(SignatureError::UnknownKey)),
        ("alg unknown", vec![with("alg", "ECDH-ES".into())], Err(SignatureError::UnknownKey)),
        ("other kid", vec![with("kid", "2".into())], Ok(())),
        ("no kid", vec![with("kid", Value::Null)], Ok(())),
        ("nothing but null", vec![with("use", Value::Null)], Ok(())),
        ("key_ops null", with_ops(Value::Null), Ok(())),
        ("key_ops verify", with_ops(json!(["sign", "verify"])), Ok(())),
        ("key_ops sign", with_ops(json!(["sign"])), Err(SignatureError::UnknownKey)),
        ("key_ops encrypt", with_ops(json!(["wrapKey"])), Err(SignatureError::UnknownKey)),
        ("key_ops empty", with_ops(json!([])), Err(SignatureError::UnknownKey)),
        ("key_ops odd", with_ops(json!({"verify": true})), Err(SignatureError::UnknownKey)),
        ("no object", vec![json!("1"), key.jwk.clone()], Ok(())),
        ("other curve", vec![with("crv", "P-384".into())], Err(SignatureError::UnknownKey)),
        ("other key", vec![other.jwk.clone()], Err(SignatureError::Invalid)),
        ("broken key", vec![broken.clone()], Err(SignatureError::Invalid)),
        ("empty key", vec![empty.clone()], Err(SignatureError::Invalid)),
        ("kid reused", vec![other.jwk.clone(), key.jwk.clone()], Ok(())),
        ("a crowd", vec![unknown, enc, broken, empty, other.jwk.clone(), key.jwk.clone()], Ok(())),
    ];
    for (name, keys, result) in rows {
        assert_eq!(verify(&token, &keys.iter().collect::<Vec<_>>(), Es256), result, "{name}");
    }
}

/// RFC 7515 section 4.1.4: providers restart with a new key under the old id, or keep the old id in the header.
#[test]
fn the_key_id_is_a_hint_only() {
    let (old, new) = (TestKey::new(Es256, "old"), TestKey::new(Es256, "new"));
    let both = [&old.jwk, &new.jwk];
    let named_wrongly = new.token_with(r#"{"alg":"ES256","kid":"old"}"#, "{}");
    assert_eq!(verify(&named_wrongly, &both, Es256), Ok(()));
    assert_eq!(verify(&named_wrongly, &[&old.jwk], Es256), Err(SignatureError::Invalid));
    let made_up = new.token_with(r#"{"alg":"ES256","kid":"made-up"}"#, "{}");
    assert_eq!(verify(&made_up, &both, Es256), Ok(()));
    assert_eq!(verify(&made_up, &[&old.jwk], Es256), Err(SignatureError::UnknownKey));
}

#[test]
fn a_key_set_is_an_object_with_a_list() {
    for (body, is_set) in [
        ("{\"keys\":[]}", true),
        ("\u{feff}{\"keys\":[]}", true),
        ("{\"keys\":[null, 1, {}, {\"kty\":\"XYZ\"}]}", true),
        ("{}", false),
        ("{\"keys\":null}", false),
        ("{\"keys\":{}}", false),
        ("[]", false),
        ("", false),
    ] {
        assert_eq!(parse_key_set(body.as_bytes()).is_some(), is_set, "{body}");
    }
}

#[test]
fn without_a_key_id_every_usable_key_is_tried() {
    let (rsa, ec, other) =
        (TestKey::new(Rs256, "rsa"), TestKey::new(Es256, "ec"), TestKey::new(Es256, "other"));
    let token = ec.token_with(r#"{"alg":"ES256"}"#, "{}");
    assert_eq!(verify(&token, &[&rsa.jwk, &other.jwk, &ec.jwk], Es256), Ok(()));
    let unknown = Err(SignatureError::UnknownKey);
    assert_eq!(verify(&token, &[&rsa.jwk, &other.jwk], Es256), unknown);
    assert_eq!(verify(&token, &[&rsa.jwk], Es256), unknown);
}

#[test]
fn an_rsa_key_has_at_least_2048_bits() {
    let weak = TestKey::weak_rsa("1");
    let unknown = Err(SignatureError::UnknownKey);
    assert_eq!(verify(&weak.token("{}"), &[&weak.jwk], Rs256), unknown);
    let mut padded = TestKey::new(Rs256, "1");
    let token = padded.token("{}");
    let modulus = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        padded.jwk["n"].as_str().unwrap(),
    )
    .unwrap();
    let with_zero = [&[0], modulus.as_slice()].concat();
    padded.jwk["n"] =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, with_zero).into();
    assert_eq!(verify(&token, &[&padded.jwk], Rs256), Ok(()));
}

#[test]
fn keys_in_the_header_are_ignored() {
    let (known, attacker) = (TestKey::new(Es256, "1"), TestKey::new(Es256, "1"));
    for header in [
        json!({"alg": "ES256", "kid": "1", "jwk": attacker.jwk}),
        json!({"alg": "ES256", "kid": "1", "jku": "https://evil.example/jwks"}),
    ] {
        let token = attacker.token_with(&header.to_string(), "{}");
        assert_eq!(verify(&token, &[&known.jwk], Es256), Err(SignatureError::Invalid), "{header}");
    }
}

#[test]
fn a_signature_covers_header_and_payload() {
    let key = TestKey::new(Es256, "1");
    let token = key.token(r#"{"sub":"alice"}"#);
    let signature = token.rsplit_once('.').unwrap().1;
    for (header, payload) in [
        (r#"{"alg":"ES256","kid":"1"}"#, r#"{"sub":"mallory"}"#),
        (r#"{"kid":"1","alg":"ES256"}"#, r#"{"sub":"alice"}"#),
    ] {
        let forged = format!("{}.{signature}", signing_input(header, payload));
        assert_eq!(verify(&forged, &[&key.jwk], Es256), Err(SignatureError::Invalid));
    }
}
