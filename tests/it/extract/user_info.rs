//! `AuthSession::user_info`: asked at the provider with the session's access token, each failure with its answer.

use std::time::Duration;

use axum::Json;
use axum::routing::get;
use axum_oidc_session::dev_provider::{
    BrokenReply, Endpoint, Fault, MetadataFault, TokenFault, UserInfoFault,
};
use axum_oidc_session::{AuthSession, Claims, UserInfoRequestError};

use crate::support::App;

async fn user_info(session: AuthSession) -> Result<Json<Claims>, UserInfoRequestError> {
    session.user_info().await.map(Json)
}

async fn app() -> App {
    App::builder()
        .assemble(|auth, router| {
            let router = router.route("/api/userinfo", get(user_info));
            router.layer(auth.layer()).merge(auth.routes())
        })
        .start()
        .await
}

#[tokio::test]
async fn the_provider_is_asked_each_time() {
    let app = app().await;
    let browser = app.signed_in().await;
    let before = app.calls().userinfo;
    for asked in 1..=2 {
        let reply = browser.fetch("/api/userinfo").await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.json()["email"], "ada@example.com");
        assert_eq!(app.calls().userinfo, before + asked);
    }
}

#[tokio::test]
async fn a_due_access_token_is_refreshed_first() {
    let app = app().await;
    let browser = app.signed_in().await;
    app.later(301);
    assert_eq!(browser.fetch("/api/userinfo").await.status, 200);
    assert_eq!(app.calls().refresh, 1);
}

#[tokio::test]
async fn what_the_provider_does_wrong_is_502_or_503() {
    let reply = |broken| Fault::Reply(Endpoint::UserInfo, broken);
    let cases = [
        (Fault::UserInfo(UserInfoFault::WrongSub), 502, "invalid_userinfo_response"),
        (Fault::UserInfo(UserInfoFault::MissingSub), 502, "invalid_userinfo_response"),
        (Fault::UserInfo(UserInfoFault::Unauthorized), 502, "invalid_userinfo_response"),
        (reply(BrokenReply::Redirect), 502, "invalid_userinfo_response"),
        (reply(BrokenReply::Html), 502, "invalid_userinfo_response"),
        (reply(BrokenReply::NotJson), 502, "invalid_userinfo_response"),
        (reply(BrokenReply::InternalServerError), 503, "provider_unavailable"),
        (reply(BrokenReply::ServiceUnavailable), 503, "provider_unavailable"),
        (reply(BrokenReply::Close), 503, "provider_unavailable"),
    ];
    let app = app().await;
    let browser = app.signed_in().await;
    for (fault, status, code) in cases {
        app.op.set_fault(Some(fault));
        let reply = browser.fetch("/api/userinfo").await;
        assert_eq!(reply.refusal(), (status, code.to_owned()), "{fault:?}");
        assert_eq!(reply.header("retry-after").is_some(), status == 503, "{fault:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    app.op.set_fault(None);
    assert_eq!(browser.fetch("/api/userinfo").await.status, 200, "the session lives on");
}

#[tokio::test]
async fn a_provider_without_user_info_is_502() {
    let app = app().await;
    app.op.set_fault(Some(Fault::Metadata(MetadataFault::NoUserInfoEndpoint)));
    let browser = app.signed_in().await;
    let reply = browser.fetch("/api/userinfo").await;
    assert_eq!(reply.refusal(), (502, "userinfo_no_endpoint".to_owned()));
    assert_eq!(app.calls().userinfo, 0);
}

#[tokio::test]
async fn without_an_access_token_the_answer_is_that_errors() {
    let app = app().await;
    let browser = app.signed_in().await;
    let before = app.calls().userinfo;
    app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
    app.later(301);
    let reply = browser.fetch("/api/userinfo").await;
    assert_eq!(reply.refusal(), (401, "refresh_rejected".to_owned()));
    assert_eq!(app.calls().userinfo, before);
}

/// The provider has withdrawn the access token before its time.
#[tokio::test]
async fn after_a_401_there_is_one_refresh_and_one_more_call() {
    let app = app().await;
    let browser = app.signed_in().await;
    let before = app.calls().userinfo;
    app.op.set_fault(Some(Fault::UserInfo(UserInfoFault::Unauthorized)));
    let reply = browser.fetch("/api/userinfo").await;
    assert_eq!(reply.refusal(), (502, "invalid_userinfo_response".to_owned()));
    assert_eq!((app.calls().userinfo - before, app.calls().refresh), (2, 1));
    app.op.set_fault(None);
    app.op.revoke_access_tokens("ada");
    app.later(2);
    assert_eq!(browser.fetch("/api/userinfo").await.status, 200);
    assert_eq!((app.calls().userinfo - before, app.calls().refresh), (4, 2));
    // All that the user granted is gone: only a login helps.
    app.op.revoke_grants("ada");
    app.later(2);
    let reply = browser.fetch("/api/userinfo").await;
    assert_eq!(reply.refusal(), (401, "refresh_rejected".to_owned()));
    assert_eq!(reply.json()["login_url"], format!("{}/auth/login", app.base()));
}

/// Another request has replaced the token that was refused, and that one has expired by the time of the 401.
#[tokio::test]
async fn after_a_401_a_newer_token_that_has_expired_is_replaced() {
    let app = app().await;
    let browser = app.signed_in().await;
    let tab = browser.copy();
    app.op.revoke_access_tokens("ada");
    app.op.set_access_token_lifetime(Duration::from_secs(2));
    app.op.set_delay(Endpoint::UserInfo, Duration::from_secs(10));
    let before = app.calls().userinfo;
    let meanwhile = async {
        while app.calls().userinfo == before {
            tokio::task::yield_now().await;
        }
        assert_eq!(tab.post("/api/refresh").await.status, 200);
        app.op.set_access_token_lifetime(Duration::from_secs(300));
        app.op.set_delay(Endpoint::UserInfo, Duration::ZERO);
        app.later(10);
    };
    let (reply, ()) = tokio::join!(browser.fetch("/api/userinfo"), meanwhile);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(app.calls().refresh, 2);
}

/// Ceiling rule 9: checked again after every await.
#[tokio::test]
async fn an_answer_that_comes_after_the_deadline_is_handed_out_to_nobody() {
    let app = app().await;
    let browser = app.signed_in().await;
    app.op.set_access_token_lifetime(Duration::from_secs(7_200));
    app.later(3_560);
    assert_eq!(browser.fetch("/api/userinfo").await.status, 200);
    let before = app.calls().userinfo;
    app.op.set_delay(Endpoint::UserInfo, Duration::from_secs(10));
    let deadline_passes = async {
        while app.calls().userinfo == before {
            tokio::task::yield_now().await;
        }
        app.later(10);
    };
    let (reply, ()) = tokio::join!(browser.fetch("/api/userinfo"), deadline_passes);
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
    assert_eq!(reply.json()["reason"], "ceiling");
}
