//! The authorization endpoint.

use super::harness::{Harness, NOW, REDIRECT_URI, authorize, encoded, id_claims};
use crate::dev_provider::{AuthorizationFault, Endpoint, Fault, SessionExpiryMode};

#[tokio::test]
async fn a_good_request_is_answered_with_code_state_and_iss() {
    let harness = Harness::start().await;
    for target in [
        authorize(&[]),
        authorize(&[
            ("ui_locales", "de en"),
            ("display", "page"),
            ("claims", "{}"),
            ("foo", "bar"),
        ]),
        authorize(&[("response_mode", "query"), ("client_id", "public")]),
    ] {
        let reply = harness.get(&target).await;
        assert_eq!(reply.status(), 303);
        assert!(reply.header("location").unwrap().starts_with(REDIRECT_URI));
        assert_eq!(reply.location_parameter("state").unwrap(), "a state");
        assert_eq!(reply.location_parameter("iss").unwrap(), harness.running.issuer());
        assert!(reply.location_parameter("code").is_some());
    }
    let by_post = authorize(&[]);
    let by_post = harness
        .try_send(
            "POST",
            "/authorize",
            &["content-type: application/x-www-form-urlencoded".to_owned()],
            by_post.split_once('?').unwrap().1,
        )
        .await
        .unwrap();
    assert!(by_post.location_parameter("code").is_some());
    assert_eq!(harness.control.requests(Endpoint::Authorization), 4);
    let last = harness.control.last_request(Endpoint::Authorization).unwrap();
    assert_eq!(last.parameter("nonce"), Some("a nonce"));
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_a_page_and_no_redirect() {
    let harness = Harness::start().await;
    for changes in [
        ("client_id", "unknown"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "http://127.0.0.1:3000/auth/callback/"),
        ("redirect_uri", "http://127.0.0.1:3000/AUTH/callback"),
        ("redirect_uri", "http://127.0.0.1:3000/auth/callback?x"),
    ] {
        let reply = harness.get(&authorize(&[changes])).await;
        assert_eq!((reply.status(), reply.header("location")), (400, None), "{changes:?}");
        assert!(reply.text().contains("development provider"));
    }
}

#[tokio::test]
async fn a_bad_request_is_refused_with_its_error_and_the_state() {
    let harness = Harness::start().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "profile"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "unknown"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("max_age", "-1"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("claims", "[]"), "invalid_request"),
        (("claims", "acr"), "invalid_request"),
        (("request", "x"), "request_not_supported"),
        (("request_uri", "x"), "request_uri_not_supported"),
        (("id_token_hint", "x.y.z"), "invalid_request"),
    ] {
        let reply = harness.get(&authorize(&[change])).await;
        assert_eq!(reply.location_parameter("error").as_deref(), Some(error), "{change:?}");
        assert_eq!(reply.location_parameter("state").as_deref(), Some("a state"), "{change:?}");
        assert!(reply.location_parameter("iss").is_some(), "{change:?}");
        assert_eq!(reply.location_parameter("code"), None, "{change:?}");
    }
    let twice = format!("{}&{}", authorize(&[]), encoded(&[("nonce", "another")]));
    let reply = harness.get(&twice).await;
    assert_eq!(reply.location_parameter("error").unwrap(), "invalid_request");
}

#[tokio::test]
async fn a_second_sign_in_is_silent_and_keeps_the_session_until_it_must_not() {
    let harness = Harness::start().await;
    let first = harness.get(&authorize(&[])).await;
    let cookie = first.cookie();
    let first = harness.exchange(&first.location_parameter("code").unwrap()).await.json();
    let first = id_claims(&first);
    assert_eq!(first["session_expiry"], NOW + 3_600);
    harness.later(100);
    let claims = async |changes: &[(&str, &str)]| {
        let reply = harness.get_with(&authorize(changes), &cookie).await;
        let code = reply.location_parameter("code").unwrap();
        (id_claims(&harness.exchange(&code).await.json()), reply.header("set-cookie").is_some())
    };
    for silent in [("foo", "bar"), ("prompt", "none"), ("max_age", "100"), ("prompt", "consent")] {
        let (again, new_cookie) = claims(&[silent]).await;
        assert!(!new_cookie, "{silent:?}");
        for claim in ["sid", "auth_time", "session_expiry", "sub"] {
            assert_eq!(again[claim], first[claim], "{silent:?} {claim}");
        }
        assert_eq!(again["iat"], NOW + 100);
    }
    let expired =
        harness.get_with(&authorize(&[("max_age", "99"), ("prompt", "none")]), &cookie).await;
    assert_eq!(expired.location_parameter("error").unwrap(), "login_required");
    let (anew, new_cookie) = claims(&[("prompt", "login")]).await;
    assert!(new_cookie);
    assert_ne!(anew["sid"], first["sid"]);
    assert_eq!(
        (&anew["auth_time"], &anew["session_expiry"]),
        (&(NOW + 100).into(), &(NOW + 3_700).into())
    );
}

