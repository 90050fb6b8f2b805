//! What a refresh does to the ceiling (ceiling rule 10).

use std::time::Duration;

use axum_oidc_session::MalformedPolicy;
use axum_oidc_session::dev_provider::{Fault, RefreshFault, SessionExpiryMode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{access_token, newest_refresh_token, token};
use crate::events::Told;
use crate::layer::{hold_cookies, stores};
use crate::logs::Log;
use crate::support::{App, Browser, Fails, NOW};

async fn ceiling(browser: &Browser) -> (Value, Value) {
    let me = browser.fetch("/api/me").await.json();
    (me["ceiling"].clone(), me["session_expires_at"].clone())
}

#[tokio::test]
async fn earlier_lowers_and_everything_else_leaves_it() {
    let malformed = |text: &str| SessionExpiryMode::Raw(text.to_owned());
    let cases = [
        (SessionExpiryMode::At(NOW + 1_000), NOW + 1_000),
        (SessionExpiryMode::At(NOW + 3_599), NOW + 3_599),
        (SessionExpiryMode::At(NOW + 3_601), NOW + 3_600),
        (SessionExpiryMode::AfterIssue(Duration::from_secs(3_600)), NOW + 3_600),
        (SessionExpiryMode::Absent, NOW + 3_600),
        (malformed("null"), NOW + 3_600),
        (malformed("1893456000000"), NOW + 3_600),
        (malformed("\"1893457000\""), NOW + 3_600),
        (SessionExpiryMode::Twice((NOW + 900).to_string(), (NOW + 901).to_string()), NOW + 3_600),
    ];
    for (mode, expected) in cases {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            app.op.set_refresh_session_expiry(Some(mode.clone()));
            app.later(300);
            let reply = token(&browser).await;
            assert_eq!(reply.status, 200, "{mode:?}: {}", reply.text());
            let expected = (json!(expected), json!(expected - 30));
            assert_eq!(ceiling(&browser).await, expected, "{mode:?}");
            let cookie = reply.set_cookie("app").unwrap();
            let left = expected.1.as_i64().unwrap() - NOW - 300;
            assert_eq!(cookie.max_age, Some(left), "the cookie lives as long: {mode:?}");
            if let Some(store) = &app.store {
                assert_eq!(json!(store.stored()[0].expires_at.seconds()), expected.1);
            }
        }
    }
}

#[tokio::test]
async fn the_cookies_follow_a_lowered_ceiling_at_once() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 1_000)));
    app.later(280);
    assert_eq!(browser.fetch("/public").await.set_cookies().len(), 2, "a touch");
    let reply = token(&browser).await;
    assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(690));
}

#[tokio::test]
async fn an_end_that_has_come_ends_the_session_with_the_refresh() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 330)));
        app.later(300);
        let reply = token(&browser).await;
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(reply.json()["reason"], "ceiling");
        // The marker that the browser had tells of a later end.
        let after = browser.fetch("/api/me").await;
        assert_eq!(after.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(after.json()["reason"], "ceiling");
    }
}

#[tokio::test]
async fn where_there_was_none_it_is_adopted() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.set_session_expiry(SessionExpiryMode::Absent);
        let browser = app.signed_in().await;
        assert_eq!(ceiling(&browser).await.0, Value::Null);
        app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 9_000)));
        app.later(300);
        access_token(&browser).await;
        assert_eq!(ceiling(&browser).await, (json!(NOW + 9_000), json!(NOW + 8_970)));
    }
}

