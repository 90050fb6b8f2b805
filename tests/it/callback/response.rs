//! The authorization response: what is wrong with it is told apart, and the code stays with us.

use axum_oidc_session::dev_provider::{AuthorizationFault as F, Fault, MetadataFault};

use super::{assert_clean_login, assert_refused};
use crate::support::{App, Calls};

#[tokio::test]
async fn each_wrong_response_is_refused_before_the_code_is_sent() {
    for (fault, code) in [
        (F::WrongIss, "authorization_response_issuer_mismatch"),
        (F::MissingIss, "authorization_response_issuer_missing"),
        (F::MissingCode, "authorization_response_code_missing"),
        (F::ErrorAndCode, "authorization_response_code_and_error"),
        (F::DuplicateCode, "authorization_response_duplicate_parameter"),
        (F::DuplicateState, "authorization_response_duplicate_parameter"),
        (F::DuplicateIss, "authorization_response_duplicate_parameter"),
    ] {
        let row = format!("{fault:?}");
        let app = App::builder().sealed_store().start().await;
        let browser = app.browser();
        app.op.set_fault(Some(Fault::Authorization(fault)));
        let reply = browser.sign_in().await;
        assert_refused(&app, &browser, &reply, (400, code), &row).await;
        let only_discovery = Calls { discovery: 1, ..Calls::default() };
        assert_eq!(app.calls(), only_discovery, "{row}: the code was not sent");
        assert_clean_login(&app, &browser, &row).await;
    }
}

/// Without its `state` a response belongs to no attempt: those that are pending stay pending.
#[tokio::test]
async fn a_response_without_the_attempts_state_leaves_the_attempt_alone() {
    for (fault, code) in [
        (F::WrongState, "login_attempt_unknown"),
        (F::MissingState, "authorization_response_state_missing"),
    ] {
        let row = format!("{fault:?}");
        let app = App::builder().sealed_store().start().await;
        let browser = app.browser();
        let begun = browser.navigate("/auth/login").await;
        app.op.set_fault(Some(Fault::Authorization(fault)));
        let wrong = browser.authorize(&begun).await;
        let reply = browser.navigate(&wrong).await;
        super::refused::assert_answer(&reply, 400, code, &row);
        super::assert_no_session(&app, &browser, &row).await;
        assert_eq!(app.calls().code, 0, "{row}");
        assert_eq!(browser.bindings().len(), 1, "{row}");
        app.op.set_fault(None);
        let right = browser.authorize(&begun).await;
        assert_eq!(browser.navigate(&right).await.status, 303, "{row}");
        assert_eq!(browser.fetch("/profile").await.text(), "ada", "{row}");
    }
}

#[tokio::test]
async fn every_parameter_that_we_know_may_be_there_once() {
    for name in ["code", "state", "iss", "error", "error_description", "error_uri"] {
        let app = App::start().await;
        let browser = app.browser();
        let callback = browser.until_callback("/auth/login").await;
        let twice = match name {
            "code" | "state" | "iss" => format!("{callback}&{name}=x"),
            _ => format!("{callback}&{name}=x&{name}=x"),
        };
        let reply = browser.navigate(&twice).await;
        let refusal = (400, "authorization_response_duplicate_parameter");
        assert_refused(&app, &browser, &reply, refusal, name).await;
        assert_eq!(app.calls().code, 0, "{name}");
        assert_clean_login(&app, &browser, name).await;
    }
}

/// RFC 6749 section 4.1.2: unrecognized parameters are ignored. Entra ID sends `session_state`, Google `scope`.
#[tokio::test]
async fn parameters_that_we_do_not_know_are_ignored() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let reply = browser.navigate(&format!("{callback}&session_state=1&scope=a&scope=b&x")).await;
    assert_eq!(reply.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn a_response_that_is_too_long_is_not_read() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let reply = browser.navigate(&format!("{callback}&x={}", "a".repeat(32 * 1024))).await;
    let refusal = (400, "authorization_response_too_long");
    assert_refused(&app, &browser, &reply, refusal, "too long").await;
    assert_clean_login(&app, &browser, "too long").await;
}

/// RFC 9207 section 2.4: an `iss` that is sent is compared, announced or not; one that is not announced may be missing.
#[tokio::test]
async fn iss_is_required_only_where_it_is_announced() {
    let app = App::start().await;
    app.op.set_fault(Some(Fault::Metadata(MetadataFault::NoIssParameter)));
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    assert!(!callback.contains("iss="));
    let wrong = browser.copy().navigate(&format!("{callback}&iss=https://evil.example")).await;
    assert_eq!(wrong.refusal(), (400, "authorization_response_issuer_mismatch".to_owned()));
    assert_eq!(browser.sign_in().await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn head_has_no_effect() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let reply = browser.send("HEAD", &callback, &[], "").await;
    assert_eq!((reply.status, reply.set_cookies()), (405, vec![]));
    assert_eq!(app.calls().code, 0);
    assert_eq!(browser.navigate(&callback).await.status, 303);
}
