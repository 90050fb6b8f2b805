//! Renewal by refresh, an option (IPSIE SL1, ceiling rule 10).

use std::time::Duration;

use axum_oidc_session::Renewal;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::dev_provider::{Endpoint, Fault, IdTokenFault, SessionExpiryMode};

use crate::layer::{hold_cookies, stores};
use crate::support::{App, AppBuilder, Browser, NOW, until};

async fn start(builder: AppBuilder, renewal: Renewal) -> (App, Browser) {
    let app = builder.configure(move |auth| auth.renewal(renewal)).start().await;
    let later = SessionExpiryMode::AfterIssue(Duration::from_secs(3_600));
    app.op.set_refresh_session_expiry(Some(later));
    // Longer than the session: no refresh but the renewal.
    app.op.set_access_token_lifetime(Duration::from_secs(9_000));
    let browser = app.signed_in().await;
    (app, browser)
}

async fn ceiling(browser: &Browser) -> i64 {
    browser.fetch("/api/me").await.json()["ceiling"].as_i64().unwrap()
}

#[tokio::test]
async fn a_request_in_the_last_tenth_renews_once_in_the_background() {
    for builder in stores() {
        let (app, browser) = start(builder, Renewal::ByRefresh).await;
        app.later(3_239);
        browser.fetch("/public").await;
        app.settled().await;
        assert_eq!(app.calls().refresh, 0, "the last tenth has not begun");
        app.later(1);
        for _ in 0..3 {
            assert_eq!(browser.fetch("/public").await.status, 200);
        }
        app.settled().await;
        assert_eq!(app.calls().refresh, 1);
        assert_eq!(ceiling(&browser).await, NOW + 3_240 + 3_600);
        app.later(400);
        assert_eq!(browser.fetch("/api/me").await.status, 200, "the old end has passed");
        assert_eq!(app.calls().refresh, 1);
    }
}

#[tokio::test]
async fn the_browser_learns_of_it_with_the_next_response() {
    for builder in stores() {
        let (app, browser) = start(builder, Renewal::ByRefresh).await;
        app.later(3_240);
        browser.fetch("/public").await;
        app.settled().await;
        app.later(1);
        let reply = browser.fetch("/public").await;
        assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(3_600 - 30 - 1));
        app.later(1);
        assert!(browser.fetch("/public").await.set_cookies().is_empty());
        if let Some(store) = &app.store {
            assert_eq!(store.stored()[0].expires_at.seconds(), NOW + 3_240 + 3_570);
        }
    }
}

#[tokio::test]
async fn without_evidence_the_session_ends_at_the_old_end() {
    for builder in stores() {
        let (app, browser) = start(builder, Renewal::ByRefresh).await;
        app.op.set_fault(Some(Fault::IdToken(IdTokenFault::AuthTimeMissing)));
        app.later(3_300);
        for _ in 0..3 {
            browser.fetch("/public").await;
            app.settled().await;
        }
        assert_eq!(app.calls().refresh, 1, "it is tried once");
        assert_eq!(ceiling(&browser).await, NOW + 3_600);
        app.later(270);
        assert_eq!(browser.fetch("/api/me").await.code(), "session_expired");
    }
}

#[tokio::test]
async fn by_default_nothing_is_renewed() {
    let (app, browser) = start(App::builder(), Renewal::Off).await;
    app.later(3_500);
    browser.fetch("/public").await;
    app.settled().await;
    assert_eq!(app.calls().refresh, 0);
    assert_eq!(ceiling(&browser).await, NOW + 3_600);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_renewed() {
    for builder in stores() {
        let (app, browser) = start(builder, Renewal::ByRefresh).await;
        crate::layer::hold_cookies(&browser);
        app.later(3_570);
        assert_eq!(browser.fetch("/api/me").await.code(), "session_expired");
        app.settled().await;
        assert_eq!(app.calls().refresh, 0);
    }
}

#[tokio::test]
async fn an_answer_past_the_deadline_revives_nothing() {
    let app = App::builder().configure(|auth| auth.renewal(Renewal::ByRefresh)).start().await;
    app.op.set_session_expiry(SessionExpiryMode::At(NOW + 3_600));
    app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 7_200)));
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    app.op.set_delay(Endpoint::TokenRefreshToken, Duration::from_secs(5));
    app.later(3_569);
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    hold_cookies(&browser);
    for _ in 0..100 {
        if app.calls().refresh == 1 {
            break;
        }
        SystemClock.sleep(Duration::from_millis(20)).await;
    }
    app.later(6); // now past the deadline, before E
    app.settled().await;
    let reply = browser.fetch("/api/me").await;
    assert_eq!(reply.status, 401, "{}", reply.text());
}

/// A node that is too slow to keep its lease sends nothing: that was no try.
#[tokio::test]
async fn a_renewal_that_was_not_sent_is_tried_again() {
    let (app, browser) = start(App::builder().sealed_store(), Renewal::ByRefresh).await;
    app.later(3_240);
    app.store().answer_slowly(Duration::from_millis(100));
    let writes = app.store().writes();
    browser.fetch("/public").await;
    // The lease, the touch, and the intent that is being saved.
    until(async || app.store().writes() == writes + 3).await;
    app.later(10);
    app.settled().await;
    app.store().answer_slowly(Duration::ZERO);
    assert_eq!(app.calls().refresh, 0);
    browser.fetch("/public").await;
    app.settled().await;
    assert_eq!(app.calls().refresh, 1);
}
