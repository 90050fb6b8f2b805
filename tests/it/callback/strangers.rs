//! Callbacks that anybody can send: they cost the store nothing, and the provider a bounded number of requests.

use std::time::Duration;

use axum_oidc_session::dev_provider::{AuthorizationFault, Endpoint, Fault};

use crate::support::{App, until};

/// A login of one's own and a code that the provider never issued.
#[tokio::test]
async fn a_code_that_was_never_issued_costs_no_durable_write() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login").await;
    let callback = browser.authorize(&begun).await;
    let forged = callback.replace("code=", "code=x");
    let retry = browser.navigate(&forged).await;
    assert!(retry.location().starts_with(app.op.issuer()), "{}", retry.location());
    for _ in 0..3 {
        assert_eq!(
            browser.navigate(&forged).await.refusal(),
            (400, "login_attempt_used".to_owned())
        );
    }
    assert_eq!(app.calls().code, 1, "one exchange for one login");
    app.op.set_fault(Some(Fault::Authorization(AuthorizationFault::AccessDenied)));
    let denied = browser.authorize(&retry).await;
    assert_eq!(browser.navigate(&denied).await.refusal(), (403, "access_denied".to_owned()));
    app.settled().await;
    assert_eq!(app.store().rows(), 0, "nothing stays");
}

/// Only a state that this application sealed for this browser leads to an exchange.
#[tokio::test]
async fn without_an_own_state_no_code_is_exchanged() {
    let app = App::builder().sealed_store().start().await;
    let (one, two) = (app.browser(), app.browser());
    let callback = one.until_callback("/auth/login").await;
    two.navigate("/auth/login").await;
    for target in [callback.as_str(), "/auth/callback?code=x", "/auth/callback?code=x&state=y"] {
        assert_eq!(two.navigate(target).await.status, 400, "{target}");
    }
    assert_eq!(app.calls().code, 0);
}

#[tokio::test]
async fn more_exchanges_than_allowed_are_told_to_come_again() {
    let app = App::builder().configure(|auth| auth.max_concurrent_code_exchanges(1)).start().await;
    let (one, two) = (app.browser(), app.browser());
    let first = one.until_callback("/auth/login").await;
    let second = two.until_callback("/auth/login").await;
    app.op.set_delay(Endpoint::Token, Duration::from_secs(1));
    let meanwhile = async {
        until(async || app.calls().code > 0).await;
        let refused = two.navigate(&second).await;
        assert_eq!(refused.refusal(), (503, "too_many_sign_ins".to_owned()));
        assert!(refused.header("retry-after").is_some());
        app.later(1);
    };
    let (slow, ()) = tokio::join!(one.navigate(&first), meanwhile);
    assert_eq!(slow.status, 303);
    app.op.set_delay(Endpoint::Token, Duration::ZERO);
    assert_eq!(two.navigate(&second).await.status, 303, "a reload finishes it");
}

/// The provider accepted the code, and the store fails then: nobody is signed in, and the tokens are revoked.
#[tokio::test]
async fn a_store_that_fails_after_the_exchange_has_the_tokens_revoked() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    // The lease alone is given.
    app.store().fail_writes_after(1);
    let reply = browser.sign_in().await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1);
}
