//! Logout tokens share the keys of ID Tokens, and what bounds their fetching.

use super::*;
use crate::protocol::jwt::test_keys::TestKey;

fn key(kid: &str) -> TestKey {
    TestKey::new(SigningAlgorithm::Es256, kid)
}

fn publish(world: &World, key: &TestKey) {
    world.set("/jwks", Reply::json(json!({ "keys": [key.jwk] }).to_string()));
}

async fn verify(
    world: &World,
    key: &TestKey,
) -> Result<VerifiedLogoutToken, LogoutTokenVerificationError> {
    let now = world.clock.now();
    let payload = json!({
        "iss": world.server.origin,
        "aud": "client",
        "iat": now.seconds(),
        "exp": now.seconds() + 120,
        "jti": "one",
        "sid": "session",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let expected = LogoutTokenExpectations {
        issuer: &world.server.origin,
        client_id: "client",
        trusted_audiences: &[],
        algorithm: SigningAlgorithm::Es256,
        clock_tolerance: Duration::ZERO,
        now,
    };
    world.provider.verify_logout_token(&key.token(&payload.to_string()), &expected).await
}

async fn error(world: &World, key: &TestKey) -> LogoutTokenVerificationError {
    verify(world, key).await.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn a_rotation_is_followed_and_a_wrong_signature_is_not() {
    let (old, new, impostor) = (key("1"), key("2"), key("2"));
    let world = World::new();
    publish(&world, &old);
    assert_eq!(verify(&world, &old).await.unwrap().sid(), Some("session"));
    publish(&world, &new);
    assert_eq!(verify(&world, &new).await.unwrap().sid(), Some("session"));
    assert_eq!(world.count("/jwks"), 2);
    let refused = error(&world, &impostor).await;
    assert!(matches!(refused, LogoutTokenVerificationError::Token(LogoutTokenError::Signature)));
    assert_eq!(refused.code(), "logout_token_signature");
    assert_eq!(world.count("/jwks"), 3);
}

/// Anyone can send logout tokens: what they cause is not paid by the logins.
#[tokio::test]
async fn made_up_logout_tokens_do_not_spend_the_budget_of_id_tokens() {
    let (known, new) = (key("1"), key("2"));
    let world = World::new();
    publish(&world, &known);
    for number in 0..20 {
        let refused = error(&world, &key(&number.to_string())).await;
        let is_final = matches!(refused, LogoutTokenVerificationError::Token(_));
        assert_eq!(is_final, number < 3, "{number}: {refused:?}");
    }
    assert_eq!(world.count("/jwks"), 1 + 3);
    publish(&world, &new);
    let seen = world.provider.jwks.keys().await.unwrap();
    let newer = world.provider.jwks.newer_than(&seen, Budget::IdTokens).await.unwrap();
    assert!(!Arc::ptr_eq(&newer, &seen));
    verify(&world, &new).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_refused_is_told_from_a_provider_that_is_down() {
    let (known, unknown) = (key("1"), key("2"));
    let world = World::new();
    publish(&world, &known);
    let refused = error(&world, &unknown).await;
    assert!(matches!(refused, LogoutTokenVerificationError::Token(LogoutTokenError::UnknownKey)));

    let world = World::new();
    world.set("/jwks", Reply::response(503, "", ""));
    let down = error(&world, &known).await;
    assert!(matches!(down, LogoutTokenVerificationError::Keys(_)), "{down:?}");
    assert_eq!(down.code(), "document_status");

    let world = World::new();
    world.set(WELL_KNOWN, Reply::response(503, "", ""));
    let down = error(&world, &known).await;
    assert!(matches!(down, LogoutTokenVerificationError::Discovery(_)), "{down:?}");
    assert!(!chain(&down).contains("eyJ"));
}
