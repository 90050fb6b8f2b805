//! Logout tokens.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::routing::post;
use serde_json::json;
use url::form_urlencoded;

use super::harness::{Harness, NOW, part};
use crate::dev_provider::{DevClient, DevProviderError, LogoutSubject};
use crate::spawn::{Spawn as _, TokioSpawner};

type Received = Arc<Mutex<Vec<String>>>;

/// A client that takes every logout token; its back-channel logout URI.
async fn client() -> (String, Received) {
    let received = Received::default();
    let kept = Arc::clone(&received);
    let take = move |body: String| async move {
        let token =
            form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "logout_token");
        kept.lock().unwrap().push(token.unwrap().1.into_owned());
        (StatusCode::BAD_REQUEST, [(CACHE_CONTROL, "no-store")], "seen")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/logout?tenant=1", listener.local_addr().unwrap());
    let routes = Router::new().route("/logout", post(take));
    TokioSpawner.spawn(Box::pin(async move { axum::serve(listener, routes).await.unwrap() }));
    (uri, received)
}

#[tokio::test]
async fn a_logout_token_is_made_signed_and_posted() {
    let harness = Harness::start().await;
    let (uri, received) = client().await;
    harness.control.add_client(DevClient::new("demo").backchannel_logout_uri(uri));
    let subject = LogoutSubject::Sid("a sid".into());
    let reply = harness.control.backchannel_logout("demo", &subject).await.unwrap();
    assert_eq!((reply.status(), reply.body()), (400, &b"seen"[..]));
    assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    let token = received.lock().unwrap()[0].clone();
    assert_eq!(part(&token, 0)["typ"], "logout+jwt");
    let claims = part(&token, 1);
    assert_eq!(claims["iss"], harness.running.issuer());
    assert_eq!((&claims["aud"], &claims["sid"]), (&json!("demo"), &json!("a sid")));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW), &json!(NOW + 120)));
    assert_eq!(
        claims["events"],
        json!({ "http://schemas.openid.net/event/backchannel-logout": {} })
    );
    assert!(
        claims["jti"].is_string() && claims.get("sub").is_none() && claims.get("nonce").is_none()
    );
    harness.control.send_logout_token("demo", "anything").await.unwrap();
    assert_eq!(received.lock().unwrap()[1], "anything");
}

#[tokio::test]
async fn a_token_can_be_made_and_bent_without_sending_it() {
    let harness = Harness::start().await;
    let subject = LogoutSubject::SubAndSid { sub: "ada".into(), sid: "s".into() };
    let first = part(&harness.control.logout_token("demo", &subject).unwrap(), 1);
    let second = part(&harness.control.logout_token("demo", &subject).unwrap(), 1);
    assert_eq!((&first["sub"], &first["sid"]), (&json!("ada"), &json!("s")));
    assert_ne!(first["jti"], second["jti"]);
    let mut claims = harness.control.logout_token_claims("demo", &subject).unwrap();
    claims.insert("nonce".into(), "n".into());
    let bent = harness.control.sign_jwt(None, claims).unwrap();
    assert!(part(&bent, 0).get("typ").is_none());
    assert_eq!(part(&bent, 1)["nonce"], "n");
}

#[tokio::test]
async fn what_can_not_be_sent_is_an_error() {
    let harness = Harness::start().await;
    let subject = LogoutSubject::Sub("ada".into());
    let refused = harness.control.backchannel_logout("nobody", &subject).await.unwrap_err();
    assert!(matches!(refused, DevProviderError::UnknownClient));
    let refused = harness.control.backchannel_logout("demo", &subject).await.unwrap_err();
    assert!(matches!(refused, DevProviderError::NoBackchannelLogoutUri));
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = DevClient::new("gone").backchannel_logout_uri(format!("http://{closed}/"));
    harness.control.add_client(client);
    let refused = harness.control.backchannel_logout("gone", &subject).await.unwrap_err();
    assert!(matches!(refused, DevProviderError::Delivery(_)));
}
