//! The key set.

use axum_oidc_session::dev_provider::{
    BrokenReply, Endpoint, Fault, IdTokenFault, JwksFault as F, OldKey,
};

use super::impatient;
use crate::callback::{assert_clean_login, assert_refused};
use crate::support::{App, Calls};

#[tokio::test]
async fn a_key_set_of_no_use_refuses_the_login_and_an_odd_one_does_not() {
    for &fault in F::ALL {
        let row = format!("{fault:?}");
        let app = App::builder().sealed_store().start().await;
        app.op.set_fault(Some(Fault::Jwks(fault)));
        let browser = app.browser();
        let reply = browser.sign_in().await;
        match fault {
            F::Empty | F::EncryptionKeysOnly => {
                let refusal = (403, "id_token_unknown_key");
                assert_refused(&app, &browser, &reply, refusal, &row).await;
                app.settled().await;
                let calls =
                    Calls { discovery: 1, code: 1, jwks: 2, revocation: 1, ..Calls::default() };
                assert_eq!(app.calls(), calls, "{row}: fetched again once");
            }
            F::UnknownKeyTypes | F::SharedKid => {
                assert_eq!(reply.status, 303, "{row}: {}", reply.text());
            }
            other => panic!("{other:?} has no row"),
        }
        assert_clean_login(&app, &browser, &row).await;
    }
}

#[tokio::test]
async fn each_broken_reply_is_the_providers_failure() {
    for &broken in BrokenReply::ALL {
        let row = format!("{broken:?}");
        let app = App::builder().configure(impatient).sealed_store().start().await;
        app.op.set_fault(Some(Fault::Reply(Endpoint::Jwks, broken)));
        let browser = app.browser();
        let reply = browser.sign_in().await;
        let refusal = match broken {
            BrokenReply::Redirect => (502, "document_redirect"),
            BrokenReply::Huge => (502, "http_response_too_large"),
            _ => (503, "provider_unavailable"),
        };
        assert_refused(&app, &browser, &reply, refusal, &row).await;
        assert_eq!(reply.header("retry-after").is_some(), refusal.0 == 503, "{row}");
        app.settled().await;
        let jwks = if broken == BrokenReply::Close { 2 } else { 1 };
        let calls = Calls { discovery: 1, code: 1, jwks, revocation: 1, ..Calls::default() };
        assert_eq!(app.calls(), calls, "{row}");
        app.later(60);
        assert_clean_login(&app, &browser, &row).await;
    }
}

#[tokio::test]
async fn a_rotation_is_seen_at_once() {
    let app = App::start().await;
    app.signed_in().await;
    for rotations in 1..=3 {
        app.op.rotate_keys(OldKey::Kept).unwrap();
        assert_eq!(app.browser().sign_in().await.status, 303, "rotation {rotations}");
        assert_eq!(app.calls().jwks, 1 + rotations);
    }
}

/// A provider that restarts has a new key under the old id: logins and refreshes go on.
#[tokio::test]
async fn a_new_key_under_the_old_id_is_seen_at_once() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let old = app.op.rotate_keys(OldKey::Replaced).unwrap();
    assert_eq!(app.browser().sign_in().await.status, 303);
    assert_eq!(app.op.rotate_keys(OldKey::Replaced).unwrap(), old);
    app.later(300);
    assert_eq!(browser.fetch("/api/token").await.status, 200, "its new ID Token is verified");
    assert_eq!(app.calls().jwks, 3);
}

/// Tokens of no key cannot make us flood the provider; a genuine rotation is still seen soon.
#[tokio::test]
async fn fifty_forged_signatures_are_not_fifty_fetches() {
    let app = App::start().await;
    app.op.set_fault(Some(Fault::IdToken(IdTokenFault::BadSignature)));
    for number in 0..50 {
        let reply = app.browser().sign_in().await;
        // Once the keys may not be fetched, nobody knows whether the key is a new one.
        let refusal =
            if number < 3 { (403, "id_token_signature") } else { (503, "provider_unavailable") };
        assert_eq!(reply.refusal(), (refusal.0, refusal.1.to_owned()), "{number}");
    }
    assert!(app.calls().jwks <= 10, "{:?}", app.calls());
    app.op.set_fault(None);
    app.op.rotate_keys(OldKey::Kept).unwrap();
    app.later(60);
    assert_eq!(app.browser().sign_in().await.status, 303);
}
