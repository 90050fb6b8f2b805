//! The token endpoint with a code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::json;

use super::harness::{Harness, NOW, REDIRECT_URI, VERIFIER, authorize, basic, id_claims, part};
use crate::dev_provider::{Endpoint, Fault, MetadataFault};

#[tokio::test]
async fn a_code_brings_tokens_and_an_id_token_that_verifies() {
    let harness = Harness::start().await;
    let reply = harness.exchange(&harness.code().await).await;
    assert_eq!((reply.status(), reply.header("cache-control")), (200, Some("no-store")));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let response = reply.json();
    assert_eq!((&response["token_type"], &response["expires_in"]), (&json!("Bearer"), &json!(300)));
    assert!(response["refresh_token"].is_string());
    let claims = id_claims(&response);
    assert_eq!(claims["iss"], harness.running.issuer());
    for (name, value) in [
        ("sub", json!("ada")),
        ("aud", json!("demo")),
        ("nonce", json!("a nonce")),
        ("iat", json!(NOW)),
        ("exp", json!(NOW + 300)),
        ("auth_time", json!(NOW)),
        ("session_expiry", json!(NOW + 3_600)),
        ("email", json!("ada@example.com")),
        ("groups", json!(["engineers"])),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(claims["sid"], harness.control.sessions("ada")[0]);

    let token = response["id_token"].as_str().unwrap();
    let key = harness.get("/jwks").await.json()["keys"][0].clone();
    assert_eq!(part(token, 0), json!({ "alg": "ES256", "kid": key["kid"], "typ": "JWT" }));
    let mut point = vec![4];
    for coordinate in ["x", "y"] {
        point.extend(URL_SAFE_NO_PAD.decode(key[coordinate].as_str().unwrap()).unwrap());
    }
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(input.as_bytes(), &signature).unwrap();
    assert!(harness.control.issued_values().contains(&token.to_owned()));
}

#[tokio::test]
async fn the_scope_decides_about_claims_and_the_refresh_token() {
    let harness = Harness::start().await;
    let code = harness.get(&authorize(&[("scope", "openid"), ("nonce", "")])).await;
    let response = harness.exchange(&code.location_parameter("code").unwrap()).await.json();
    assert!(response.get("refresh_token").is_none());
    let claims = id_claims(&response);
    for absent in ["name", "email", "nonce"] {
        assert!(claims.get(absent).is_none(), "{absent}");
    }
    assert!(claims.get("groups").is_some());
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_revokes_the_tokens() {
    let harness = Harness::start().await;
    let code = harness.code().await;
    let response = harness.exchange(&code).await.json();
    let again = harness.exchange(&code).await;
    assert_eq!((again.status(), &again.json()["error"]), (400, &json!("invalid_grant")));
    let refreshed = harness.refresh(response["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refreshed.json()["error"], "invalid_grant");
    let bearer = format!("authorization: Bearer {}", response["access_token"].as_str().unwrap());
    assert_eq!(harness.get_with("/userinfo", &bearer).await.status(), 401);
}

#[tokio::test]
async fn a_code_lives_for_60_seconds() {
    let harness = Harness::start().await;
    let (early, late) = (harness.code().await, harness.code().await);
    harness.later(59);
    assert_eq!(harness.exchange(&early).await.status(), 200);
    harness.later(1);
    assert_eq!(harness.exchange(&late).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn what_does_not_fit_the_code_is_refused() {
    let harness = Harness::start().await;
    let good = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    for (change, error) in [
        (("grant_type", "password"), "unsupported_grant_type"),
        (("grant_type", ""), "invalid_request"),
        (("redirect_uri", "http://127.0.0.1:3000/other"), "invalid_grant"),
        (("redirect_uri", ""), "invalid_grant"),
        (("code_verifier", "another verifier"), "invalid_grant"),
        (("code_verifier", ""), "invalid_grant"),
        (("code", ""), "invalid_request"),
        (("code", "unknown"), "invalid_grant"),
    ] {
        let code = harness.code().await;
        let mut form: Vec<(&str, &str)> = good.to_vec();
        form.push(("code", &code));
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        let reply = harness.token(&form).await;
        assert_eq!((reply.status(), &reply.json()["error"]), (400, &json!(error)), "{change:?}");
    }
}

#[tokio::test]
async fn clients_authenticate_as_they_are_registered() {
    let harness = Harness::start().await;
    let exchange = async |client: &str, headers: &[String], secret: &[(&str, &str)]| {
        let reply = harness.get(&authorize(&[("client_id", client)])).await;
        let code = reply.location_parameter("code").unwrap();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
            ("code", &code),
        ];
        form.extend_from_slice(secret);
        let reply = harness.post("/token", headers, &form).await;
        (reply.status(), reply.header("www-authenticate").is_some())
    };
    let demo = [("client_id", "demo"), ("client_secret", "s3cret &")];
    assert_eq!(exchange("demo", &[basic("demo", "s3cret &")], &[]).await, (200, false));
    assert_eq!(exchange("demo", &[], &demo).await, (200, false));
    assert_eq!(exchange("public", &[], &[("client_id", "public")]).await, (200, false));
    // Two ways at once (RFC 6749 section 2.3).
    assert_eq!(exchange("demo", &[basic("demo", "s3cret &")], &demo).await, (400, false));
    assert_eq!(exchange("demo", &[basic("demo", "wrong")], &[]).await, (401, true));
    assert_eq!(exchange("demo", &[basic("nobody", "s3cret &")], &[]).await, (401, true));
    assert_eq!(exchange("demo", &["authorization: Basic !".to_owned()], &[]).await, (401, true));
    assert_eq!(exchange("demo", &[], &[("client_id", "demo")]).await, (401, true));
    assert_eq!(exchange("demo", &[], &[]).await, (401, true));
    let public = [("client_id", "public"), ("client_secret", "x")];
    assert_eq!(exchange("public", &[], &public).await, (401, true));
    // Another client's code.
    assert_eq!(exchange("public", &[basic("demo", "s3cret &")], &[]).await, (400, false));
    harness.control.set_fault(Some(Fault::Metadata(MetadataFault::OnlyClientSecretPost)));
    assert_eq!(exchange("demo", &[basic("demo", "s3cret &")], &[]).await, (401, true));
    assert_eq!(exchange("demo", &[], &demo).await, (200, false));
}

#[tokio::test]
async fn requests_are_counted_by_grant_type() {
    let harness = Harness::start().await;
    let response = harness.sign_in().await;
    harness.refresh(response["refresh_token"].as_str().unwrap()).await;
    harness.token(&[("grant_type", "password")]).await;
    let count = |endpoint| harness.control.requests(endpoint);
    assert_eq!(count(Endpoint::TokenAuthorizationCode), 1);
    assert_eq!(count(Endpoint::TokenRefreshToken), 1);
    assert_eq!(count(Endpoint::Token), 3);
    let last = harness.control.last_request(Endpoint::TokenAuthorizationCode).unwrap();
    assert_eq!(last.parameter("code_verifier"), Some(VERIFIER));
    assert!(last.authorization().unwrap().starts_with("Basic "));
    harness.control.clear_requests();
    assert_eq!(count(Endpoint::Token), 0);
    let json = harness.try_send("POST", "/token", &[], "{}").await.unwrap();
    assert_eq!((json.status(), &json.json()["error"]), (400, &json!("invalid_request")));
}
