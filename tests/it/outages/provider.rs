//! The provider is away, comes and goes, answers a byte at a time, changes its keys.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use axum::{Router, http::header::COOKIE};
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, OldKey};
use axum_oidc_session::{AuthSession, HttpClientSettings, MemoryStore, OidcAuth, TestSession};
use tower::ServiceExt as _;

use super::line::Line;
use super::{for_a_day, is_signed_in, refused_login};
use crate::layer::stores;
use crate::support::App;

#[tokio::test]
async fn an_hour_without_it_signs_nobody_out() {
    for builder in stores() {
        let (mut line, builder) = Line::before(builder).await;
        let app = for_a_day(builder.start().await);
        let (present, absent) = (app.signed_in().await, app.signed_in().await);
        line.cut().await;
        for minute in 1..=60 {
            app.later(60);
            is_signed_in(&present).await;
            let token = present.fetch("/api/token").await;
            match minute {
                // The access token is good for five minutes.
                0..5 => assert_eq!(token.status, 200, "{minute}"),
                _ => assert_eq!(token.refusal(), (503, "provider_unavailable".to_owned())),
            }
            // The metadata is fresh for a while; then nothing begins.
            let login = app.browser().navigate("/auth/login").await;
            assert!([303, 503].contains(&login.status), "{minute}: {}", login.status);
        }
        line.mend().await;
        app.later(60);
        for browser in [&present, &absent] {
            is_signed_in(browser).await;
            assert_eq!(browser.fetch("/api/token").await.status, 200);
        }
        app.signed_in().await;
        assert_eq!(app.calls().refresh, 2, "each token was spent once");
    }
}

#[tokio::test]
async fn coming_and_going_it_costs_nobody_a_session() {
    for builder in stores() {
        let (mut line, builder) = Line::before(builder).await;
        let app = for_a_day(builder.start().await);
        let browser = app.signed_in().await;
        let (mut tokens, mut refused) = (0, 0);
        for round in 0..60 {
            match round % 2 {
                0 => line.cut().await,
                _ => line.mend().await,
            }
            app.later(100);
            is_signed_in(&browser).await;
            let reply = browser.fetch("/api/token").await;
            if reply.status == 200 {
                tokens += 1;
            } else {
                assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
                refused += 1;
            }
        }
        assert!(tokens >= 30, "{tokens} tokens, {refused} refused");
        app.later(60);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        app.signed_in().await;
    }
}

/// Bytes that keep coming are no answer: the limit is for the whole of it.
#[tokio::test]
async fn an_answer_that_drips_is_given_up_in_time() {
    let limit = Duration::from_secs(1);
    let impatient = HttpClientSettings::default().timeout(limit);
    let app = App::builder().configure(move |auth| auth.http_client(impatient)).start().await;
    let app = for_a_day(app);
    let browser = app.signed_in().await;
    app.later(300);
    for endpoint in [Endpoint::TokenRefreshToken, Endpoint::Jwks, Endpoint::Discovery] {
        app.op.set_fault(Some(Fault::Reply(endpoint, BrokenReply::Drip)));
        let begin = SystemClock.monotonic();
        match endpoint {
            Endpoint::TokenRefreshToken => {
                let reply = browser.fetch("/api/token").await;
                assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
            }
            _ => {
                // The documents are old: both are asked for in the background, and what is there serves.
                app.later(86_000);
                app.settled().await;
            }
        }
        assert!(SystemClock.monotonic() - begin < 8 * limit, "{endpoint:?}");
        app.op.set_fault(None);
    }
    app.later(60);
    app.signed_in().await;
}

#[tokio::test]
async fn keys_that_change_twice_in_a_minute_refuse_nobody() {
    for builder in stores() {
        let app = for_a_day(builder.start().await);
        let browser = app.signed_in().await;
        for old in [OldKey::Kept, OldKey::Dropped, OldKey::Kept, OldKey::Dropped] {
            app.later(20);
            app.op.rotate_keys(old).unwrap();
            app.signed_in().await;
            is_signed_in(&browser).await;
        }
        app.later(300);
        app.op.rotate_keys(OldKey::Dropped).unwrap();
        assert_eq!(browser.fetch("/api/token").await.status, 200, "its new ID Token is verified");
    }
}

/// A name that no resolver knows: a reserved one (RFC 6761 section 6.4).
#[tokio::test]
async fn a_provider_whose_name_is_not_known_is_one_that_is_down() {
    let auth = OidcAuth::builder("https://op.invalid", "client")
        .client_secret("secret")
        .base_url("http://127.0.0.1:3000")
        .store(MemoryStore::default())
        .build()
        .unwrap();
    let me = get(async |session: AuthSession| session.claims().sub().to_owned());
    let app = Router::new().route("/me", me).layer(auth.layer()).merge(auth.routes());
    let cookie = TestSession::new("ada").store_at(&auth).await;
    for _ in 0..2 {
        let login = Request::get("/auth/login").header("host", "127.0.0.1:3000");
        let login = login.header("accept", "text/html");
        let login = app.clone().oneshot(login.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(login.status(), 503);
        assert!(login.headers().contains_key("retry-after"));
        let me = Request::get("/me").header(COOKIE, &cookie).body(Body::empty()).unwrap();
        assert_eq!(app.clone().oneshot(me).await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_login_is_told_when_to_come_again() {
    let app = App::start().await;
    app.op.set_down(true);
    let mut longest = 0;
    for _ in 0..20 {
        let (code, wait) = refused_login(&app).await;
        assert_eq!(code, "provider_unavailable");
        assert!((1..=30).contains(&wait), "{wait}");
        longest = longest.max(wait);
        app.later(wait);
    }
    assert_eq!(longest, 30, "the longest pause");
    app.op.set_down(false);
    app.later(60);
    app.signed_in().await;
}
