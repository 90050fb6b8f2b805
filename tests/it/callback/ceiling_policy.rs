//! The settings of the ceiling: required, capped, with more leeway.

use std::time::Duration;

use axum_oidc_session::MalformedPolicy;
use axum_oidc_session::dev_provider::SessionExpiryMode as Mode;

use super::ceiling_at_login::malformed;
use super::{assert_clean_login, assert_refused};
use crate::support::{App, NOW};

#[tokio::test]
async fn a_required_claim_that_is_absent_refuses_the_login() {
    let app = App::builder().configure(|auth| auth.require_session_expiry(true)).sealed_store();
    let app = app.start().await;
    app.op.set_session_expiry(Mode::Absent);
    let browser = app.browser();
    let reply = browser.sign_in().await;
    assert_refused(&app, &browser, &reply, (403, "session_expiry_required"), "required").await;
    app.settled().await;
    assert_eq!((app.op.revoked_tokens().len(), app.calls().userinfo), (1, 0));
    app.op.set_session_expiry(Mode::At(NOW + 3_600));
    assert_clean_login(&app, &browser, "required").await;
}

#[tokio::test]
async fn a_malformed_claim_can_be_capped_and_is_never_unlimited() {
    for mode in malformed() {
        let row = format!("{mode:?}");
        let cap = MalformedPolicy::Cap(Duration::from_secs(100));
        let app = App::builder().configure(move |auth| auth.malformed_session_expiry(cap));
        let app = app.start().await;
        app.op.set_session_expiry(mode);
        app.op.set_id_token_claim("iat", NOW - 10);
        let browser = app.browser();
        assert_eq!(browser.sign_in().await.status, 303, "{row}");
        let me = browser.fetch("/api/me").await.json();
        assert_eq!(me["ceiling"], NOW + 90, "{row}: iat and the cap");
        assert_eq!(me["session_expires_at"], NOW + 60, "{row}: the leeway is taken off");
    }
}

#[tokio::test]
async fn a_cap_does_not_touch_what_is_well_formed_or_absent() {
    for (mode, ceiling) in [(Mode::At(NOW + 3_600), Some(NOW + 3_600)), (Mode::Absent, None)] {
        let cap = MalformedPolicy::Cap(Duration::from_secs(100));
        let app = App::builder().configure(move |auth| auth.malformed_session_expiry(cap));
        let app = app.start().await;
        app.op.set_session_expiry(mode);
        let browser = app.signed_in().await;
        assert_eq!(browser.fetch("/api/me").await.json()["ceiling"].as_i64(), ceiling);
    }
}

#[tokio::test]
async fn the_leeway_can_be_raised_and_insecurely_lowered() {
    type Configure = fn(axum_oidc_session::OidcAuthBuilder) -> axum_oidc_session::OidcAuthBuilder;
    let rows: [(Configure, i64); 3] = [
        (|auth| auth.session_expiry_leeway(Duration::from_secs(300)), 300),
        (|auth| auth.insecure_session_expiry_leeway(Duration::from_secs(5)), 5),
        (|auth| auth.insecure_session_expiry_leeway(Duration::ZERO), 0),
    ];
    for (configure, leeway) in rows {
        let app = App::builder().configure(configure).start().await;
        app.op.set_session_expiry(Mode::At(NOW + leeway));
        let reply = app.browser().sign_in().await;
        if leeway == 0 {
            assert_eq!(reply.refusal(), (403, "session_ceiling_past".to_owned()));
        } else {
            assert_eq!(reply.parameter("prompt").as_deref(), Some("login"), "{leeway}");
        }
        app.op.set_session_expiry(Mode::At(NOW + leeway + 1));
        let browser = app.signed_in().await;
        let me = browser.fetch("/api/me").await.json();
        assert_eq!(me["session_expires_at"], NOW + 1, "{leeway}");
        app.later(1);
        let over = browser.fetch("/api/me").await;
        assert_eq!(over.refusal(), (401, "session_expired".to_owned()), "{leeway}");
    }
}
