//! A refreshed ID Token continues the login's, or the session ends (OpenID Connect Core 12.2, ceiling rule 10).

use std::time::Duration;

use axum::Json;
use axum::routing::get;
use axum_oidc_session::dev_provider::{
    BrokenReply, Endpoint, Fault, IdTokenFault, OldKey, RefreshFault,
};
use axum_oidc_session::{AuthSession, UserInfoRequestError};
use futures_util::future::join_all;
use serde_json::json;

use super::{access_token, during_refresh, newest_refresh_token, token};
use crate::events::Told;
use crate::layer::stores;
use crate::logs::Log;
use crate::support::{App, AppBuilder, Fails, NOW, pause, until};

/// What a refreshed ID Token can get wrong, with the code of the log.
const FAULTS: [(Fault, &str); 7] = [
    (Fault::Refresh(RefreshFault::OtherSub), "refreshed_id_token_subject"),
    (Fault::Refresh(RefreshFault::OtherIssuer), "id_token_issuer"),
    (Fault::Refresh(RefreshFault::OtherAudience), "id_token_audience"),
    (Fault::Refresh(RefreshFault::OtherNonce), "id_token_nonce"),
    (Fault::Refresh(RefreshFault::EarlierAuthTime), "refreshed_id_token_auth_time"),
    (Fault::IdToken(IdTokenFault::BadSignature), "id_token_signature"),
    (Fault::IdToken(IdTokenFault::AtHashWrong), "id_token_at_hash"),
];

/// The provider has just described somebody else: nothing of the session is left, and the end is one like any other.
#[tokio::test]
async fn another_identity_ends_the_session() {
    for (fault, code) in FAULTS {
        for builder in stores() {
            let (told, builder) = Told::by(with_user_info(builder));
            let app = builder.start().await;
            let log = Log::capture();
            let browser = app.signed_in().await;
            told.events();
            let (parallel, userinfo) = (browser.copy(), app.calls().userinfo);
            app.later(250);
            app.op.set_fault(Some(fault));
            // The old access token has 50 s left.
            let reply = token(&browser).await;
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{fault:?}");
            assert_eq!(reply.json()["reason"], "continuity");
            assert_eq!(reply.json()["login_url"], format!("{}/auth/login", app.base()));
            assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(0), "{fault:?}");
            app.op.set_fault(None);
            for path in ["/api/token", "/api/userinfo", "/api/me"] {
                let after = parallel.copy().fetch(path).await;
                assert_eq!(after.refusal(), (401, "session_expired".to_owned()), "{path}");
                let after = browser.fetch(path).await;
                assert_eq!(after.refusal(), (401, "session_expired".to_owned()), "{path}");
                assert_eq!(after.json()["reason"], "continuity");
            }
            app.settled().await;
            assert_eq!((app.calls().refresh, app.calls().userinfo), (1, userinfo));
            assert_eq!(app.op.revoked_tokens(), [newest_refresh_token(&app)]);
            assert_eq!(told.codes()[0], ("session_ended", "continuity"));
            assert!(log.text().contains(code), "{code}: {}", log.text());
            assert!(log.text().contains("reason=continuity"), "{}", log.text());
            if let Some(store) = &app.store {
                assert!(store.stored().is_empty(), "the record is still there");
            }
        }
    }
}

