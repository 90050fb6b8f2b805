use super::*;
use crate::protocol::id_token::NonceExpectation;
use crate::protocol::jwt::test_keys::TestKey;

/// A world whose JWK Set holds `key`.
fn world(key: &TestKey) -> World {
    let world = World::new();
    publish(&world, key);
    world
}

fn publish(world: &World, key: &TestKey) {
    world.set("/jwks", Reply::json(json!({ "keys": [key.jwk] }).to_string()));
}

fn key(kid: &str) -> TestKey {
    TestKey::new(SigningAlgorithm::Es256, kid)
}

async fn verify(world: &World, key: &TestKey) -> Result<VerifiedIdToken, IdTokenVerificationError> {
    let now = world.clock.now();
    let payload = json!({
        "iss": world.server.origin,
        "sub": "subject",
        "aud": "client",
        "nonce": "nonce",
        "iat": now.seconds(),
        "exp": now.seconds() + 300,
    });
    let expected = IdTokenExpectations {
        issuer: &world.server.origin,
        client_id: "client",
        trusted_audiences: &[],
        algorithm: SigningAlgorithm::Es256,
        nonce: NonceExpectation::Exactly("nonce"),
        access_token: None,
        max_age: None,
        acr_values: &[],
        amr: &[],
        clock_tolerance: Duration::ZERO,
        max_token_age: Duration::from_secs(300),
        now,
    };
    world.provider.verify_id_token(&key.token(&payload.to_string()), &expected).await
}

async fn error(world: &World, key: &TestKey) -> &'static str {
    verify(world, key).await.map(|_| ()).unwrap_err().code()
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_tokens() {
    let key = key("1");
    let world = world(&key);
    for _ in 0..3 {
        assert_eq!(verify(&world, &key).await.unwrap().subject(), "subject");
    }
    assert_eq!(world.count("/jwks"), 1);
}

#[tokio::test]
async fn rotation_is_followed_at_once() {
    let (old, new, newest) = (key("1"), key("2"), key("3"));
    let world = world(&old);
    verify(&world, &old).await.unwrap();
    publish(&world, &new);
    verify(&world, &new).await.unwrap();
    publish(&world, &newest);
    verify(&world, &newest).await.unwrap();
    assert_eq!(world.count("/jwks"), 3);
    assert_eq!(error(&world, &old).await, "id_token_unknown_key");
}

/// A provider that restarts has a new key under the old id; one that rotates may keep the old id in the header.
#[tokio::test]
async fn a_new_key_under_the_old_id_is_followed_at_once() {
    let (old, new) = (key("1"), key("1"));
    let world = world(&old);
    verify(&world, &old).await.unwrap();
    publish(&world, &new);
    verify(&world, &new).await.unwrap();
    assert_eq!(world.count("/jwks"), 2);
    let mut renamed = new.jwk.clone();
    renamed["kid"] = json!("2");
    world.set("/jwks", Reply::json(json!({ "keys": [old.jwk, renamed] }).to_string()));
    world.clock.advance(Duration::from_secs(86_400));
    verify(&world, &new).await.unwrap();
}

#[tokio::test]
async fn made_up_key_ids_cause_few_fetches_and_a_rotation_after_them_still_works() {
    let (known, new) = (key("known"), key("new"));
    let world = world(&known);
    for number in 0..50 {
        let refused = verify(&world, &key(&number.to_string())).await.map(|_| ()).unwrap_err();
        assert_eq!(refused.code(), "id_token_unknown_key");
        // The fourth fetch is not paid for: a new key may be there, and the answer is not final.
        let is_final = matches!(refused, IdTokenVerificationError::Token(_));
        assert_eq!(is_final, number < 3, "{number}: {refused:?}");
    }
    assert_eq!(world.count("/jwks"), 1 + 3, "the first fetch and the burst");
    publish(&world, &new);
    assert_eq!(error(&world, &new).await, "id_token_unknown_key");
    world.clock.advance(Duration::from_secs(5));
    verify(&world, &new).await.unwrap();
    assert_eq!(world.count("/jwks"), 1 + 3 + 1);
}

#[tokio::test]
async fn concurrent_unknown_keys_share_one_fetch() {
    let (old, new) = (key("1"), key("2"));
    let world = world(&old);
    verify(&world, &old).await.unwrap();
    publish(&world, &new);
    let all = futures_util::future::join_all((0..5).map(|_| verify(&world, &new))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.count("/jwks"), 2);
}

#[tokio::test]
async fn a_signature_of_no_key_causes_one_fetch_and_other_faults_none() {
    let (known, impostor) = (key("1"), key("1"));
    let world = world(&known);
    verify(&world, &known).await.unwrap();
    assert_eq!(error(&world, &impostor).await, "id_token_signature");
    assert_eq!(world.count("/jwks"), 2);
    let other = TestKey::new(SigningAlgorithm::Es384, "1");
    assert_eq!(error(&world, &other).await, "id_token_algorithm");
    assert_eq!(world.count("/jwks"), 2);
}

#[tokio::test]
async fn known_keys_verify_on_while_the_provider_is_down() {
    let (known, new) = (key("1"), key("2"));
    let world = world(&known);
    verify(&world, &known).await.unwrap();
    world.set("/jwks", Reply::response(503, "", ""));
    world.set(WELL_KNOWN, Reply::response(503, "", ""));
    world.clock.advance(Duration::from_secs(86_400));
    verify(&world, &known).await.unwrap();

    let failed = verify(&world, &new).await.map(|_| ()).unwrap_err();
    assert!(
        matches!(failed, IdTokenVerificationError::Keys(_)),
        "the provider's fault, not the token's"
    );
    verify(&world, &known).await.unwrap();
}

#[tokio::test]
async fn each_fault_of_the_jwk_set_has_its_own_code() {
    let key = key("1");
    for (reply, expected) in [
        (html(200), "document_media_type"),
        (Reply::response(302, "location: /elsewhere\r\n", ""), "document_redirect"),
        (Reply::response(500, "", ""), "document_status"),
        (Reply::json("{}"), "document_not_json"),
        (oversized(), "http_response_too_large"),
        (Reply::Hang, "http_timeout"),
    ] {
        let world = World::new();
        world.set("/jwks", reply);
        assert_eq!(error(&world, &key).await, expected);
        assert_eq!(error(&world, &key).await, expected);
        assert_eq!(world.count("/jwks"), 1, "{expected}");
    }
}

#[tokio::test]
async fn keys_of_no_use_are_skipped() {
    let key = key("1");
    let world = world(&key);
    let others = [
        json!({"kty": "XYZ", "kid": "1"}),
        json!({"kty": "RSA", "kid": "1", "use": "enc", "n": "AQAB", "e": "AQAB"}),
        json!({"kid": "no kty"}),
        json!("not a key"),
    ];
    let keys: Vec<_> = others.into_iter().chain([key.jwk.clone()]).collect();
    let reply = json!({ "keys": keys }).to_string();
    world.set("/jwks", Reply::response(200, "content-type: application/jwk-set+json\r\n", &reply));
    verify(&world, &key).await.unwrap();
}