#[tokio::test]
async fn malformed_where_there_was_none_meets_the_policy() {
    for builder in stores() {
        let (sender, mut ended) = mpsc::unbounded_channel();
        let app = builder
            .configure(move |auth| {
                auth.on_session_ended(move |ended| {
                    let sender = sender.clone();
                    async move { sender.send(ended.reason.code()).unwrap() }
                })
            })
            .start()
            .await;
        app.op.set_session_expiry(SessionExpiryMode::Absent);
        let browser = app.signed_in().await;
        app.op.set_refresh_session_expiry(Some(SessionExpiryMode::Raw("null".to_owned())));
        app.later(300);
        assert_eq!(token(&browser).await.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(browser.fetch("/api/me").await.code(), "session_expired");
        app.settled().await;
        assert_eq!(ended.try_recv().unwrap(), "malformed_session_expiry");
        assert!(ended.try_recv().is_err());
    }
    for builder in stores() {
        let cap = MalformedPolicy::Cap(Duration::from_secs(500));
        let app = builder.configure(move |auth| auth.malformed_session_expiry(cap)).start().await;
        app.op.set_session_expiry(SessionExpiryMode::Absent);
        let browser = app.signed_in().await;
        app.op.set_refresh_session_expiry(Some(SessionExpiryMode::Raw("null".to_owned())));
        app.later(300);
        access_token(&browser).await;
        assert_eq!(ceiling(&browser).await, (json!(NOW + 800), json!(NOW + 770)));
    }
}

#[tokio::test]
async fn a_response_without_an_id_token_says_nothing() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.op.set_fault(Some(Fault::Refresh(RefreshFault::NoIdToken)));
    app.later(300);
    access_token(&browser).await;
    assert_eq!(ceiling(&browser).await.0, json!(NOW + 3_600));
}

#[tokio::test]
async fn the_claim_is_shown_as_it_was_asserted_at_the_login() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 1_000)));
    app.later(300);
    access_token(&browser).await;
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["claims"]["session_expiry"], NOW + 3_600);
}

#[tokio::test]
async fn a_malformed_claim_ends_the_session_even_if_it_cannot_be_deleted() {
    let app = App::builder().sealed_store().start().await;
    app.op.set_session_expiry(SessionExpiryMode::Absent);
    app.op.set_refresh_session_expiry(Some(SessionExpiryMode::Raw("null".to_owned())));
    app.op.set_access_token_lifetime(Duration::from_secs(100));
    let browser = app.signed_in().await;
    app.later(100);
    app.store().fail(Fails::Deletes);
    assert_eq!(browser.fetch("/api/token").await.status, 401);
    app.settled().await;
    app.store().fail(Fails::Nothing);
    let reply = browser.fetch("/api/me").await;
    assert_eq!(reply.status, 401, "{}", reply.text());
}

/// Event, line of the log, revocation of the newest refresh token, record deleted, cookie removed.
#[tokio::test]
async fn a_session_that_ends_in_a_refresh_ends_like_any_other() {
    let cases = [
        (
            SessionExpiryMode::AfterIssue(Duration::from_secs(3_600)),
            NOW + 280,
            "ceiling",
            "ceiling",
        ),
        (SessionExpiryMode::Absent, 0, "malformed_session_expiry", "malformed_session_expiry"),
    ];
    for (at_login, lowered, reason, code) in cases {
        for builder in stores() {
            let (told, builder) = Told::by(builder);
            let app = builder.start().await;
            app.op.set_session_expiry(at_login.clone());
            let log = Log::capture();
            let browser = app.signed_in().await;
            told.events();
            app.op.set_refresh_session_expiry(Some(match lowered {
                0 => SessionExpiryMode::Raw("null".to_owned()),
                end => SessionExpiryMode::At(end),
            }));
            app.later(250);
            // The old access token has 50 s left.
            let reply = token(&browser).await;
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{reason}");
            assert_eq!(reply.json()["reason"], reason);
            assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(0), "{reason}");
            assert_eq!(browser.fetch("/api/me").await.json()["reason"], reason);
            app.settled().await;
            assert_eq!(told.codes(), [("session_ended", code)]);
            let text = log.text();
            let line = text.lines().find(|line| line.contains("event=session_ended")).unwrap();
            assert!(line.starts_with("INFO") && line.contains(code), "{line}");
            assert_eq!(app.op.revoked_tokens(), [newest_refresh_token(&app)], "{reason}");
            if let Some(store) = &app.store {
                assert!(store.stored().is_empty(), "{reason}: the record is still there");
            }
        }
    }
}
