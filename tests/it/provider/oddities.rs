//! Providers that are merely odd: nobody is turned away for it.

use std::time::Duration;

use axum_oidc_session::dev_provider::{BrokenReply, DevClient, Endpoint, Fault, IdTokenFault};
use axum_oidc_session::{ClientAuthentication, OidcAuthBuilder};
use serde_json::{Value, json};

use crate::support::{App, Browser, CLIENT_ID, NOW, Reply};

/// What the provider posts to end Ada's sessions.
async fn log_out_ada(app: &App, claims: &[(&str, Value)]) -> Reply {
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let mut token = json!({
        "iss": app.op.issuer(), "aud": CLIENT_ID, "iat": NOW, "exp": NOW + 1_000, "jti": "1", "sub": "ada",
        "events": {event: {}},
    });
    for (name, value) in claims {
        token[name] = value.clone();
    }
    let token = app.op.sign_jwt(None, token.as_object().unwrap().clone()).unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("logout_token={token}");
    app.browser().send("POST", "/auth/backchannel-logout", &form, &body).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.fetch("/api/me").await.status == 200
}

#[tokio::test]
async fn times_with_fractions_sign_in_refresh_and_log_out() {
    let app = App::start().await;
    for (name, time) in [("iat", 0.25), ("nbf", 0.5), ("exp", 1_000.75), ("auth_time", 0.125)] {
        app.op.set_id_token_claim(name, NOW as f64 + time);
    }
    let browser = app.signed_in().await;
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["ceiling"], NOW + 3_600, "the ceiling has rules of its own");
    app.later(300);
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    assert_eq!(app.calls().refresh, 1);
    let times = [("iat", json!(NOW as f64 + 300.5)), ("exp", json!(NOW as f64 + 400.5))];
    let reply = log_out_ada(&app, &times).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(!is_signed_in(&browser).await);
}

/// A ceiling with a fraction is malformed, whatever the other times may be.
#[tokio::test]
async fn a_ceiling_with_a_fraction_is_still_refused() {
    let app = App::start().await;
    app.op.set_id_token_claim("session_expiry", NOW as f64 + 3_600.5);
    let reply = app.browser().sign_in().await;
    assert_eq!(reply.refusal(), (403, "session_expiry_malformed".to_owned()));
}

