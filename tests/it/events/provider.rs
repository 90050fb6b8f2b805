//! What the provider publishes cannot be had, and can again.

use std::time::Duration;

use axum_oidc_session::EventKind;

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
    use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault};
    app.op.set_fault(Some(Fault::Reply(Endpoint::Jwks, BrokenReply::InternalServerError)));
    assert_eq!(browser.navigate(&callback).await.status, 503);
    assert_eq!(told.codes()[0], ("provider_unavailable", "keys"));
    app.op.set_fault(None);
    app.later(60);
    app.signed_in().await;
    assert!(told.codes().contains(&("provider_available", "keys")));
}
