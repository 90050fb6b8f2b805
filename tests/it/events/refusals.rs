//! What is refused, fails or is in each other's way.

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, IdTokenFault, TokenFault};

use super::Told;
use crate::layer::stores;
use crate::support::{App, Fails};
use axum::routing::get;
use axum_oidc_session::AuthSession;
use axum_oidc_session::tower_sessions::Session;

#[tokio::test]
async fn a_sign_in_that_is_refused_says_why() {
    for (fault, code) in [
        (Fault::IdToken(IdTokenFault::WrongIssuer), "id_token_issuer"),
        (Fault::IdToken(IdTokenFault::NonceWrong), "id_token_nonce"),
        (Fault::Token(TokenFault::InvalidClient), "token_endpoint_rejected"),
    ] {
        let (told, builder) = Told::by(App::builder());
        let app = builder.start().await;
        app.op.set_fault(Some(fault));
        assert!(app.browser().sign_in().await.status >= 400);
        assert_eq!(told.codes(), [("sign_in_refused", code)]);
    }
}

/// Whoever watches sees a provider that refuses every first code.
#[tokio::test]
async fn a_code_that_is_refused_says_so_each_time() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
    let browser = app.browser();
    let retry = browser.sign_in().await;
    let refused = ("sign_in_refused", "token_endpoint_rejected");
    assert_eq!(told.codes(), [refused]);
    app.op.set_fault(None);
    let callback = browser.authorize(&retry).await;
    browser.navigate(&callback).await;
    assert_eq!(told.codes(), [("signed_in", "")]);
}

#[tokio::test]
async fn an_attempt_that_is_used_again_is_a_replay() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let copy = browser.copy();
    assert_eq!(browser.navigate(&callback).await.status, 303);
    assert_eq!(told.codes(), [("signed_in", "")]);
    assert_eq!(copy.navigate(&callback).await.status, 400);
    assert_eq!(told.codes(), [("replay_seen", "login_attempt_used")]);
}

#[tokio::test]
async fn a_logout_token_that_is_refused_says_why() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let browser = app.browser();
    let reply = browser.send("POST", "/auth/backchannel-logout", &form, "logout_token=a.b.c");
    assert_eq!(reply.await.status, 400);
    let codes = told.codes();
    assert_eq!(codes.len(), 1);
    assert_eq!(codes[0].0, "logout_token_refused");
    assert!(codes[0].1.starts_with("jwt_"), "{codes:?}");
}

#[tokio::test]
async fn another_site_is_told_of() {
    let (told, builder) = Told::by(App::builder());
    let app = builder.start().await;
    let browser = app.signed_in().await;
    told.events();
    for path in ["/api/act", "/auth/logout"] {
        let headers = [("sec-fetch-site", "cross-site")];
        assert_eq!(browser.send("POST", path, &headers, "").await.status, 403);
        assert_eq!(told.codes(), [("cross_site_request", "cross_site_fetch")], "{path}");
    }
}

#[tokio::test]
async fn a_refresh_that_fails_is_told_once_for_all_who_wait() {
    for builder in stores() {
        let (told, builder) = Told::by(builder);
        let app = builder.start().await;
        let browser = app.signed_in().await;
        told.events();
        app.later(300);
        let reply = BrokenReply::ServiceUnavailable;
        app.op.set_fault(Some(Fault::Reply(Endpoint::TokenRefreshToken, reply)));
        let many = (0..8).map(|_| browser.fetch("/api/token"));
        for reply in futures_util::future::join_all(many).await {
            assert_eq!(reply.status, 503);
        }
        let down = ("provider_unavailable", "token_endpoint");
        assert_eq!(told.codes(), [down, ("refresh_failed", "provider_unavailable")]);
        assert_eq!(app.calls().refresh, 1);
        app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
        app.later(1);
        assert_eq!(browser.fetch("/api/token").await.status, 401);
        let up = ("provider_available", "token_endpoint");
        assert_eq!(told.codes(), [up, ("refresh_failed", "refresh_rejected")]);
    }
}

