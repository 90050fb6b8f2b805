//! Wrong ID Tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::harness::{Harness, id_claims, id_claims_text, part};
use crate::dev_provider::{Fault, IdTokenFault};

/// The faults that change claims, and which.
const CLAIMS: [(IdTokenFault, &[&str]); 24] = [
    (IdTokenFault::WrongIssuer, &["iss"]),
    (IdTokenFault::TrailingSlashIssuer, &["iss"]),
    (IdTokenFault::IssMissing, &["iss"]),
    (IdTokenFault::WrongAudience, &["aud"]),
    (IdTokenFault::SeveralAudiences, &["aud", "azp"]),
    (IdTokenFault::AudMissing, &["aud"]),
    (IdTokenFault::WrongAzp, &["azp"]),
    (IdTokenFault::AzpMissing, &["aud"]),
    (IdTokenFault::Expired, &["exp"]),
    (IdTokenFault::ExpMissing, &["exp"]),
    (IdTokenFault::IatMissing, &["iat"]),
    (IdTokenFault::IatFuture, &["iat"]),
    (IdTokenFault::IatTooOld, &["iat"]),
    (IdTokenFault::NbfFuture, &["nbf"]),
    (IdTokenFault::NonceWrong, &["nonce"]),
    (IdTokenFault::NonceMissing, &["nonce"]),
    (IdTokenFault::SubMissing, &["sub"]),
    (IdTokenFault::SubEmpty, &["sub"]),
    (IdTokenFault::SubTooLong, &["sub"]),
    (IdTokenFault::AuthTimeMissing, &["auth_time"]),
    (IdTokenFault::AuthTimeOld, &["auth_time"]),
    (IdTokenFault::AcrWrong, &["acr"]),
    (IdTokenFault::AmrMissing, &["amr"]),
    (IdTokenFault::Huge, &["padding"]),
];

#[tokio::test]
async fn each_fault_of_a_claim_changes_that_claim_and_keeps_the_signature_right() {
    let harness = Harness::start().await;
    let right = harness.sign_in().await;
    for (fault, changed) in CLAIMS {
        harness.control.set_fault(Some(Fault::IdToken(fault)));
        let wrong = harness.sign_in().await;
        let (claims, expected) = (id_claims(&wrong), id_claims(&right));
        let mut names: Vec<&String> = claims
            .as_object()
            .unwrap()
            .keys()
            .chain(expected.as_object().unwrap().keys())
            .collect();
        names.sort();
        names.dedup();
        // New for every token anyway.
        names.retain(|name| !["sid", "at_hash"].contains(&name.as_str()));
        let differing = names.into_iter().filter(|name| claims.get(name) != expected.get(name));
        assert!(differing.eq(changed), "{fault:?}");
        assert!(verifies(&harness, &wrong), "{fault:?}");
        assert_eq!(header(&wrong), header(&right), "{fault:?}");
    }
}

#[tokio::test]
async fn at_hash_is_that_of_the_access_token_or_of_another() {
    let harness = Harness::start().await;
    for (fault, right) in [(None, true), (Some(Fault::IdToken(IdTokenFault::AtHashWrong)), false)] {
        harness.control.set_fault(fault);
        let response = harness.sign_in().await;
        let digest = digest(&SHA256, response["access_token"].as_str().unwrap().as_bytes());
        let expected = URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]);
        assert_eq!(id_claims(&response)["at_hash"] == expected, right, "{fault:?}");
        assert!(verifies(&harness, &response));
    }
}

#[tokio::test]
async fn faults_of_the_envelope_leave_the_claims_alone() {
    use IdTokenFault as I;
    let harness = Harness::start().await;
    let right = harness.sign_in().await;
    let kid = header(&right)["kid"].clone();
    let logout = json!({ "alg": "ES256", "kid": kid, "typ": "logout+jwt" });
    let plain = json!({ "alg": "ES256", "kid": kid, "typ": "JWT" });
    for (fault, expected, verified) in [
        (I::BadSignature, plain, false),
        (I::AlgNone, json!({ "alg": "none", "typ": "JWT" }), false),
        (I::Hs256ClientSecret, json!({ "alg": "HS256", "typ": "JWT" }), false),
        (I::NoKid, json!({ "alg": "ES256", "typ": "JWT" }), true),
        (I::LogoutTokenType, logout, true),
    ] {
        harness.control.set_fault(Some(Fault::IdToken(fault)));
        let wrong = harness.sign_in().await;
        assert_eq!(header(&wrong), expected, "{fault:?}");
        assert_eq!(verifies(&harness, &wrong), verified, "{fault:?}");
        assert_eq!(id_claims(&wrong)["exp"], id_claims(&right)["exp"], "{fault:?}");
    }
    harness.control.set_fault(Some(Fault::IdToken(I::UnknownKid)));
    assert_eq!(header(&harness.sign_in().await)["kid"], "a-key-that-is-not-published");
    harness.control.set_fault(Some(Fault::IdToken(I::CritHeader)));
    assert!(header(&harness.sign_in().await)["crit"].is_array());
    harness.control.set_fault(Some(Fault::IdToken(I::OtherAlg)));
    let other = header(&harness.sign_in().await);
    assert_eq!(other["alg"], "ES384");
    let keys = harness.get("/jwks").await.json();
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == other["kid"]));
}

#[tokio::test]
async fn faults_of_the_form() {
    use IdTokenFault as I;
    let harness = Harness::start().await;
    for (fault, parts) in [(I::Jwe, 5), (I::Malformed, 2)] {
        harness.control.set_fault(Some(Fault::IdToken(fault)));
        let token = harness.sign_in().await["id_token"].as_str().unwrap().to_owned();
        assert_eq!(token.split('.').count(), parts, "{fault:?}");
    }
    harness.control.set_fault(Some(Fault::IdToken(I::Missing)));
    let response = harness.sign_in().await;
    assert!(response.get("id_token").is_none() && response["access_token"].is_string());
    harness.control.set_fault(Some(Fault::IdToken(I::DuplicateClaim)));
    let response = harness.sign_in().await;
    let text = id_claims_text(&response);
    assert!(
        text.starts_with(r#"{"sub":"somebody-else","iss":"#) && text.contains(r#""sub":"ada""#)
    );
    assert!(verifies(&harness, &response));
}

#[tokio::test]
async fn extra_claims_are_added_or_replace() {
    let harness = Harness::start().await;
    harness.control.set_id_token_claim("tenant", "t1");
    harness.control.set_id_token_claim("amr", vec!["mfa"]);
    let claims = id_claims(&harness.sign_in().await);
    assert_eq!((&claims["tenant"], &claims["amr"]), (&json!("t1"), &json!(["mfa"])));
    harness.control.clear_id_token_claims();
    assert!(id_claims(&harness.sign_in().await).get("tenant").is_none());
}

fn header(response: &Value) -> Value {
    part(response["id_token"].as_str().unwrap(), 0)
}

fn verifies(harness: &Harness, response: &Value) -> bool {
    let token = response["id_token"].as_str().unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    harness.control.provider.lock().keys.verifies(input.as_bytes(), &signature)
}