#[tokio::test]
async fn claims_that_are_null_sign_in_refresh_and_log_out() {
    let app = App::start().await;
    for name in ["nbf", "azp", "acr", "amr", "sid", "at_hash", "auth_time", "email"] {
        app.op.set_id_token_claim(name, Value::Null);
    }
    let browser = app.signed_in().await;
    let claims = browser.fetch("/api/me").await.json()["claims"].clone();
    assert!(claims.get("sid").is_none(), "{claims}");
    app.later(300);
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    assert_eq!(app.calls().refresh, 1);
    let null = |name| (name, Value::Null);
    let reply = log_out_ada(&app, &[null("sid"), null("nonce"), null("nbf"), null("azp")]).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn a_missing_auth_time_has_a_page_of_its_own() {
    let configure = |auth: OidcAuthBuilder| auth.max_age(Duration::from_secs(3_600));
    let app = App::builder().configure(configure).start().await;
    app.op.set_fault(Some(Fault::IdToken(IdTokenFault::AuthTimeMissing)));
    let reply = app.browser().sign_in().await;
    assert_eq!(reply.refusal(), (403, "id_token_auth_time_missing".to_owned()));
    assert!(reply.text().contains("did not say"), "{}", reply.text());
    app.op.set_fault(None);
    app.op.set_id_token_claim("auth_time", Value::Null);
    let reply = app.browser().sign_in().await;
    assert_eq!(reply.refusal(), (403, "id_token_auth_time_missing".to_owned()));
}

/// Zitadel names the project and all of its clients.
#[tokio::test]
async fn trusted_audiences_sign_in_refresh_and_log_out() {
    let aud = json!(["project", CLIENT_ID, "sibling"]);
    let trusting = |auth: OidcAuthBuilder| auth.trusted_audiences(["project", "sibling"]);
    for (trusts, azp, refusal) in [
        (true, Some(CLIENT_ID), None),
        (true, Some("sibling"), Some("id_token_authorized_party")),
        (true, None, Some("id_token_authorized_party")),
        (false, Some(CLIENT_ID), Some("id_token_extra_audience")),
    ] {
        let app = match trusts {
            true => App::builder().configure(trusting).start().await,
            false => App::start().await,
        };
        app.op.set_id_token_claim("aud", aud.clone());
        app.op.set_id_token_claim("azp", json!(azp));
        let browser = app.browser();
        let reply = browser.sign_in().await;
        if let Some(code) = refusal {
            assert_eq!(reply.refusal(), (403, code.to_owned()), "{trusts} {azp:?}");
            continue;
        }
        assert_eq!(reply.status, 303, "{}", reply.text());
        app.later(300);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        assert_eq!(app.calls().refresh, 1);
        let of_sibling = [("aud", aud.clone()), ("azp", json!("sibling"))];
        assert_eq!(log_out_ada(&app, &of_sibling).await.status, 400);
        let stranger = [("aud", json!([CLIENT_ID, "stranger"]))];
        assert_eq!(log_out_ada(&app, &stranger).await.status, 400);
        assert!(is_signed_in(&browser).await);
        assert_eq!(log_out_ada(&app, &[("aud", aud.clone())]).await.status, 200);
        assert!(!is_signed_in(&browser).await);
    }
}

#[tokio::test]
async fn a_refreshed_token_may_name_trusted_audiences_only() {
    let trusting = |auth: OidcAuthBuilder| auth.trusted_audiences(["project", "new"]);
    for (aud, status) in [
        (json!(["project", CLIENT_ID, "new"]), true),
        (json!(["project", CLIENT_ID, "stranger"]), false),
        (json!([CLIENT_ID]), false),
    ] {
        let app = App::builder().configure(trusting).start().await;
        app.op.set_id_token_claim("aud", json!(["project", CLIENT_ID]));
        app.op.set_id_token_claim("azp", CLIENT_ID);
        let browser = app.signed_in().await;
        app.op.set_id_token_claim("aud", aud.clone());
        app.later(300);
        assert_eq!(browser.fetch("/api/token").await.status == 200, status, "{aud}");
    }
}

/// Spring's `sub` is the user name, with any characters.
#[tokio::test]
async fn a_subject_may_have_any_characters_but_control_characters() {
    let app = App::start().await;
    app.op.authorize_as("Zoë \"the 1st\" ✓");
    let browser = app.signed_in().await;
    let claims = browser.fetch("/api/me").await.json()["claims"].clone();
    assert_eq!(claims["sub"], "Zoë \"the 1st\" ✓");
    app.later(300);
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    // Not the same bytes: an e and a combining diaeresis.
    assert_eq!(log_out_ada(&app, &[("sub", json!("Zoe\u{308} \"the 1st\" ✓"))]).await.status, 200);
    assert!(is_signed_in(&browser).await);
    let same =
        [("sub", json!("Zoë \"the 1st\" ✓")), ("jti", json!("2")), ("iat", json!(NOW + 300))];
    assert_eq!(log_out_ada(&app, &same).await.status, 200);
    assert!(!is_signed_in(&browser).await);
    app.op.authorize_as("ada\nlovelace");
    let refused = app.browser().sign_in().await;
    assert_eq!(refused.refusal(), (403, "id_token_subject".to_owned()));
}

/// Hydra and Authelia offer everything, and take from each client what it is registered for.
#[tokio::test]
async fn the_client_authenticates_as_it_is_registered() {
    let start = async |method: Option<ClientAuthentication>| {
        let configure = move |auth: OidcAuthBuilder| match method {
            Some(method) => auth.client_authentication(method),
            None => auth,
        };
        let app = App::builder().configure(configure);
        app.client(DevClient::secret_in_form_only).start().await
    };
    let guessed = start(None).await;
    let refused = guessed.browser().sign_in().await;
    assert_eq!(refused.refusal(), (502, "token_endpoint_rejected".to_owned()));
    let app = start(Some(ClientAuthentication::Post)).await;
    let browser = app.signed_in().await;
    app.later(300);
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    app.settled().await;
    for endpoint in
        [Endpoint::TokenAuthorizationCode, Endpoint::TokenRefreshToken, Endpoint::Revocation]
    {
        let request = app.op.last_request(endpoint).unwrap();
        assert_eq!(request.parameter("client_secret"), Some("s3cret & more"), "{endpoint:?}");
        assert_eq!(request.authorization(), None, "{endpoint:?}");
    }
}

#[tokio::test]
async fn the_page_of_a_refused_scope_names_the_scopes() {
    let scopes = |auth: OidcAuthBuilder| auth.scopes(["openid", "orders:<read>"]);
    let app = App::builder().configure(scopes).start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login").await;
    assert_eq!(begun.parameter("scope").as_deref(), Some("openid orders:<read> offline_access"));
    let state = begun.parameter("state").unwrap();
    let iss = app.op.issuer();
    let link = format!("/auth/callback?error=invalid_scope&state={state}&iss={iss}");
    let reply = browser.navigate(&link).await;
    assert_eq!(reply.refusal(), (400, "invalid_scope".to_owned()));
    let page = reply.text();
    assert!(page.contains("openid orders:&lt;read&gt; offline_access"), "{page}");
}

#[tokio::test]
async fn a_missing_refresh_token_names_the_cure() {
    let app = App::start().await;
    app.op.omit_refresh_token(true);
    let browser = app.signed_in().await;
    app.later(300);
    let reply = browser.fetch("/api/token").await;
    assert_eq!(reply.refusal(), (401, "missing_refresh_token".to_owned()));
    let text = reply.json()["error_description"].as_str().unwrap().to_owned();
    assert!(text.contains(".offline_access()"), "{text}");
}

/// The connection broke, and the code may be spent: the login asks for another one, once.
#[tokio::test]
async fn a_broken_connection_at_the_exchange_costs_no_login() {
    let app = App::start().await;
    let browser = app.browser();
    let lost = Fault::Reply(Endpoint::TokenAuthorizationCode, BrokenReply::Close);
    app.op.set_fault(Some(lost));
    let retry = browser.sign_in_from("/auth/login?return_to=/profile").await;
    assert_eq!(retry.status, 303, "{}", retry.text());
    app.op.set_fault(None);
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.location(), format!("{}/profile", app.origin));
    assert_eq!(app.calls().code, 2, "each code is sent once");
}