/// What can't change any more is told when it comes so far, and costs the store nothing but reading.
#[tokio::test]
async fn a_refresh_token_that_is_given_up_is_told_once() {
    let lost = Fault::Reply(Endpoint::TokenRefreshToken, BrokenReply::Close);
    let down = ("provider_unavailable", "token_endpoint");
    let unavailable = ("refresh_failed", "provider_unavailable");
    let cases = [
        (None, 0, "missing_refresh_token", vec![]),
        (
            Some(Fault::Token(TokenFault::InvalidGrant)),
            1,
            "refresh_rejected",
            vec![("refresh_failed", "refresh_rejected")],
        ),
        (
            Some(lost),
            3,
            "refresh_answer_lost",
            vec![down, unavailable, unavailable, ("refresh_failed", "refresh_answer_lost")],
        ),
    ];
    for (fault, tries, code, events) in cases {
        for builder in stores() {
            let (told, builder) = Told::by(builder);
            let app = builder.start().await;
            app.op.omit_refresh_token(fault.is_none());
            let browser = app.signed_in().await;
            told.events();
            app.op.set_fault(fault);
            // Due, and still valid: the old one is handed out.
            app.later(250);
            for _ in 0..5 {
                assert_eq!(browser.fetch("/api/token").await.status, 200, "{code}");
                app.later(1);
            }
            assert_eq!(told.codes(), events, "{code}");
            assert_eq!(app.calls().refresh, tries.min(2), "{code}");
            app.later(50);
            app.settled().await;
            let writes = app.store.as_ref().map(|store| store.writes());
            for _ in 0..5 {
                let reply = browser.fetch("/api/token").await;
                assert_eq!(reply.refusal(), (401, code.to_owned()));
            }
            assert_eq!(told.codes(), [], "{code}");
            app.settled().await;
            assert_eq!(app.store.as_ref().map(|store| store.writes()), writes, "{code}");
        }
    }
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_signs_nobody_out() {
    let (told, builder) = Told::by(App::builder().sealed_store());
    let app = builder.start().await;
    let browser = app.signed_in().await;
    told.events();
    app.store().fail(Fails::Everything);
    assert_eq!(browser.fetch("/api/me").await.status, 503);
    app.store().fail(Fails::Nothing);
    assert_eq!(told.codes(), [("store_unavailable", "")]);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    assert_eq!(told.codes(), []);
}

/// Another node has saved the session meanwhile.
#[tokio::test]
async fn a_save_that_comes_second_is_a_conflict() {
    let (told, builder) = Told::by(App::builder().sealed_store());
    let app = builder.start().await;
    let browser = app.signed_in().await;
    told.events();
    app.later(300);
    // The first save is done, but the store cannot say so.
    app.store().lose_answers(1);
    assert_eq!(browser.fetch("/api/token").await.status, 503);
    app.later(5);
    app.settled().await;
    assert_eq!(browser.fetch("/api/token").await.status, 200);
    app.settled().await;
    let codes = told.codes();
    assert!(codes.contains(&("store_unavailable", "")), "{codes:?}");
    assert!(codes.contains(&("store_conflict", "")), "{codes:?}");
}

/// The handler's own data: it is told of the failure, and so is the operator.
#[tokio::test]
async fn a_store_that_takes_no_application_data_is_told() {
    let app = App::builder().sealed_store().start().await;
    let told = Told::default();
    let listening = told.clone();
    // Another value each time: data that did not change are not saved.
    let set = async |session: Session, _: AuthSession| {
        let count: u32 = session.get("n").await.unwrap().unwrap_or(0);
        let saved = async {
            session.insert("n", count + 1).await?;
            session.save().await
        };
        saved.await.map_or_else(|error| error.to_string(), |()| "saved".to_owned())
    };
    let node = app.node_with(
        move |auth| listening.listen(auth).application_data(true),
        move |router| router.route("/set", get(set)),
    );
    let node = node.await;
    let browser = node.serve(&app.signed_in().await);
    assert_eq!(browser.fetch("/set").await.text(), "saved");
    assert_eq!(told.codes(), []);
    app.store().fail(Fails::Writes);
    let text = browser.fetch("/set").await.text();
    assert!(text.contains("store_unavailable"), "{text}");
    let codes = told.codes();
    assert!(
        !codes.is_empty() && codes.iter().all(|code| *code == ("store_unavailable", "")),
        "{codes:?}"
    );
    app.store().fail(Fails::Nothing);
    assert_eq!(browser.fetch("/set").await.text(), "saved");
}
