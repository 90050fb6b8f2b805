//! Both sides of every limit, for every kind of request (ceiling rules 4, 7 and 8).

use std::time::Duration;

use axum_oidc_session::StoredSession;
use axum_oidc_session::clock::UnixTime;
use axum_oidc_session::dev_provider::SessionExpiryMode;

use super::{Count, NAVIGATION, hold_cookies, stores};
use crate::support::{App, Fails, Reply};

type Headers = &'static [(&'static str, &'static str)];

const IFRAME: Headers =
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"), ("accept", "text/html")];
const FETCH: Headers = &[("sec-fetch-mode", "cors"), ("accept", "application/json")];
const PREFETCH: Headers = &[
    ("sec-purpose", "prefetch"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    ("accept", "text/html"),
];
const WEBSOCKET: Headers = &[("upgrade", "websocket"), ("connection", "upgrade")];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Login,
    Page,
    Json,
    /// 401 without a body.
    Head,
}

const KINDS: [(&str, Headers, Expected); 9] = [
    ("GET", &NAVIGATION, Expected::Login),
    ("GET", &[("accept", "text/html,*/*;q=0.8")], Expected::Login),
    ("GET", FETCH, Expected::Json),
    ("GET", &[("accept", "*/*")], Expected::Json),
    ("POST", &NAVIGATION, Expected::Page),
    ("GET", IFRAME, Expected::Page),
    ("HEAD", &NAVIGATION, Expected::Head),
    ("GET", PREFETCH, Expected::Json),
    ("GET", WEBSOCKET, Expected::Json),
];

#[tokio::test]
async fn live_31_seconds_before_the_ceiling_and_over_30_before() {
    for builder in stores() {
        let count = Count::default();
        let app = count.route(builder).start().await;
        for (index, (method, headers, expected)) in (0..).zip(KINDS) {
            let browser = app.signed_in().await;
            hold_cookies(&browser);
            app.later(3_600 - 31);
            let live = browser.send(method, "/counted?a=b", headers, "").await;
            assert_eq!((live.status, count.get()), (200, index + 1), "{method} {headers:?}");
            hold_cookies(&browser);
            app.later(1);
            let over = browser.send(method, "/counted?a=b", headers, "").await;
            check(&app, &over, expected, "ceiling");
            assert_eq!(count.get(), index + 1, "the handler ran: {method} {headers:?}");
            assert_eq!(browser.cookie("app"), None);
            if let Some(store) = &app.store {
                assert!(store.stored().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn the_other_limits_have_the_same_answers() {
    let limits: [(&str, u64); 2] = [("idle", 100), ("absolute", 200)];
    for (reason, seconds) in limits {
        for builder in stores() {
            let count = Count::default();
            let configured = builder.configure(move |auth| match reason {
                "idle" => auth.idle_limit(Duration::from_secs(seconds)),
                _ => auth.absolute_limit(Duration::from_secs(seconds)),
            });
            let app = count.route(configured).start().await;
            for (index, (method, headers, expected)) in (0..).zip(KINDS) {
                let browser = app.signed_in().await;
                hold_cookies(&browser);
                app.later(seconds - 1);
                assert_eq!(browser.send(method, "/counted?a=b", headers, "").await.status, 200);
                hold_cookies(&browser);
                // That use has moved the idle limit; the absolute one stands.
                app.later(if reason == "idle" { seconds } else { 1 });
                let over = browser.send(method, "/counted?a=b", headers, "").await;
                check(&app, &over, expected, reason);
                assert_eq!(count.get(), index + 1);
            }
        }
    }
}

#[tokio::test]
async fn a_session_that_was_revoked_elsewhere_is_over_at_once() {
    for builder in stores() {
        let count = Count::default();
        let app = count.route(builder).start().await;
        for (method, headers, expected) in KINDS {
            let browser = app.signed_in().await;
            assert_eq!(browser.copy().submit("/auth/logout").await.status, 303);
            let over = browser.send(method, "/counted?a=b", headers, "").await;
            check(&app, &over, expected, "revoked");
            assert_eq!(count.get(), 0);
        }
    }
}

#[tokio::test]
async fn a_record_that_its_store_still_has_is_deleted_and_its_refresh_token_revoked() {
    for fails in [Fails::Nothing, Fails::Deletes] {
        let app = App::builder().sealed_store().start().await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        let late = |mut session: StoredSession| {
            session.expires_at = UnixTime::from_seconds(i64::MAX);
            session
        };
        app.store().stored().into_iter().for_each(|session| app.store().tamper(late(session)));
        app.later(3_570);
        app.store().fail(fails);
        let spare = browser.copy();
        let over = browser.fetch("/public").await;
        check(&app, &over, Expected::Json, "ceiling");
        app.settled().await;
        let deleted = fails == Fails::Nothing;
        assert_eq!(app.store().stored().is_empty(), deleted);
        assert_eq!(app.calls().revocation, 1, "the end does not depend on the deletion");
        // What was not deleted is met, and tried, again.
        app.store().fail(Fails::Nothing);
        assert_eq!(spare.fetch("/api/me").await.status, 401);
        app.settled().await;
        assert!(app.store().stored().is_empty());
        assert_eq!(app.calls().revocation, 1);
    }
}

#[tokio::test]
async fn without_a_ceiling_the_local_limits_hold() {
    let app = App::start().await;
    app.op.set_session_expiry(SessionExpiryMode::Absent);
    let browser = app.signed_in().await;
    let day = 24 * 60 * 60;
    assert_eq!(browser.fetch("/api/me").await.json()["ceiling"], serde_json::Value::Null);
    for _ in 0..3 {
        app.later(day - 1);
        assert_eq!(browser.fetch("/public").await.status, 200);
    }
    app.later(3);
    assert_eq!(browser.fetch("/api/me").await.json()["reason"], "absolute");
}

fn check(app: &App, reply: &Reply, expected: Expected, reason: &str) {
    let context = format!("{expected:?} {reason}: {} {}", reply.status, reply.text());
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{context}");
    let (set, removed) = reply.cookie_changes();
    assert_eq!((set, removed), (vec!["app_m".to_owned()], vec!["app".to_owned()]), "{context}");
    let marker = reply.set_cookie("app_m").unwrap();
    assert_eq!((&*marker.value, marker.max_age), (reason, Some(600)), "{context}");
    if expected == Expected::Login {
        let login = format!("{}/auth/login?return_to=%2Fcounted%3Fa%3Db", app.origin);
        assert_eq!((reply.status, reply.location()), (303, &*login), "{context}");
        return;
    }
    assert_eq!(reply.status, 401, "{context}");
    let challenge = r#"Session error="session_expired""#;
    assert_eq!(reply.header("www-authenticate"), Some(challenge), "{context}");
    match expected {
        Expected::Json => {
            let json = reply.json();
            assert_eq!(json["error"], "session_expired", "{context}");
            assert_eq!(json["reason"], reason, "{context}");
            assert_eq!(json["login_url"], format!("{}/auth/login", app.origin), "{context}");
            assert!(!json["error_description"].as_str().unwrap().is_empty());
        }
        Expected::Page => {
            assert!(reply.header("content-type").unwrap().starts_with("text/html"), "{context}");
            assert_eq!(reply.code(), "session_expired");
        }
        Expected::Head => assert!(reply.body.is_empty()),
        Expected::Login => {}
    }
}
