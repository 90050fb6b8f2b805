//! The token endpoint with a refresh token.

use serde_json::json;

use super::harness::{Harness, NOW, basic, id_claims};
use crate::dev_provider::{Fault, RefreshFault, SessionExpiryMode};

#[tokio::test]
async fn a_refresh_rotates_and_keeps_what_the_sign_in_said() {
    let harness = Harness::start().await;
    let first = harness.sign_in().await;
    harness.later(1_000);
    let second = harness.refresh(first["refresh_token"].as_str().unwrap()).await;
    assert_eq!((second.status(), second.header("cache-control")), (200, Some("no-store")));
    let second = second.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    let (before, after) = (id_claims(&first), id_claims(&second));
    assert_eq!(after["iat"], NOW + 1_000);
    assert!(after.get("nonce").is_none());
    for same in ["iss", "sub", "aud", "sid", "auth_time", "session_expiry", "email"] {
        assert_eq!(after[same], before[same], "{same}");
    }
}

#[tokio::test]
async fn a_spent_refresh_token_kills_the_family() {
    let harness = Harness::start().await;
    let first = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    let second = harness.refresh(&first).await.json();
    assert_eq!(harness.refresh(&first).await.json()["error"], "invalid_grant");
    let current = second["refresh_token"].as_str().unwrap();
    assert_eq!(harness.refresh(current).await.json()["error"], "invalid_grant");
    let bearer = format!("authorization: Bearer {}", second["access_token"].as_str().unwrap());
    assert_eq!(harness.get_with("/userinfo", &bearer).await.status(), 401);
}

#[tokio::test]
async fn a_refresh_token_is_bound_to_client_and_scope() {
    let harness = Harness::start().await;
    let token = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", &*token), ("client_id", "public")];
    assert_eq!(harness.post("/token", &[], &form).await.json()["error"], "invalid_grant");
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", &*token), ("scope", "openid admin")];
    let wider = harness.post("/token", &[basic("demo", "s3cret &")], &form).await;
    assert_eq!(wider.json()["error"], "invalid_scope");
    assert_eq!(harness.refresh("unknown").await.json()["error"], "invalid_grant");
    assert_eq!(harness.refresh(&token).await.status(), 200);
}

#[tokio::test]
async fn session_expiry_on_refresh_can_differ() {
    let harness = Harness::start().await;
    harness.control.set_session_expiry(SessionExpiryMode::At(NOW + 500));
    let mut token = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    for (mode, expiry) in [
        (None, json!(NOW + 500)),
        (Some(SessionExpiryMode::PerSession(None)), json!(NOW + 500)),
        (Some(SessionExpiryMode::At(NOW + 400)), json!(NOW + 400)),
        (Some(SessionExpiryMode::Raw("[]".into())), json!([])),
        (Some(SessionExpiryMode::Absent), json!(null)),
    ] {
        harness.control.set_refresh_session_expiry(mode.clone());
        let response = harness.refresh(&token).await.json();
        assert_eq!(id_claims(&response)["session_expiry"], expiry, "{mode:?}");
        token = response["refresh_token"].as_str().unwrap().to_owned();
    }
}

#[tokio::test]
async fn without_refresh_tokens_in_responses_the_old_one_stays_good() {
    let harness = Harness::start().await;
    let token = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    harness.control.omit_refresh_token(true);
    harness.control.omit_expires_in(true);
    for _ in 0..2 {
        let response = harness.refresh(&token).await.json();
        assert!(response["access_token"].is_string());
        assert!(response.get("refresh_token").is_none() && response.get("expires_in").is_none());
    }
}

#[tokio::test]
async fn each_refresh_fault_changes_one_claim_and_only_on_refresh() {
    for (fault, claim) in [
        (RefreshFault::OtherSub, "sub"),
        (RefreshFault::OtherIssuer, "iss"),
        (RefreshFault::OtherAudience, "aud"),
        (RefreshFault::OtherNonce, "nonce"),
        (RefreshFault::EarlierAuthTime, "auth_time"),
        (RefreshFault::EarlierIat, "iat"),
    ] {
        let harness = Harness::with_fault(Fault::Refresh(fault)).await;
        let first = harness.sign_in().await;
        let wrong = harness.refresh(first["refresh_token"].as_str().unwrap()).await.json();
        harness.control.set_fault(None);
        let right = harness.refresh(wrong["refresh_token"].as_str().unwrap()).await.json();
        let (wrong, right) = (id_claims(&wrong), id_claims(&right));
        for name in wrong.as_object().unwrap().keys().filter(|name| *name != "at_hash") {
            assert_eq!(wrong.get(name) != right.get(name), name == claim, "{fault:?} {name}");
        }
        assert_eq!(id_claims(&first)["sub"], "ada");
    }
    let harness = Harness::with_fault(Fault::Refresh(RefreshFault::NoIdToken)).await;
    let first = harness.sign_in().await;
    let second = harness.refresh(first["refresh_token"].as_str().unwrap()).await.json();
    assert!(first["id_token"].is_string() && second.get("id_token").is_none());
}
