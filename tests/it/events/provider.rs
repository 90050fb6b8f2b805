//! What the provider publishes cannot be had, and can again.

use std::time::Duration;

use axum_oidc_session::EventKind;
use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, TokenFault};

use super::Told;
use crate::support::App;

#[tokio::test]
async fn an_outage_is_told_with_its_pauses_and_its_end() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    app.op.set_down(true);
    let mut pauses = Vec::new();
    for _ in 0..7 {
        // Within a pause nothing is asked, and nothing told but the refusals.
        for _ in 0..3 {
            assert_eq!(app.browser().navigate("/auth/login").await.status, 503);
        }
        for event in told.events() {
            match event.kind {
                EventKind::ProviderUnavailable { document, pause, .. } => {
                    assert_eq!(document, "metadata");
                    pauses.push(pause);
                }
                EventKind::SignInRefused { code, .. } => assert_eq!(code, "http_interrupted"),
                other => panic!("{other:?}"),
            }
        }
        app.later(pauses.last().unwrap().as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30].map(Duration::from_secs));
    app.op.set_down(false);
    app.signed_in().await;
    assert_eq!(told.codes(), [("provider_available", "metadata"), ("signed_in", "")]);
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_told_apart() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.op.set_fault(Some(Fault::Reply(Endpoint::Jwks, BrokenReply::InternalServerError)));
    assert_eq!(browser.navigate(&callback).await.status, 503);
    assert_eq!(told.codes()[0], ("provider_unavailable", "keys"));
    app.op.set_fault(None);
    app.later(60);
    app.signed_in().await;
    assert!(told.codes().contains(&("provider_available", "keys")));
}

/// Told when it changes, however many ask.
#[tokio::test]
async fn a_token_endpoint_that_does_not_answer_is_told_and_so_is_its_return() {
    use BrokenReply::{Close, GatewayTimeout, InternalServerError, ServiceUnavailable};
    for broken in [InternalServerError, ServiceUnavailable, GatewayTimeout, Close] {
        let (told, builder) = Told::by(App::builder());
        let app = builder.start().await;
        let (one, other) = (app.signed_in().await, app.signed_in().await);
        assert!(!told.codes().iter().any(|(code, _)| code.starts_with("provider_")));
        app.later(300);
        app.op.set_fault(Some(Fault::Reply(Endpoint::Token, broken)));
        for browser in [&one, &other] {
            assert_eq!(browser.fetch("/api/token").await.status, 503);
        }
        // Where the connection broke, the login asks for another code.
        let status = if broken == Close { 303 } else { 503 };
        assert_eq!(app.browser().sign_in().await.status, status);
        let failed = ("refresh_failed", "provider_unavailable");
        let events = told.events();
        let codes: Vec<_> =
            events.iter().map(|event| (event.kind.code(), event.kind.detail())).collect();
        assert_eq!(codes[..3], [("provider_unavailable", "token_endpoint"), failed, failed]);
        assert_eq!((codes.len(), codes[3].0), (4, "sign_in_refused"), "{codes:?}");
        let EventKind::ProviderUnavailable { pause, .. } = &events[0].kind else { panic!() };
        assert!(pause.is_zero(), "it is asked whenever it is needed");
        // A refusal is an answer.
        app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
        app.later(1);
        assert_eq!(one.fetch("/api/token").await.status, 401);
        let refused = ("refresh_failed", "refresh_rejected");
        assert_eq!(told.codes(), [("provider_available", "token_endpoint"), refused]);
        app.op.set_fault(None);
        app.signed_in().await;
        assert_eq!(told.codes(), [("signed_in", "")]);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_no_outage() {
    use BrokenReply::{Html, Huge, NotJson, Redirect};
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    for broken in [Html, Huge, NotJson, Redirect] {
        app.op.set_fault(Some(Fault::Reply(Endpoint::Token, broken)));
        assert_eq!(app.browser().sign_in().await.status, 502);
        let codes = told.codes();
        assert!(codes.len() == 1 && codes[0].0 == "sign_in_refused", "{codes:?}");
    }
}