#[tokio::test]
async fn the_session_of_the_provider_ends_at_its_expiry_and_max_age_0_asks() {
    let harness = Harness::start().await;
    let cookie = harness.get(&authorize(&[])).await.cookie();
    let none = authorize(&[("prompt", "none")]);
    let zero = harness.get_with(&authorize(&[("prompt", "none"), ("max_age", "0")]), &cookie).await;
    assert_eq!(zero.location_parameter("error").unwrap(), "login_required");
    harness.later(3_599);
    assert!(harness.get_with(&none, &cookie).await.location_parameter("code").is_some());
    harness.later(1);
    let over = harness.get_with(&none, &cookie).await;
    assert_eq!(over.location_parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_provider_that_ignores_max_age_goes_on_with_its_session() {
    let harness = Harness::start().await;
    let cookie = harness.get(&authorize(&[])).await.cookie();
    harness.later(100);
    let asked = authorize(&[("max_age", "99")]);
    let fault = Fault::Authorization(AuthorizationFault::IgnoresMaxAge);
    for (fault, auth_time) in [(Some(fault), NOW), (None, NOW + 100)] {
        harness.control.set_fault(fault);
        let code = harness.get_with(&asked, &cookie).await.location_parameter("code").unwrap();
        let claims = id_claims(&harness.exchange(&code).await.json());
        assert_eq!(claims["auth_time"], auth_time, "{fault:?}");
    }
}

#[tokio::test]
async fn hints_and_acr_values_are_honoured() {
    let harness = Harness::start().await;
    let reply = harness.get(&authorize(&[("acr_values", "urn:high urn:low")])).await;
    let cookie = reply.cookie();
    let response = harness.exchange(&reply.location_parameter("code").unwrap()).await.json();
    assert_eq!(id_claims(&response)["acr"], "urn:high");
    for (claims, acr) in [
        (r#"{"id_token":{"acr":{"essential":true,"values":["urn:a","urn:b"]}}}"#, "urn:a"),
        (r#"{"id_token":{"acr":{"value":"urn:c"}}}"#, "urn:c"),
        (r#"{"id_token":{"acr":null}}"#, "urn:low"),
        (r#"{"userinfo":{"acr":{"value":"urn:c"}}}"#, "urn:low"),
    ] {
        let asked = authorize(&[("acr_values", "urn:low"), ("claims", claims)]);
        let code = harness.get(&asked).await.location_parameter("code").unwrap();
        let claimed = harness.exchange(&code).await.json();
        assert_eq!(id_claims(&claimed)["acr"], acr, "{claims}");
    }
    let hint = response["id_token"].as_str().unwrap();
    let silent = authorize(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(harness.get_with(&silent, &cookie).await.location_parameter("code").is_some());
    harness.control.authorize_as("grace");
    let grace = harness.get(&authorize(&[])).await.cookie();
    let other = harness.get_with(&silent, &grace).await;
    assert_eq!(other.location_parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn session_expiry_is_what_the_control_handle_says() {
    let harness = Harness::start().await;
    for (mode, text) in [
        (SessionExpiryMode::At(7), Some("\"session_expiry\":7}")),
        (SessionExpiryMode::Raw("null".into()), Some("\"session_expiry\":null}")),
        (SessionExpiryMode::Raw("1.8e9".into()), Some("\"session_expiry\":1.8e9}")),
        (SessionExpiryMode::Raw("\"1\"".into()), Some("\"session_expiry\":\"1\"}")),
        (
            SessionExpiryMode::Twice("1".into(), "2".into()),
            Some("\"session_expiry\":1,\"session_expiry\":2}"),
        ),
        (
            SessionExpiryMode::AfterIssue(std::time::Duration::from_secs(60)),
            Some("\"session_expiry\":1893456060}"),
        ),
        (SessionExpiryMode::PerSession(None), None),
        (SessionExpiryMode::Absent, None),
    ] {
        harness.control.set_session_expiry(mode.clone());
        let claims = super::harness::id_claims_text(&harness.sign_in().await);
        match text {
            Some(text) => assert!(claims.ends_with(text), "{mode:?}: {claims}"),
            None => assert!(!claims.contains("session_expiry"), "{mode:?}: {claims}"),
        }
    }
}
