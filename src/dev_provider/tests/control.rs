//! The control handle.

use std::time::Duration;

use super::harness::{Harness, authorize, id_claims};
use crate::dev_provider::{DevClient, Endpoint};

#[tokio::test]
async fn people_and_clients_come_and_go() {
    let harness = Harness::start().await;
    harness.control.authorize_as("newcomer");
    assert_eq!(id_claims(&harness.sign_in().await)["sub"], "newcomer");
    let target = authorize(&[("client_id", "late"), ("redirect_uri", "http://127.0.0.1:1/cb")]);
    assert_eq!(harness.get(&target).await.status(), 400);
    harness.control.add_client(DevClient::new("late").redirect_uri("http://127.0.0.1:1/cb"));
    assert_eq!(harness.get(&target).await.status(), 303);
}

#[tokio::test]
async fn access_tokens_live_as_long_as_they_are_told() {
    let harness = Harness::start().await;
    harness.control.set_access_token_lifetime(Duration::from_secs(2));
    let response = harness.sign_in().await;
    assert_eq!(response["expires_in"], 2);
    let bearer = format!("authorization: Bearer {}", response["access_token"].as_str().unwrap());
    harness.later(2);
    assert_eq!(harness.get_with("/userinfo", &bearer).await.status(), 401);
}

#[tokio::test]
async fn sessions_and_grants_end_apart() {
    let harness = Harness::start().await;
    let token = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    harness.control.end_sessions("ada");
    assert!(harness.control.sessions("ada").is_empty());
    let token = harness.refresh(&token).await.json()["refresh_token"].as_str().unwrap().to_owned();
    harness.control.revoke_grants("grace");
    let token = harness.refresh(&token).await.json()["refresh_token"].as_str().unwrap().to_owned();
    harness.control.revoke_grants("ada");
    assert_eq!(harness.refresh(&token).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn the_browser_keeps_the_providers_cookie() {
    let harness = Harness::start().await;
    let login = format!("{}{}", harness.running.issuer(), authorize(&[]));
    let silent = format!("{}{}", harness.running.issuer(), authorize(&[("prompt", "none")]));
    let mut browser = harness.control.browser();
    assert!(browser.redirect(&silent).await.unwrap().contains("error=login_required"));
    assert!(browser.redirect(&login).await.unwrap().contains("code="));
    assert!(browser.redirect(&silent).await.unwrap().contains("code="));
    assert!(harness.control.browser().redirect(&silent).await.unwrap().contains("login_required"));
    harness.control.authorize_by_page();
    assert_eq!(harness.control.browser().redirect(&login).await, None);
    assert!(browser.visit("not a url").await.is_none());
    assert_eq!(harness.control.requests(Endpoint::Authorization), 5);
}

#[tokio::test]
async fn nothing_secret_is_in_debug_output() {
    let harness = Harness::start().await;
    harness.sign_in().await;
    let shown = format!("{:?} {:?}", harness.running, harness.control);
    for secret in harness.control.issued_values() {
        assert!(!shown.contains(&secret));
    }
    assert!(!format!("{:?}", DevClient::new("x").secret("hidden")).contains("hidden"));
}
