use super::*;
use crate::provider::token_endpoint::MalformedResponse;

const TOKENS: &str = r#"{"access_token":"at","token_type":"Bearer","expires_in":60}"#;

async fn exchange(world: &World) -> Result<TokenResponse, TokenEndpointError> {
    let (code, verifier) = (secret("secret-code"), secret("secret-verifier"));
    world.provider.exchange_code(&code, &verifier, "https://app.example/cb").await
}

async fn refused(reply: Reply) -> TokenEndpointError {
    let world = World::new();
    world.set("/token", reply);
    let error = exchange(&world).await.unwrap_err();
    assert_eq!(world.count("/token"), 1, "a code is never sent twice");
    for hidden in ["secret-in-body", "secret-code", "secret-verifier"] {
        assert!(!chain(&error).contains(hidden), "{}", chain(&error));
    }
    error
}

#[tokio::test]
async fn code_and_verifier_are_sent_as_the_standards_say() {
    let world = World::with(|settings| {
        settings.resource = vec!["https://api.example".to_owned()];
        settings.audience = Some("api".to_owned());
    });
    world.set("/token", Reply::json(TOKENS));
    let tokens = exchange(&world).await.unwrap();
    assert_eq!(tokens.access_token.expose_secret(), "at");
    let request = world.last("/token");
    assert_eq!(
        request.body,
        "grant_type=authorization_code&code=secret-code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &code_verifier=secret-verifier&resource=https%3A%2F%2Fapi.example&audience=api"
    );
    assert_eq!(request.header("authorization"), Some("Basic Y2xpZW50OnNlY3JldA=="));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn refresh_sends_the_refresh_token_and_the_offered_authentication() {
    let world = World::new();
    world.set_metadata(&json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] }));
    world.set("/token", Reply::json(TOKENS));
    world.provider.refresh(&secret("r t")).await.unwrap();
    let request = world.last("/token");
    assert_eq!(
        request.body,
        "grant_type=refresh_token&refresh_token=r+t&client_id=client&client_secret=secret"
    );
    assert_eq!(request.header("authorization"), None);
}

/// The registration decides, whatever the metadata say.
#[tokio::test]
async fn a_chosen_authentication_wins_over_the_metadata() {
    use ClientAuthentication::{Basic, None as Public, Post};
    let basic = Some("Basic Y2xpZW50OnNlY3JldA==");
    let (bare, id) = ("grant_type=refresh_token&refresh_token=rt", "&client_id=client");
    for (method, offered, header, rest) in [
        (Basic, "client_secret_post", basic, String::new()),
        (Post, "client_secret_basic", None, format!("{id}&client_secret=secret")),
        (Public, "client_secret_basic", None, id.to_owned()),
    ] {
        let world = World::with(|settings| settings.client_authentication = Some(method));
        let offered = json!([offered]);
        world.set_metadata(&json!({
            "token_endpoint_auth_methods_supported": offered,
            "revocation_endpoint_auth_methods_supported": offered,
        }));
        world.set("/token", Reply::json(TOKENS));
        world.set("/revoke", Reply::response(200, "", ""));
        world.provider.refresh(&secret("rt")).await.unwrap();
        let request = world.last("/token");
        assert_eq!(request.body, format!("{bare}{rest}"), "{method:?}");
        assert_eq!(request.header("authorization"), header, "{method:?}");
        world.provider.revoke(&secret("rt"), TokenTypeHint::RefreshToken).await.unwrap();
        let request = world.last("/revoke");
        assert!(request.body.ends_with(&format!("hint=refresh_token{rest}")), "{method:?}");
        assert_eq!(request.header("authorization"), header, "{method:?}");
    }
}

