//! Several logins in one browser, and what becomes of the session before.

use crate::support::App;

#[tokio::test]
async fn two_tabs_sign_in_at_once() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    let one = browser.until_callback("/auth/login?return_to=/profile?tab=1").await;
    let two = browser.until_callback("/auth/login?return_to=/profile?tab=2").await;
    assert_ne!(one, two);
    let (two, one) = (browser.navigate(&two).await, browser.navigate(&one).await);
    assert_eq!(one.location(), format!("{}/profile?tab=1", app.origin));
    assert_eq!(two.location(), format!("{}/profile?tab=2", app.origin));
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    assert_eq!(app.store().stored().len(), 1, "the later login ended the earlier session");
    assert_eq!(browser.bindings().len(), 1, "both share it");
}

#[tokio::test]
async fn two_tabs_at_the_very_same_time() {
    let app = App::start().await;
    let browser = app.browser();
    let one = browser.until_callback("/auth/login").await;
    let two = browser.until_callback("/auth/login").await;
    let both = futures_util::future::join(browser.navigate(&one), browser.navigate(&two)).await;
    assert_eq!((both.0.status, both.1.status), (303, 303));
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

/// Ceiling rule 18: a new session id, always, and the old record is ended.
#[tokio::test]
async fn a_new_login_is_a_new_session_and_ends_the_old_one() {
    for sealed in [false, true] {
        let builder = App::builder();
        let app = if sealed { builder.sealed_store() } else { builder }.start().await;
        let browser = app.signed_in().await;
        let old = browser.copy();
        assert_eq!(browser.sign_in().await.status, 303);
        assert_ne!(old.cookie("app"), browser.cookie("app"));
        let refused = old.fetch("/api/me").await;
        assert_eq!(refused.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(browser.fetch("/profile").await.text(), "ada");
    }
}

/// Session fixation: a cookie that was there before the login is not the session's afterwards.
#[tokio::test]
async fn a_planted_session_cookie_is_replaced() {
    let app = App::start().await;
    let browser = app.browser();
    let planted = app.signed_in().await.cookie("app").unwrap();
    app.op.authorize_as("grace");
    browser.set_cookie("app", &planted);
    assert_eq!(browser.sign_in().await.status, 303);
    assert_ne!(browser.cookie("app").unwrap(), planted);
    assert_eq!(browser.fetch("/profile").await.text(), "grace");
}

#[tokio::test]
async fn another_user_takes_the_browsers_session_over() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let old = browser.copy();
    app.op.authorize_as("grace");
    assert_eq!(browser.sign_in().await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "grace");
    assert_eq!(old.fetch("/profile").await.status, 401);
}

/// Ceiling rule 18: the new ID Token's ceiling, also if it has none or a later one.
#[tokio::test]
async fn the_new_login_brings_its_own_ceiling() {
    use axum_oidc_session::dev_provider::SessionExpiryMode;

    use crate::support::NOW;
    let app = App::start().await;
    let browser = app.signed_in().await;
    for (mode, ceiling) in [
        (SessionExpiryMode::At(NOW + 7_200), Some(NOW + 7_200)),
        (SessionExpiryMode::At(NOW + 60), Some(NOW + 60)),
        (SessionExpiryMode::Absent, None),
    ] {
        app.op.set_session_expiry(mode);
        assert_eq!(browser.sign_in().await.status, 303);
        let me = browser.fetch("/api/me").await.json();
        assert_eq!(me["ceiling"].as_i64(), ceiling);
    }
}
