//! The keys: fetched again for a new one, not for every made-up one, and missed with a reason of their own.

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, OldKey};
use axum_oidc_session::error::{LogoutTokenError, LogoutTokenVerificationError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

/// A token with a key id that the provider does not have.
fn made_up(app: &App, number: u32) -> String {
    let header = format!("{{\"alg\":\"ES256\",\"kid\":\"made-up-{number}\"}}");
    let claims = Value::Object(claims(app)).to_string();
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}.{}", part(&header), part(&claims), "A".repeat(86))
}

#[tokio::test]
async fn thirty_made_up_key_ids_are_few_fetches() {
    let app = App::start().await;
    for number in 0..30 {
        let response = send(&app, &made_up(&app, number)).await;
        assert_eq!(error(&response).unwrap().code(), "logout_token_unknown_key", "{number}");
        // Once the keys may not be fetched, nobody knows whether the key is a new one.
        let is_final = matches!(error(&response), Some(BackchannelLogoutError::Token(_)));
        assert_eq!(is_final, number < 3, "{number}");
    }
    assert_eq!(app.calls().jwks, 1 + 3, "the first fetch and the burst");
    let response = send(&app, &good_token(&app)).await;
    assert_eq!(refusal(&response), None, "a known key is verified all the same");
    app.op.rotate_keys(OldKey::Dropped).unwrap();
    app.later(5);
    assert_eq!(refusal(&send(&app, &good_token(&app)).await), None, "a genuine rotation");
    assert_eq!(app.calls().jwks, 1 + 3 + 1);
}

#[tokio::test]
async fn at_once_they_are_few_fetches_too() {
    let app = App::start().await;
    let tokens: Vec<String> = (0..30).map(|number| made_up(&app, number)).collect();
    let responses = futures_util::future::join_all(tokens.iter().map(|it| send(&app, it))).await;
    for response in &responses {
        assert_eq!(error(response).unwrap().code(), "logout_token_unknown_key");
    }
    let fetches = app.calls().jwks;
    assert!((2..=4).contains(&fetches), "{fetches}");
}

#[tokio::test]
async fn a_rotation_is_seen_at_once() {
    let app = App::start().await;
    assert_eq!(refusal(&send(&app, &good_token(&app)).await), None);
    let old = good_token(&app);
    app.op.rotate_keys(OldKey::Dropped).unwrap();
    assert_eq!(refusal(&send(&app, &good_token(&app)).await), None);
    assert_eq!(app.calls().jwks, 2);
    assert_eq!(refusal(&send(&app, &old).await), Some(LogoutTokenError::UnknownKey));
}

#[tokio::test]
async fn without_keys_the_provider_is_to_try_again() {
    for (endpoint, code) in
        [(Endpoint::Jwks, "document_not_json"), (Endpoint::Discovery, "document_not_json")]
    {
        let app = App::start().await;
        app.op.set_fault(Some(Fault::Reply(endpoint, BrokenReply::NotJson)));
        let token = good_token(&app);
        let response = send(&app, &token).await;
        match (endpoint, error(&response)) {
            (
                Endpoint::Jwks,
                Some(BackchannelLogoutError::KeysUnavailable(LogoutTokenVerificationError::Keys(
                    _,
                ))),
            )
            | (
                Endpoint::Discovery,
                Some(BackchannelLogoutError::KeysUnavailable(
                    LogoutTokenVerificationError::Discovery(_),
                )),
            ) => {}
            (_, other) => panic!("{endpoint:?}: {other:?}"),
        }
        assert_eq!(error(&response).unwrap().code(), code, "{endpoint:?}");
        assert!(description(response).await.contains("send it again"), "{endpoint:?}");
        app.op.set_fault(None);
        app.later(60);
        assert_eq!(refusal(&send(&app, &token).await), None, "{endpoint:?}: the same token");
    }
}
