//! A refreshed ID Token continues the login's, or is refused with all that came with it (OpenID Connect Core 12.2).

use std::time::Duration;

use axum_oidc_session::dev_provider::{Fault, IdTokenFault, RefreshFault};
use serde_json::json;

use super::{access_token, token};
use crate::layer::{hold_cookies, stores};
use crate::support::App;

#[tokio::test]
async fn another_identity_is_refused_for_good() {
    let faults = [
        (Fault::Refresh(RefreshFault::OtherSub), "sub"),
        (Fault::Refresh(RefreshFault::OtherIssuer), "iss"),
        (Fault::Refresh(RefreshFault::OtherAudience), "aud"),
        (Fault::Refresh(RefreshFault::OtherNonce), "nonce"),
        (Fault::Refresh(RefreshFault::EarlierAuthTime), "auth_time"),
        (Fault::Refresh(RefreshFault::EarlierIat), "issued_too_long_ago"),
        (Fault::IdToken(IdTokenFault::BadSignature), "signature"),
        (Fault::IdToken(IdTokenFault::AtHashWrong), "at_hash"),
        (Fault::IdToken(IdTokenFault::Expired), "exp"),
    ];
    for (fault, named) in faults {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let before = browser.fetch("/api/me").await.text();
            app.later(300);
            app.op.set_fault(Some(fault));
            let reply = token(&browser).await;
            let refusal = (502, "invalid_refresh_response".to_owned());
            assert_eq!(reply.refusal(), refusal, "{fault:?}");
            let text = reply.json()["error_description"].as_str().unwrap().to_owned();
            assert!(text.contains(named), "{fault:?}: {text}");
            app.op.set_fault(None);
            assert_eq!(token(&browser).await.refusal(), (401, "refresh_rejected".to_owned()));
            assert_eq!(app.calls().refresh, 1);
            assert_eq!(browser.fetch("/api/me").await.text(), before, "{fault:?}");
        }
    }
}

/// A refreshed ID Token needs no nonce, and neither has a logout token: it must not pass for one.
#[tokio::test]
async fn a_logout_token_is_no_refreshed_id_token() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let event = "http://schemas.openid.net/event/backchannel-logout";
    app.op.set_id_token_claim("events", json!({ event: {} }));
    app.later(300);
    let reply = token(&browser).await;
    assert_eq!(reply.refusal(), (502, "invalid_refresh_response".to_owned()));
    let text = reply.json()["error_description"].as_str().unwrap().to_owned();
    assert!(text.contains("id_token_is_logout_token"), "{text}");
    let refused = app.browser().sign_in().await;
    assert_eq!(refused.refusal(), (403, "id_token_is_logout_token".to_owned()));
}

#[tokio::test]
async fn no_id_token_is_fine() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let before = browser.fetch("/api/me").await.text();
        app.op.set_fault(Some(Fault::Refresh(RefreshFault::NoIdToken)));
        app.later(300);
        access_token(&browser).await;
        assert_eq!(browser.fetch("/api/me").await.text(), before);
    }
}

#[tokio::test]
async fn a_refused_access_token_is_never_handed_out() {
    let app = App::start().await;
    app.op.set_access_token_lifetime(Duration::from_secs(300));
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    let first = access_token(&browser).await;
    app.later(301);
    app.op.set_fault(Some(Fault::Refresh(RefreshFault::EarlierAuthTime)));
    let reply = browser.fetch("/api/token").await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    app.clock.step(-2);
    // By this clock the login's own token has a second left.
    assert_eq!(access_token(&browser).await, first);
}
