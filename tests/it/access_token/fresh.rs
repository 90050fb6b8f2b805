//! When a token is served as it is, when it is refreshed, and what is reported as its expiry.

use std::time::Duration;

use super::{access_token, token};
use crate::layer::stores;
use crate::support::{App, NOW};

#[tokio::test]
async fn served_until_due_refreshed_then_and_the_rotated_refresh_token_kept() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let first = access_token(&browser).await;
        app.later(239);
        assert_eq!((access_token(&browser).await, app.calls().refresh), (first.clone(), 0));
        app.later(1);
        let second = access_token(&browser).await;
        assert_ne!(second, first);
        assert_eq!((access_token(&browser).await, app.calls().refresh), (second.clone(), 1));
        // The provider would refuse the first refresh token now, and end the grant.
        for refreshes in 2..5 {
            app.later(300);
            assert_ne!(access_token(&browser).await, second);
            assert_eq!(app.calls().refresh, refreshes);
        }
    }
}

#[tokio::test]
async fn the_reported_expiry_is_never_later_than_the_deadline() {
    for (lifetime, reported) in [(300, NOW + 300), (3_570, NOW + 3_570), (9_000, NOW + 3_570)] {
        let app = App::start().await;
        app.op.set_access_token_lifetime(Duration::from_secs(lifetime));
        let browser = app.signed_in().await;
        assert_eq!(token(&browser).await.json()["expires_at"], reported);
    }
}

#[tokio::test]
async fn whether_a_refresh_is_due_is_judged_by_the_tokens_own_expiry() {
    let app = App::start().await;
    app.op.set_access_token_lifetime(Duration::from_secs(9_000));
    let browser = app.signed_in().await;
    app.later(3_569);
    assert_eq!((token(&browser).await.status, app.calls().refresh), (200, 0));
}

#[tokio::test]
async fn a_token_without_an_expiry_is_not_refreshed_by_the_clock() {
    let app = App::start().await;
    app.op.omit_expires_in(true);
    let browser = app.signed_in().await;
    app.later(3_000);
    let reply = token(&browser).await;
    assert_eq!((reply.status, app.calls().refresh), (200, 0));
    assert_eq!(reply.json()["expires_at"], NOW + 3_570);
}

#[tokio::test]
async fn past_the_deadline_nothing_is_served_and_nothing_is_asked() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.set_access_token_lifetime(Duration::from_secs(9_000));
        let browser = app.signed_in().await;
        crate::layer::hold_cookies(&browser);
        let spare = browser.copy();
        app.later(3_570);
        for browser in [browser, spare] {
            assert_eq!(token(&browser).await.refusal(), (401, "session_expired".to_owned()));
        }
        assert_eq!(app.calls().refresh, 0);
    }
}