#[tokio::test]
async fn every_request_refuses_content_codings() {
    let world = World::new();
    world.set("/token", Reply::json(TOKENS));
    world.set("/revoke", Reply::response(200, "", ""));
    world.set("/userinfo", Reply::json(r#"{"sub":"sub"}"#));
    exchange(&world).await.unwrap();
    world.provider.refresh(&secret("rt")).await.unwrap();
    world.provider.revoke(&secret("rt"), TokenTypeHint::RefreshToken).await.unwrap();
    world.provider.userinfo(&secret("at"), "sub").await.unwrap();
    world.provider.jwks.keys().await.unwrap();
    let requests = world.server.requests();
    assert_eq!(requests.len(), 6);
    for request in requests {
        assert_eq!(request.header("accept-encoding"), Some("identity"), "{}", request.line);
    }
}

#[tokio::test]
async fn refusal_is_told_apart_from_trouble() {
    let body = r#"{"error":"invalid_grant","error_description":"for secret-in-body@example"}"#;
    for status in [200, 400, 401, 403] {
        let reply = Reply::response(status, "content-type: application/json\r\n", body);
        let world = World::new();
        world.set("/token", reply);
        let error = exchange(&world).await.unwrap_err();
        let TokenEndpointError::Rejected(rejection) = &error else { panic!("{error:?}") };
        assert!(rejection.is_invalid_grant() && !error.may_have_been_processed());
        assert!(!chain(&error).contains("secret-in-body"), "descriptions may name a person");
    }
}

#[tokio::test]
async fn unavailability_carries_status_and_retry_after() {
    let oauth = r#"{"error":"invalid_grant"}"#;
    for (status, header, expected, processed) in [
        (503, "retry-after: 7\r\n", Some(7), true),
        (429, "retry-after: 3600\r\n", Some(3600), false),
        (429, "retry-after: 3601\r\n", Some(3600), false),
        (500, "", None, true),
        (408, "retry-after: Fri, 31 Dec 2027 23:59:59 GMT\r\n", None, true),
    ] {
        let error = refused(Reply::response(status, header, oauth)).await;
        let TokenEndpointError::Unavailable { status: shown, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(shown, Some(status));
        assert_eq!(error.retry_after(), expected.map(Duration::from_secs), "{status} {header}");
        assert_eq!(error.may_have_been_processed(), processed, "{status}");
    }
}

#[tokio::test]
async fn no_connection_is_certainly_not_processed() {
    let world = World::new();
    world.set_metadata(&json!({ "token_endpoint": "http://127.0.0.1:1/token" }));
    let error = exchange(&world).await.unwrap_err();
    assert!(matches!(error, TokenEndpointError::Unavailable { status: None, cause: Some(_), .. }));
    assert!(!error.may_have_been_processed());
}

#[tokio::test]
async fn lost_reply_may_have_been_processed_and_is_not_repeated() {
    let half = Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec());
    for reply in [Reply::Hang, Reply::Close, half] {
        let error = refused(reply).await;
        assert!(matches!(error, TokenEndpointError::ReplyLost(_)), "{error:?}");
        assert!(error.may_have_been_processed());
    }
}

#[tokio::test]
async fn each_malformed_answer_has_its_own_code() {
    let response =
        |status, body| Reply::response(status, "content-type: application/json\r\n", body);
    for (reply, expected) in [
        (html(200), "token_response_html"),
        (html(403), "token_response_html"),
        (Reply::response(302, "location: /elsewhere\r\n", ""), "token_response_redirect"),
        (response(404, "{}"), "token_response_status"),
        (response(201, TOKENS), "token_response_status"),
        (oversized(), "token_response_too_large"),
        (response(200, "secret-in-body"), "token_response_not_json"),
        (response(200, "{}"), "token_response_token_type_missing"),
        (
            response(200, r#"{"access_token":"secret-in-body","token_type":"DPoP"}"#),
            "token_response_token_type_unsupported",
        ),
    ] {
        let error = refused(reply).await;
        assert!(matches!(error, TokenEndpointError::Malformed(_)), "{error:?}");
        assert_eq!(error.code(), expected);
        assert!(error.may_have_been_processed(), "{expected}");
    }
    let error = refused(response(418, "")).await;
    let status = MalformedResponse::Status(418);
    assert!(matches!(error, TokenEndpointError::Malformed(shown) if shown == status));
}

#[tokio::test]
async fn token_is_revoked_with_its_kind() {
    for (status, expected) in [(200, None), (204, None), (503, Some("revocation_unavailable"))] {
        let world = World::new();
        world.set("/revoke", Reply::response(status, "", ""));
        let result = world.provider.revoke(&secret("rt"), TokenTypeHint::RefreshToken).await;
        assert_eq!(result.err().map(|error| error.code()), expected, "{status}");
        assert_eq!(world.last("/revoke").body, "token=rt&token_type_hint=refresh_token");
    }
}

#[tokio::test]
async fn revocation_has_a_list_of_methods_of_its_own_and_may_be_missing() {
    let world = World::new();
    world.set_metadata(
        &json!({ "revocation_endpoint_auth_methods_supported": ["client_secret_post"] }),
    );
    world.set("/revoke", Reply::response(400, "", r#"{"error":"unsupported_token_type"}"#));
    let error = world.provider.revoke(&secret("at"), TokenTypeHint::AccessToken).await.unwrap_err();
    assert_eq!(error.code(), "revocation_rejected");
    let body = world.last("/revoke").body;
    assert!(body.ends_with("token_type_hint=access_token&client_id=client&client_secret=secret"));

    let world = World::new();
    world.set_metadata(&json!({ "revocation_endpoint": null }));
    world.provider.revoke(&secret("at"), TokenTypeHint::AccessToken).await.unwrap();
    assert_eq!(world.server.requests().len(), 1, "only the metadata");
}
