//! Replies that are broken as HTTP.

use std::time::Duration;

use super::harness::Harness;
use crate::dev_provider::{BrokenReply, Endpoint, Fault, plain_http};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn each_broken_reply_is_what_it_says() {
    let harness = Harness::start().await;
    let right = harness.get(DISCOVERY).await.json();
    let broken = async |kind| {
        harness.control.set_fault(Some(Fault::Reply(Endpoint::Discovery, kind)));
        harness.try_send("GET", DISCOVERY, &[], "").await
    };
    let redirect = broken(BrokenReply::Redirect).await.unwrap();
    let target = format!("{}/redirect-target", harness.running.issuer());
    assert_eq!((redirect.status(), redirect.header("location")), (302, Some(&*target)));
    assert_eq!(broken(BrokenReply::InternalServerError).await.unwrap().status(), 500);
    let unavailable = broken(BrokenReply::ServiceUnavailable).await.unwrap();
    assert_eq!((unavailable.status(), unavailable.header("retry-after")), (503, Some("1")));
    assert_eq!(broken(BrokenReply::GatewayTimeout).await.unwrap().status(), 504);
    let html = broken(BrokenReply::Html).await.unwrap();
    assert_eq!(
        (html.status(), html.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let not_json = broken(BrokenReply::NotJson).await.unwrap();
    assert_eq!(not_json.header("content-type"), Some("application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&not_json.text()).is_err());
    let huge = broken(BrokenReply::Huge).await.unwrap();
    assert!(huge.0.body.len() > 50 * 1_048_576);
    assert_eq!(huge.json(), right);
    assert_eq!(
        broken(BrokenReply::Close).await.unwrap_err().kind(),
        std::io::ErrorKind::UnexpectedEof
    );
    // Also with HTTP/1.1, where the reply would be chunked.
    let address = harness.running.local_addr();
    let url = url::Url::parse(harness.running.issuer()).unwrap();
    let request = format!("GET {DISCOVERY} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let closed = plain_http::exchange(&url, request).await.unwrap_err();
    assert_eq!(closed.kind(), std::io::ErrorKind::UnexpectedEof);
    // The other endpoints are as they were.
    assert_eq!(harness.get("/jwks").await.status(), 200);
}

#[tokio::test]
async fn a_closed_connection_comes_after_the_rotation_and_a_500_before() {
    let harness = Harness::start().await;
    let token = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let headers = [
        super::harness::basic("demo", "s3cret &"),
        "content-type: application/x-www-form-urlencoded".to_owned(),
    ];
    let fail = Fault::Reply(Endpoint::TokenRefreshToken, BrokenReply::InternalServerError);
    harness.control.set_fault(Some(fail));
    assert_eq!(harness.refresh(&token).await.status(), 500);
    harness.control.set_fault(Some(Fault::Reply(Endpoint::TokenRefreshToken, BrokenReply::Close)));
    assert!(harness.try_send("POST", "/token", &headers, &form).await.is_err());
    assert!(harness.sign_in().await["access_token"].is_string());
    harness.control.set_fault(None);
    assert_eq!(harness.refresh(&token).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_hang_ends_after_60_seconds_of_the_providers_clock() {
    let harness = Harness::start().await;
    harness.control.set_fault(Some(Fault::Reply(Endpoint::Token, BrokenReply::Hang)));
    let hanging = harness.refresh("x");
    let time = async {
        arrived(&harness, Endpoint::TokenRefreshToken).await;
        harness.later(60);
    };
    let (reply, ()) = futures_util::future::join(hanging, time).await;
    assert_eq!(reply.status(), 504);
}

#[tokio::test]
async fn a_delay_holds_a_request_back_and_stopping_ends_it() {
    let harness = Harness::start().await;
    harness.control.set_delay(Endpoint::Jwks, Duration::from_secs(5));
    let delayed = harness.get("/jwks");
    let time = async {
        arrived(&harness, Endpoint::Jwks).await;
        harness.later(5);
    };
    let (reply, ()) = futures_util::future::join(delayed, time).await;
    assert_eq!(reply.status(), 200);
    let delayed = harness.get("/jwks");
    let stop = async {
        while harness.control.requests(Endpoint::Jwks) < 2 {
            tokio::task::yield_now().await;
        }
        harness.control.stop();
    };
    futures_util::future::join(delayed, stop).await;
    let address = harness.running.local_addr();
    harness.running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_provider_that_is_down_comes_back_with_everything() {
    let harness = Harness::start().await;
    let token = harness.sign_in().await["refresh_token"].as_str().unwrap().to_owned();
    harness.control.set_down(true);
    assert!(harness.try_send("GET", DISCOVERY, &[], "").await.is_err());
    assert_eq!(harness.control.requests(Endpoint::Discovery), 0);
    harness.control.set_down(false);
    assert_eq!(harness.refresh(&token).await.status(), 200);
}

/// Yields until the request is there and, one turn later, has set its timer.
async fn arrived(harness: &Harness, endpoint: Endpoint) {
    while harness.control.requests(endpoint) == 0 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
}
