//! What the provider's answers mean for the session.

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, TokenFault};

use super::{access_token, token};
use crate::layer::stores;
use crate::support::{App, Browser};

async fn expired(builder: crate::support::AppBuilder) -> (App, Browser) {
    let app = builder.start().await;
    let browser = app.signed_in().await;
    app.later(300);
    (app, browser)
}

fn refresh_reply(reply: BrokenReply) -> Option<Fault> {
    Some(Fault::Reply(Endpoint::TokenRefreshToken, reply))
}

#[tokio::test]
async fn invalid_grant_is_final() {
    for builder in stores() {
        let (app, browser) = expired(builder).await;
        app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
        for _ in 0..3 {
            let reply = token(&browser).await;
            assert_eq!(reply.refusal(), (401, "refresh_rejected".to_owned()));
            let challenge = r#"Session error="refresh_rejected""#;
            assert_eq!(reply.header("www-authenticate"), Some(challenge));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            app.op.set_fault(None);
        }
        assert_eq!(app.calls().refresh, 1, "it is not asked again");
        assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives");
        app.settled().await;
        assert_eq!(app.calls().revocation, 0);
        browser.sign_in().await;
        access_token(&browser).await;
    }
}

#[tokio::test]
async fn a_provider_that_fails_ends_nothing() {
    for reply in [BrokenReply::ServiceUnavailable, BrokenReply::InternalServerError] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let old = access_token(&browser).await;
            app.op.set_fault(refresh_reply(reply));
            app.later(240);
            assert_eq!(access_token(&browser).await, old, "while it is good");
            app.later(59);
            assert_eq!(access_token(&browser).await, old);
            app.later(1);
            // However often: a token that was answered is not lost.
            for _ in 0..3 {
                let reply = token(&browser).await;
                assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
                assert_eq!(reply.header("retry-after"), Some("5"));
                app.later(30);
            }
            assert_eq!(browser.fetch("/api/me").await.status, 200);
            app.op.set_fault(None);
            assert_ne!(access_token(&browser).await, old);
        }
    }
}

#[tokio::test]
async fn a_reply_that_is_lost_is_asked_for_once_more_at_most() {
    let lost = [BrokenReply::Close, BrokenReply::GatewayTimeout];
    for (builder, reply) in lost.into_iter().flat_map(|reply| stores().map(move |one| (one, reply)))
    {
        let (app, browser) = expired(builder).await;
        app.op.set_fault(refresh_reply(reply));
        for refreshes in [1, 2] {
            assert_eq!(token(&browser).await.refusal(), (503, "provider_unavailable".to_owned()));
            assert_eq!(app.calls().refresh, refreshes);
            app.later(2);
        }
        app.op.set_fault(None);
        for _ in 0..2 {
            assert_eq!(token(&browser).await.refusal(), (401, "refresh_answer_lost".to_owned()));
        }
        assert_eq!(app.calls().refresh, 2);
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        let sent = app.op.last_request(Endpoint::TokenRefreshToken).unwrap();
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        app.settled().await;
        assert_eq!(app.op.revoked_tokens(), [sent.parameter("refresh_token").unwrap()]);
    }
}

#[tokio::test]
async fn after_a_lost_reply_the_old_token_is_sent_and_its_refusal_is_final() {
    for builder in stores() {
        let (app, browser) = expired(builder).await;
        app.op.set_fault(refresh_reply(BrokenReply::Close));
        assert_eq!(token(&browser).await.status, 503);
        app.later(1);
        app.op.set_fault(None);
        for _ in 0..2 {
            assert_eq!(token(&browser).await.refusal(), (401, "refresh_rejected".to_owned()));
        }
        assert_eq!(app.calls().refresh, 2);
    }
}

/// Two requests at once do not spend both tries in one moment.
#[tokio::test]
async fn a_provider_that_gave_no_answer_is_left_alone_for_a_while() {
    for reply in [BrokenReply::ServiceUnavailable, BrokenReply::Close] {
        for builder in stores() {
            let (app, browser) = expired(builder).await;
            app.op.set_fault(refresh_reply(reply));
            for refreshes in [1, 2] {
                for _ in 0..5 {
                    let refusal = token(&browser).await.refusal();
                    assert_eq!(refusal, (503, "provider_unavailable".to_owned()));
                }
                assert_eq!(app.calls().refresh, refreshes, "{reply:?}");
                app.later(1);
            }
            // The second pause is of two seconds.
            token(&browser).await;
            assert_eq!(app.calls().refresh, 2, "{reply:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_named() {
    let cases = [
        (refresh_reply(BrokenReply::Html), "token_response_html"),
        (refresh_reply(BrokenReply::Redirect), "token_response_redirect"),
        (refresh_reply(BrokenReply::Huge), "token_response_too_large"),
    ];
    for (fault, code) in cases {
        let (app, browser) = expired(App::builder()).await;
        app.op.set_fault(fault);
        let reply = token(&browser).await;
        assert_eq!(reply.refusal(), (502, "invalid_refresh_response".to_owned()), "{code}");
        let description = reply.json()["error_description"].as_str().unwrap().to_owned();
        assert!(description.contains(code), "{description}");
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        assert_eq!(app.calls().redirect_target, 0);
    }
}

#[tokio::test]
async fn without_a_refresh_token_a_new_login_is_needed() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.omit_refresh_token(true);
        let browser = app.signed_in().await;
        app.later(299);
        access_token(&browser).await;
        app.later(1);
        assert_eq!(token(&browser).await.refusal(), (401, "missing_refresh_token".to_owned()));
        assert_eq!(browser.fetch("/api/me").await.status, 200);
        assert_eq!(app.calls().refresh, 0);
    }
}

#[tokio::test]
async fn a_response_without_a_refresh_token_keeps_the_one_it_was_got_with() {
    let (app, browser) = expired(App::builder()).await;
    app.op.omit_refresh_token(true);
    for refreshes in [1, 2] {
        access_token(&browser).await;
        assert_eq!(app.calls().refresh, refreshes);
        app.later(300);
    }
}