/// As the OpenID conformance suite's refresh-token modules have it; a provider that gives no `expires_in` is asked on demand.
#[tokio::test]
async fn the_refresh_modules_of_the_conformance_suite() {
    let modules = [
        ("refresh-token", None),
        ("refresh-token-invalid-issuer", Some(RefreshFault::OtherIssuer)),
        ("refresh-token-invalid-sub", Some(RefreshFault::OtherSub)),
    ];
    for (module, fault) in modules {
        for has_expires_in in [true, false] {
            for builder in stores() {
                let app = with_user_info(builder).start().await;
                app.op.omit_expires_in(!has_expires_in);
                let browser = app.signed_in().await;
                let old = access_token(&browser).await;
                app.op.set_fault(fault.map(Fault::Refresh));
                app.later(2);
                let before = app.calls().userinfo;
                let refreshed = browser.post("/api/refresh").await;
                let userinfo = browser.fetch("/api/userinfo").await;
                assert_eq!(app.calls().refresh, 1, "{module}");
                if fault.is_none() {
                    assert_eq!(refreshed.status, 200, "{module}: {}", refreshed.text());
                    assert_ne!(refreshed.json()["access_token"], old);
                    let stated = refreshed.json()["stated_expiry"].as_i64();
                    assert_eq!(stated, has_expires_in.then_some(NOW + 302));
                    assert_eq!(userinfo.status, 200, "{module}: {}", userinfo.text());
                    continue;
                }
                for reply in [refreshed, userinfo] {
                    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()), "{module}");
                    assert_eq!(reply.json()["reason"], "continuity", "{module}");
                }
                assert_eq!(app.calls().userinfo, before, "{module}: UserInfo was called");
            }
        }
    }
}

/// Keys that can't be had now say nothing about the token.
#[tokio::test]
async fn keys_that_cannot_be_fetched_end_nothing() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let old = access_token(&browser).await;
        app.op.rotate_keys(OldKey::Dropped).unwrap();
        app.op.set_fault(Some(Fault::Reply(Endpoint::Jwks, BrokenReply::ServiceUnavailable)));
        app.later(250);
        assert_eq!(access_token(&browser).await, old, "while it is good");
        app.later(50);
        assert_eq!(token(&browser).await.refusal(), (503, "provider_unavailable".to_owned()));
        assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives");
        app.op.set_fault(None);
        app.later(60);
        assert_ne!(access_token(&browser).await, old);
        app.settled().await;
        assert_eq!(app.calls().revocation, 0);
    }
}

/// A clock that is wrong, ours or the provider's, locks users out only while it is (ceiling rule 15).
#[tokio::test]
async fn times_that_do_not_fit_our_clock_end_nothing() {
    let times = [
        ("exp", NOW - 3_600, "id_token_expired"),
        ("nbf", NOW + 3_600, "id_token_not_yet_valid"),
        ("iat", NOW + 3_600, "id_token_issued_in_future"),
        ("iat", NOW - 3_600, "id_token_issued_too_long_ago"),
        ("auth_time", NOW + 3_600, "id_token_auth_time_in_future"),
    ];
    for (name, time, code) in times {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let old = access_token(&browser).await;
            app.op.set_id_token_claim(name, json!(time));
            app.later(250);
            assert_eq!(access_token(&browser).await, old, "{code}: while it is good");
            app.later(50);
            let log = Log::capture();
            let refused = token(&browser).await;
            assert_eq!(refused.refusal(), (503, "provider_unavailable".to_owned()), "{code}");
            assert!(log.text().contains(code), "{code}: {}", log.text());
            assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives");
            app.op.clear_id_token_claims();
            app.later(60);
            assert_ne!(access_token(&browser).await, old, "{code}");
            app.settled().await;
            assert_eq!(app.calls().revocation, 0);
        }
    }
}

#[tokio::test]
async fn a_wrong_time_excuses_nobody_else() {
    let faults = [RefreshFault::OtherSub, RefreshFault::OtherNonce, RefreshFault::EarlierAuthTime];
    for fault in faults {
        let app = App::start().await;
        let browser = app.signed_in().await;
        app.op.set_id_token_claim("exp", json!(NOW - 3_600));
        app.op.set_fault(Some(Fault::Refresh(fault)));
        app.later(250);
        let refused = token(&browser).await;
        assert_eq!(refused.refusal(), (401, "session_expired".to_owned()), "{fault:?}");
        assert_eq!(refused.json()["reason"], "continuity", "{fault:?}");
    }
}

