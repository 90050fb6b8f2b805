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
    let keys = world.provider.verify_with_keys(|_| Ok::<_, ()>(()), |()| false).await.unwrap_err();
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
