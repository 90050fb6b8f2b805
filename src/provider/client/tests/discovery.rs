use super::*;
use crate::provider::jwks::KeySetError;

#[tokio::test]
async fn metadata_is_fetched_when_needed_and_once() {
    let world = World::new();
    assert!(world.server.requests().is_empty(), "no I/O before something is needed");
    for _ in 0..3 {
        let metadata = world.provider.metadata().await.unwrap();
        assert_eq!(metadata.issuer, world.server.origin);
    }
    assert_eq!(world.server.requests().len(), 1);
    let request = world.last(WELL_KNOWN);
    assert_eq!(request.line, format!("GET {WELL_KNOWN}"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn each_fault_has_its_own_code_and_is_not_asked_for_again_at_once() {
    let wrong_issuer = r#"{"issuer":"https://evil.example"}"#;
    for (reply, expected) in [
        (html(200), "document_media_type"),
        (Reply::response(302, "location: /elsewhere\r\n", ""), "document_redirect"),
        (Reply::response(404, "", ""), "document_status"),
        (Reply::response(500, "", ""), "document_status"),
        (Reply::response(204, "", ""), "document_status"),
        (Reply::json("{\"secret-in-body\""), "document_not_json"),
        (Reply::json("[]"), "document_not_json"),
        (Reply::json(wrong_issuer), "discovery_issuer_mismatch"),
        (oversized(), "http_response_too_large"),
        (Reply::Hang, "http_timeout"),
    ] {
        let world = World::new();
        world.set(WELL_KNOWN, reply);
        let error = world.provider.metadata().await.unwrap_err();
        assert_eq!((error.code(), error.retry_after()), (expected, Duration::from_secs(1)));
        assert!(!chain(&error).contains("secret-in-body"), "{}", chain(&error));
        assert_eq!(world.provider.metadata().await.unwrap_err().code(), expected);
        assert_eq!(world.server.requests().len(), 1, "{expected}");
    }
}

/// What is wrong for good is told from what passes, and the log says where to look.
#[tokio::test]
async fn a_fault_that_waiting_cannot_cure_is_permanent() {
    let wrong_issuer = r#"{"issuer":"https://evil.example"}"#;
    for (reply, is_permanent) in [
        (Reply::response(404, "", ""), true),
        (Reply::response(403, "", ""), true),
        (Reply::response(302, "location: /elsewhere\r\n", ""), true),
        (Reply::json(wrong_issuer), true),
        (oversized(), true),
        (Reply::response(408, "", ""), false),
        (Reply::response(429, "", ""), false),
        (Reply::response(503, "", ""), false),
        (html(200), false),
        (Reply::json("{"), false),
        (Reply::Hang, false),
        (Reply::Close, false),
    ] {
        let world = World::new();
        world.set(WELL_KNOWN, reply);
        let error = world.provider.metadata().await.unwrap_err();
        assert_eq!(error.is_permanent(), is_permanent, "{error:?}");
        let text = chain(&error);
        let url = format!("{}{WELL_KNOWN}", world.server.origin);
        assert!(text.contains(&url) && text.contains("setting `issuer`"), "{text}");
    }
}

/// The content decides, not the label.
#[tokio::test]
async fn documents_may_be_declared_as_text_or_bytes() {
    for (kind, is_taken) in [
        ("application/json", true),
        ("APPLICATION/JSON; charset=UTF-8", true),
        ("text/json", true),
        ("Text/Plain; charset=utf-8", true),
        ("application/octet-stream", true),
        ("application/jwk-set+json", true),
        ("application/Problem+JSON", true),
        ("", true),
        ("text/html", false),
        ("application/jwt", false),
        ("application/xml", false),
    ] {
        let world = World::new();
        let header = format!("content-type: {kind}\r\n");
        let metadata = world.metadata(&json!({})).to_string();
        let marked = format!("\u{feff}{metadata}");
        world.set(WELL_KNOWN, Reply::response(200, &header, &marked));
        world.set("/jwks", Reply::response(200, &header, "\u{feff}{\"keys\":[]}"));
        world.set("/userinfo", Reply::response(200, &header, "\u{feff}{\"sub\":\"sub\"}"));
        assert_eq!(world.provider.metadata().await.is_ok(), is_taken, "{kind}");
        world.set_metadata(&json!({}));
        world.clock.advance(Duration::from_secs(60));
        assert_eq!(world.provider.jwks.keys().await.is_ok(), is_taken, "{kind}");
        let userinfo = world.provider.userinfo(&secret("token"), "sub").await;
        assert_eq!(userinfo.is_ok(), is_taken, "{kind}");
    }
}

#[tokio::test]
async fn broken_connection_is_tried_once_more_within_a_fetch() {
    let world = World::new();
    world.set(WELL_KNOWN, Reply::Close);
    assert_eq!(world.provider.metadata().await.unwrap_err().code(), "http_interrupted");
    assert_eq!(world.server.requests().len(), 2);
}

#[tokio::test]
async fn provider_that_comes_back_is_found_after_the_backoff() {
    let world = World::new();
    world.set(WELL_KNOWN, Reply::response(503, "", ""));
    let error = world.provider.metadata().await.unwrap_err();
    world.set_metadata(&json!({}));
    assert!(world.provider.metadata().await.is_err());
    world.clock.advance(error.retry_after());
    assert!(world.provider.metadata().await.is_ok());
}

#[tokio::test]
async fn unreachable_provider_fails_every_question_by_name() {
    let world = World::with(|settings| settings.issuer = "http://127.0.0.1:1".to_owned());
    let token = secret("token");
    let discovery = world.provider.metadata().await.unwrap_err();
    assert_eq!(discovery.code(), "http_connect_failed");
    let refresh = world.provider.refresh(&token).await.unwrap_err();
    assert!(
        matches!(refresh, TokenEndpointError::Discovery(_)) && !refresh.may_have_been_processed()
    );
    assert_eq!(refresh.retry_after(), Some(Duration::from_secs(1)));
    let userinfo = world.provider.userinfo(&token, "sub").await.unwrap_err();
    assert!(matches!(userinfo, UserInfoError::Discovery(_)));
    let revocation = world.provider.revoke(&token, TokenTypeHint::AccessToken).await.unwrap_err();
    assert!(matches!(revocation, RevocationError::Discovery(_)));
    let verify = |_: &CoreJsonWebKeySet| Ok::<_, ()>(());
    let keys = world.provider.verify_with_keys(Budget::IdTokens, verify, |()| false).await;
    let keys = keys.unwrap_err();
    assert!(matches!(keys.reason(), KeySetError::Discovery(_)));
    assert!(matches!(IdTokenVerificationError::from(keys), IdTokenVerificationError::Discovery(_)));
}

#[tokio::test]
async fn concurrent_logins_cause_one_discovery() {
    let world = World::new();
    let all = futures_util::future::join_all((0..50).map(|_| world.provider.metadata())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.server.requests().len(), 1);
}
