//! The authorization request.

use axum_oidc_session::OidcAuthBuilder;
use axum_oidc_session::dev_provider::Endpoint;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use std::time::Duration;

use crate::support::{App, Calls, NOW, Reply};

#[tokio::test]
async fn a_login_leads_to_a_session() {
    let app = App::start().await;
    let browser = app.browser();
    let reply = browser.sign_in_from("/auth/login?return_to=/profile").await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.origin)));
    assert_eq!(browser.navigate("/profile").await.text(), "ada");
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["session_expires_at"], NOW + 3_570);
    assert_eq!(me["ceiling"], NOW + 3_600);
    let calls = Calls { discovery: 1, jwks: 1, code: 1, userinfo: 1, ..Calls::default() };
    assert_eq!(app.calls(), calls);
}

#[tokio::test]
async fn the_least_request_holds_what_the_flow_needs_and_nothing_else() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login").await;
    assert_eq!((begun.status, begun.header("cache-control")), (303, Some("no-store")));
    assert!(begun.location().starts_with(&format!("{}/authorize?", app.op.issuer())));
    let names: Vec<String> = pairs(&begun).into_iter().map(|(name, _)| name).collect();
    let expected = [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    ];
    assert_eq!(names, expected);
    let parameter = |name| begun.parameter(name).unwrap();
    assert_eq!(parameter("response_type"), "code");
    assert_eq!(parameter("client_id"), "test-client");
    assert_eq!(parameter("redirect_uri"), format!("{}/auth/callback", app.origin));
    assert_eq!(parameter("scope"), "openid profile email offline_access");
    assert_eq!(parameter("code_challenge_method"), "S256");
    for name in ["nonce", "code_challenge"] {
        assert_eq!(URL_SAFE_NO_PAD.decode(parameter(name)).unwrap().len(), 32, "{name}");
    }
    // Sealed, and no longer than some providers take.
    assert!(URL_SAFE_NO_PAD.decode(parameter("state")).is_ok());
    assert!(parameter("state").len() <= 300);
    assert_ne!(parameter("state"), parameter("nonce"));
}

#[tokio::test]
async fn the_code_is_redeemed_with_the_verifier_of_the_challenge() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login").await;
    let callback = browser.authorize(&begun).await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    let exchange = app.op.last_request(Endpoint::TokenAuthorizationCode).unwrap();
    let verifier = exchange.parameter("code_verifier").unwrap();
    assert!((43..=128).contains(&verifier.len()), "RFC 7636 section 4.1");
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    assert_eq!(begun.parameter("code_challenge"), Some(challenge));
    assert_eq!(exchange.parameter("redirect_uri"), begun.parameter("redirect_uri").as_deref());
}

#[tokio::test]
async fn no_two_logins_share_a_secret() {
    let app = App::start().await;
    let (one, two) = (app.browser(), app.browser());
    let (one, two) = (one.navigate("/auth/login").await, two.navigate("/auth/login").await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(one.parameter(name), two.parameter(name), "{name}");
    }
}

#[tokio::test]
async fn every_setting_of_the_request_is_sent() {
    fn all(auth: OidcAuthBuilder) -> OidcAuthBuilder {
        auth.scopes(["profile", "api:read"])
            .prompt("select_account")
            .max_age(Duration::from_secs(900))
            .acr_values(["urn:example:gold", "urn:example:silver"])
            .audience("https://api.example.com")
            .resource("https://one.example.com")
            .resource("https://two.example.com")
            .authorization_parameter("organization", "org a&b")
    }
    let app = App::builder().configure(all).start().await;
    let begun = app.browser().navigate("/auth/login").await;
    let sent = pairs(&begun);
    let values = |wanted: &str| -> Vec<&str> {
        sent.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect()
    };
    for (name, expected) in [
        ("scope", vec!["openid profile api:read offline_access"]),
        ("prompt", vec!["select_account"]),
        ("max_age", vec!["900"]),
        ("acr_values", vec!["urn:example:gold urn:example:silver"]),
        ("audience", vec!["https://api.example.com"]),
        ("resource", vec!["https://one.example.com", "https://two.example.com"]),
        ("organization", vec!["org a&b"]),
    ] {
        assert_eq!(values(name), expected, "{name}");
    }
}

#[tokio::test]
async fn the_access_tokens_audience_is_named_at_the_token_endpoint_too() {
    let app = App::builder()
        .configure(|auth| {
            auth.audience("https://api.example.com").resource("https://r.example.com")
        })
        .start()
        .await;
    assert_eq!(app.browser().sign_in().await.status, 303);
    let exchange = app.op.last_request(Endpoint::TokenAuthorizationCode).unwrap();
    assert_eq!(exchange.parameter("audience"), Some("https://api.example.com"));
    assert_eq!(exchange.parameter("resource"), Some("https://r.example.com"));
}

fn pairs(begun: &Reply) -> Vec<(String, String)> {
    begun.location_url().query_pairs().into_owned().collect()
}
