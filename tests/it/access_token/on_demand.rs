//! A refresh that the application asks for: once for all who ask, at most one a second, with and without `expires_in`.

use std::collections::HashSet;
use std::time::Duration;

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, TokenFault};
use futures_util::future::join_all;

use super::{access_token, token};
use crate::layer::stores;
use crate::support::{App, Browser, NOW, Reply};

async fn refresh(browser: &Browser) -> Reply {
    browser.post("/api/refresh").await
}

async fn refreshed(browser: &Browser) -> String {
    let reply = refresh(browser).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_that_is_fresh_is_replaced_all_the_same() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let first = access_token(&browser).await;
        let second = refreshed(&browser).await;
        assert_ne!(first, second);
        assert_eq!(access_token(&browser).await, second);
        app.later(1);
        assert_ne!(refreshed(&browser).await, second);
        assert_eq!(app.calls().refresh, 2);
    }
}

#[tokio::test]
async fn without_expires_in_it_is_the_way_to_another_token() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.omit_expires_in(true);
        let browser = app.signed_in().await;
        let first = access_token(&browser).await;
        app.later(2_000);
        assert_eq!(access_token(&browser).await, first, "the clock says nothing about it");
        let reply = refresh(&browser).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_ne!(reply.json()["access_token"], first);
        assert!(reply.json()["stated_expiry"].is_null());
        assert_eq!(reply.json()["expires_at"], NOW + 3_570, "the session's deadline");
    }
}

#[tokio::test]
async fn within_a_second_the_tokens_that_are_there_are_returned() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.clock.advance(Duration::from_millis(900));
        let first = refreshed(&browser).await;
        for _ in 0..3 {
            app.clock.advance(Duration::from_millis(300));
            assert_eq!(refreshed(&browser).await, first, "another second of the wall clock, too");
        }
        app.clock.advance(Duration::from_millis(100));
        assert_ne!(refreshed(&browser).await, first);
        assert_eq!(app.calls().refresh, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_ask_there_is_one_refresh() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let old = access_token(&browser).await;
        let tokens = join_all((0..30).map(|_| refreshed(&browser))).await;
        let tokens: HashSet<String> = tokens.into_iter().collect();
        assert_eq!((tokens.len(), app.calls().refresh), (1, 1));
        assert!(!tokens.contains(&old));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_two_nodes_there_is_one_refresh() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    let browser = app.signed_in().await;
    let on = [browser.clone(), node.serve(&browser)];
    let all = join_all((0..20).map(|number| refreshed(&on[number % 2])));
    let tokens: HashSet<String> = app.ticking(all).await.into_iter().collect();
    assert_eq!((tokens.len(), app.calls().refresh), (1, 1));
    assert_eq!(refreshed(&on[0]).await, refreshed(&on[1]).await);
    assert_eq!(app.calls().refresh, 1, "the other node's refresh counts for the second");
    app.later(2);
    refreshed(&on[1]).await;
    assert_eq!(app.calls().refresh, 2);
}

#[tokio::test]
async fn one_that_fails_hands_out_nothing_in_its_place() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let first = access_token(&browser).await;
        app.op.set_fault(Some(Fault::Reply(
            Endpoint::TokenRefreshToken,
            BrokenReply::ServiceUnavailable,
        )));
        for _ in 0..5 {
            let reply = refresh(&browser).await;
            assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
        }
        assert_eq!(app.calls().refresh, 1, "the provider is left alone");
        assert_eq!(access_token(&browser).await, first, "who asks for any gets the old one");
        app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
        app.later(1);
        for _ in 0..2 {
            let reply = refresh(&browser).await;
            assert_eq!(reply.refusal(), (401, "refresh_rejected".to_owned()));
        }
        assert_eq!(app.calls().refresh, 2);
    }
}

#[tokio::test]
async fn without_a_refresh_token_it_is_a_401_with_the_way_to_the_login() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.omit_refresh_token(true);
        let browser = app.signed_in().await;
        let login_url = format!("{}/auth/login", app.base());
        let reply = refresh(&browser).await;
        assert_eq!(reply.refusal(), (401, "missing_refresh_token".to_owned()));
        assert_eq!(reply.json()["login_url"], login_url);
        app.later(300);
        let reply = token(&browser).await;
        assert_eq!(reply.refusal(), (401, "missing_refresh_token".to_owned()));
        assert_eq!(reply.json()["login_url"], login_url);
        assert_eq!(app.calls().refresh, 0);
    }
}

#[tokio::test]
async fn past_the_deadline_nothing_is_sent() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(3_570);
        assert_eq!(refresh(&browser).await.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(app.calls().refresh, 0);
    }
}
