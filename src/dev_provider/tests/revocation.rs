//! The revocation endpoint.

use super::harness::{Harness, basic};
use crate::dev_provider::{BrokenReply, Endpoint, Fault};

#[tokio::test]
async fn a_refresh_token_takes_its_family_along_and_an_access_token_goes_alone() {
    let harness = Harness::start().await;
    let response = harness.sign_in().await;
    let access = response["access_token"].as_str().unwrap();
    let refresh = response["refresh_token"].as_str().unwrap();
    let revoke = async |token: &str| {
        harness.post("/revoke", &[basic("demo", "s3cret &")], &[("token", token)]).await.status()
    };
    assert_eq!(revoke(access).await, 200);
    let bearer = format!("authorization: Bearer {access}");
    assert_eq!(harness.get_with("/userinfo", &bearer).await.status(), 401);
    let refreshed = harness.refresh(refresh).await.json();
    let second = refreshed["refresh_token"].as_str().unwrap();
    assert_eq!(revoke(second).await, 200);
    assert_eq!(harness.refresh(second).await.json()["error"], "invalid_grant");
    let bearer = format!("authorization: Bearer {}", refreshed["access_token"].as_str().unwrap());
    assert_eq!(harness.get_with("/userinfo", &bearer).await.status(), 401);
    assert_eq!(revoke("unknown").await, 200);
    assert_eq!(harness.control.revoked_tokens(), [access, second, "unknown"]);
}

#[tokio::test]
async fn only_the_tokens_own_client_may_revoke_it() {
    let harness = Harness::start().await;
    let refresh = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    let form = [("token", &*refresh)];
    assert_eq!(harness.post("/revoke", &[], &form).await.status(), 401);
    assert_eq!(harness.post("/revoke", &[basic("demo", "wrong")], &form).await.status(), 401);
    let by_other = [("token", &*refresh), ("client_id", "public")];
    assert_eq!(harness.post("/revoke", &[], &by_other).await.status(), 400);
    assert_eq!(harness.post("/revoke", &[basic("demo", "s3cret &")], &[]).await.status(), 400);
    harness
        .control
        .set_fault(Some(Fault::Reply(Endpoint::Revocation, BrokenReply::InternalServerError)));
    assert_eq!(harness.post("/revoke", &[basic("demo", "s3cret &")], &form).await.status(), 500);
    assert_eq!(harness.control.revoked_tokens(), Vec::<String>::new());
    assert_eq!(harness.refresh(&refresh).await.status(), 200);
}
