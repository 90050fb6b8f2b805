//! The token endpoint: the code is sent once, whatever comes back.

use axum_oidc_session::dev_provider::{
    AuthorizationFault, BrokenReply as B, Endpoint, Fault, TokenFault as F,
};

use super::impatient;
use crate::callback::{assert_clean_login, assert_refused};
use crate::support::{App, Calls};

const ONE_EXCHANGE: Calls = Calls {
    discovery: 1,
    jwks: 0,
    code: 1,
    refresh: 0,
    userinfo: 0,
    revocation: 0,
    redirect_target: 0,
};

#[tokio::test]
async fn each_wrong_response_is_told_apart() {
    for &fault in F::ALL {
        let row = format!("{fault:?}");
        let app = App::builder().sealed_store().start().await;
        app.op.set_fault(Some(Fault::Token(fault)));
        let browser = app.browser();
        let mut reply = browser.sign_in().await;
        let mut calls = ONE_EXCHANGE;
        if fault == F::InvalidGrant {
            // The login has begun once more, with a code of its own.
            calls.code = 2;
            let callback = browser.authorize(&reply).await;
            reply = browser.navigate(&callback).await;
        }
        let refusal = match fault {
            F::InvalidGrant => (400, "token_endpoint_rejected"),
            F::InvalidClient => (502, "token_endpoint_rejected"),
            F::MacTokenType => (502, "token_response_token_type_unsupported"),
            F::MissingAccessToken => (502, "token_response_access_token_missing"),
            F::MixedCaseTokenType | F::NarrowScope | F::NoScope => {
                assert_eq!(reply.status, 303, "{row}");
                continue;
            }
            other => panic!("{other:?} has no row"),
        };
        assert_refused(&app, &browser, &reply, refusal, &row).await;
        assert!(!reply.text().contains("script"), "{row}: the description is not shown");
        assert_eq!(app.calls(), calls, "{row}: each code is sent once");
        assert_clean_login(&app, &browser, &row).await;
    }
}

#[tokio::test]
async fn each_broken_reply_is_the_providers_failure() {
    for endpoint in [Endpoint::Token, Endpoint::TokenAuthorizationCode] {
        for &broken in B::ALL {
            let row = format!("{broken:?} of {endpoint:?}");
            let app = App::builder().configure(impatient).sealed_store().start().await;
            app.op.set_fault(Some(Fault::Reply(endpoint, broken)));
            let browser = app.browser();
            let mut reply = browser.sign_in().await;
            let mut calls = ONE_EXCHANGE;
            if broken == B::Close {
                // The code may be spent: the login has begun once more, with a code of its own.
                calls.code = 2;
                let callback = browser.authorize(&reply).await;
                reply = browser.navigate(&callback).await;
            }
            let refusal = match broken {
                B::Redirect => (502, "token_response_redirect"),
                B::Html => (502, "token_response_html"),
                B::NotJson => (502, "token_response_not_json"),
                B::Huge => (502, "token_response_too_large"),
                B::InternalServerError
                | B::ServiceUnavailable
                | B::GatewayTimeout
                | B::Hang
                | B::Drip
                | B::Close => {
                    assert!(reply.header("retry-after").is_some(), "{row}");
                    (503, "provider_unavailable")
                }
                other => panic!("{other:?} has no row"),
            };
            assert_refused(&app, &browser, &reply, refusal, &row).await;
            assert_eq!(app.calls(), calls, "{row}: each code is sent once, no redirect followed");
            assert_clean_login(&app, &browser, &row).await;
        }
    }
}

#[tokio::test]
async fn a_code_that_nobody_issued_is_refused() {
    let app = App::builder().sealed_store().start().await;
    app.op.set_fault(Some(Fault::Authorization(AuthorizationFault::UnknownCode)));
    let browser = app.browser();
    let retry = browser.sign_in().await;
    assert_eq!((retry.status, app.calls()), (303, ONE_EXCHANGE), "the login has begun once more");
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_refused(&app, &browser, &reply, (400, "token_endpoint_rejected"), "unknown code").await;
    assert_eq!(app.calls(), Calls { code: 2, ..ONE_EXCHANGE });
    assert_clean_login(&app, &browser, "unknown code").await;
}

/// RFC 6749 section 5.1 only recommends `expires_in`, and a refresh token is the provider's choice.
#[tokio::test]
async fn what_a_token_response_may_leave_out_may_be_missing() {
    let app = App::start().await;
    app.op.omit_expires_in(true);
    app.op.omit_refresh_token(true);
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}
