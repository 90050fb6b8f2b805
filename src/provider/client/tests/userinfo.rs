use super::*;

async fn ask(world: &World) -> Result<Option<Claims>, UserInfoError> {
    world.provider.userinfo(&secret("secret-token"), "subject").await
}

#[tokio::test]
async fn claims_about_the_subject_are_handed_out() {
    let world = World::new();
    world.set("/userinfo", Reply::json(r#"{"sub":"subject","email":"a@example.org"}"#));
    let claims = ask(&world).await.unwrap().unwrap();
    assert_eq!(claims.email(), Some("a@example.org"));
    let request = world.last("/userinfo");
    assert_eq!(request.line, "GET /userinfo");
    assert_eq!(request.header("authorization"), Some("Bearer secret-token"));
}

#[tokio::test]
async fn no_endpoint_is_no_error() {
    let world = World::new();
    world.set_metadata(&json!({ "userinfo_endpoint": null }));
    assert!(ask(&world).await.unwrap().is_none());
}

#[tokio::test]
async fn each_fault_has_its_own_code() {
    let jwt = "content-type: application/jwt; charset=utf-8\r\n";
    for (reply, expected) in [
        (Reply::json(r#"{"sub":"other"}"#), "userinfo_subject_mismatch"),
        (Reply::json(r#"{"sub":"Subject"}"#), "userinfo_subject_mismatch"),
        (Reply::json("{}"), "userinfo_subject_missing"),
        (Reply::json(r#"{"sub":7}"#), "userinfo_subject_missing"),
        (Reply::json("[]"), "userinfo_claims_malformed"),
        (Reply::json(r#"{"sub":"subject","sub":"subject"}"#), "userinfo_claims_malformed"),
        (Reply::response(200, jwt, "a.b.c"), "userinfo_signed"),
        (
            Reply::response(200, "content-type: text/xml\r\n", r#"{"sub":"subject"}"#),
            "userinfo_media_type",
        ),
        (Reply::json(r#"{"sub":null}"#), "userinfo_subject_missing"),
        (html(200), "userinfo_media_type"),
        (html(401), "userinfo_status"),
        (Reply::response(302, "location: /elsewhere\r\n", ""), "userinfo_redirect"),
        (oversized(), "http_response_too_large"),
        (Reply::Hang, "http_timeout"),
    ] {
        let world = World::new();
        world.set("/userinfo", reply);
        let error = ask(&world).await.unwrap_err();
        assert_eq!(error.code(), expected);
        let chain = chain(&error);
        assert!(!chain.contains("secret-token") && !chain.contains("secret-in-body"), "{chain}");
    }
}

#[tokio::test]
async fn token_that_no_header_can_carry_is_refused_without_being_shown() {
    let world = World::new();
    let error = world.provider.userinfo(&secret("secret\ntoken"), "subject").await.unwrap_err();
    assert_eq!(error.code(), "http_request_invalid");
    assert!(!chain(&error).contains("secret\ntoken") && !chain(&error).contains("secret\\ntoken"));
}