/// Key ids that are not in the set may be fetched only so often: until then nothing is known.
#[tokio::test]
async fn keys_that_may_not_be_fetched_again_yet_end_nothing() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.op.set_fault(Some(Fault::IdToken(IdTokenFault::BadSignature)));
    for _ in 0..4 {
        app.browser().sign_in().await;
    }
    app.op.set_fault(None);
    app.op.rotate_keys(OldKey::Dropped).unwrap();
    app.clock.advance(Duration::from_millis(10));
    let reply = browser.post("/api/refresh").await;
    assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
    assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives");
    app.later(30);
    assert_eq!(browser.post("/api/refresh").await.status, 200);
}

/// In this process it is over before the store has taken it.
#[tokio::test]
async fn a_store_that_fails_keeps_no_access_token_alive() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    let tab = browser.copy();
    app.later(250);
    app.op.set_fault(Some(Fault::Refresh(RefreshFault::OtherSub)));
    let failing = async || app.store().fail(Fails::Writes);
    let (reply, tab) = tokio::join!(during_refresh(&app, &browser, failing), async {
        until(async || app.op.requests(Endpoint::TokenRefreshToken) == 1).await;
        pause().await;
        pause().await;
        let tab = token(&tab).await;
        app.store().fail(Fails::Nothing);
        pause().await;
        app.later(1);
        tab
    });
    for reply in [reply, tab] {
        assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(reply.json()["reason"], "continuity");
    }
    app.settled().await;
    assert!(app.store().stored().is_empty());
}

/// The routes of the tests, and `/api/userinfo`.
fn with_user_info(builder: AppBuilder) -> AppBuilder {
    let user_info = async |session: AuthSession| {
        let claims: Result<_, UserInfoRequestError> = session.user_info().await.map(Json);
        claims
    };
    builder.assemble(move |auth, router| {
        let router = router.route("/api/userinfo", get(user_info));
        router.layer(auth.layer()).merge(auth.routes())
    })
}

/// A refreshed ID Token needs no nonce, and neither has a logout token: it must not pass for one.
#[tokio::test]
async fn a_logout_token_is_no_refreshed_id_token() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let event = "http://schemas.openid.net/event/backchannel-logout";
    app.op.set_id_token_claim("events", json!({ event: {} }));
    app.later(300);
    let log = Log::capture();
    let reply = token(&browser).await;
    assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
    assert_eq!(reply.json()["reason"], "continuity");
    assert!(log.text().contains("id_token_is_logout_token"), "{}", log.text());
    let refused = app.browser().sign_in().await;
    assert_eq!(refused.refusal(), (403, "id_token_is_logout_token".to_owned()));
}

#[tokio::test]
async fn no_id_token_is_fine() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let before = browser.fetch("/api/me").await.text();
        app.op.set_fault(Some(Fault::Refresh(RefreshFault::NoIdToken)));
        app.later(300);
        access_token(&browser).await;
        assert_eq!(browser.fetch("/api/me").await.text(), before);
    }
}

/// All of them learn of the end by one refresh.
#[tokio::test]
async fn waiters_on_a_refresh_that_ends_the_session_revoke_once() {
    for builder in stores() {
        let (told, builder) = Told::by(builder);
        let app = builder.start().await;
        let browser = app.signed_in().await;
        told.events();
        app.later(250);
        app.op.set_fault(Some(Fault::Refresh(RefreshFault::OtherSub)));
        let tabs: Vec<_> = (0..20).map(|_| browser.copy()).collect();
        for reply in join_all(tabs.iter().map(token)).await {
            assert_eq!(reply.refusal(), (401, "session_expired".to_owned()));
            assert_eq!(reply.json()["reason"], "continuity");
        }
        app.settled().await;
        assert_eq!((app.calls().refresh, app.calls().revocation), (1, 1));
        assert_eq!(app.op.revoked_tokens(), [newest_refresh_token(&app)]);
        assert_eq!(told.codes(), [("session_ended", "continuity")]);
    }
}
