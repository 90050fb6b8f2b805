//! Ceiling rule 6: login loops of any cause are broken after five rounds, with a page that names the probable cause.

use axum::http::HeaderMap;
use axum::routing::get;
use axum_oidc_session::dev_provider::SessionExpiryMode as Mode;

use crate::support::{App, Browser, NOW, Reply};

/// One round as a browser goes through it: a protected page, and whatever follows.
async fn round(browser: &Browser) -> Reply {
    let refused = browser.navigate("/profile").await;
    assert_eq!(refused.status, 303);
    let begun = browser.navigate(refused.location()).await;
    if begun.status != 303 {
        return begun;
    }
    let callback = browser.authorize(&begun).await;
    browser.navigate(&callback).await
}

/// A round after which the browser has no session cookie, as where something strips it.
async fn round_that_loses_the_session(browser: &Browser) -> Reply {
    let reply = round(browser).await;
    browser.remove_cookie("app");
    browser.remove_cookie("app_m");
    reply
}

#[tokio::test]
async fn a_lost_session_cookie_stops_after_five_rounds() {
    let app = App::start().await;
    let browser = app.browser();
    for number in 1..=5 {
        assert_eq!(round_that_loses_the_session(&browser).await.status, 303, "round {number}");
    }
    let calls = app.calls();
    let page = round_that_loses_the_session(&browser).await;
    assert_eq!(page.refusal(), (400, "login_loop_cookie_lost".to_owned()));
    assert!(page.text().contains("does not keep the cookies"), "{}", page.text());
    assert_eq!(app.calls(), calls);
    assert_eq!(page.cookie_changes(), (vec![], vec!["app_r".to_owned()]));
    // Whoever tries again by hand starts from zero.
    assert_eq!(browser.sign_in().await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn the_first_admitted_request_clears_the_count() {
    let app = App::start().await;
    let browser = app.browser();
    for _ in 0..3 {
        for number in 1..=4 {
            assert_eq!(round_that_loses_the_session(&browser).await.status, 303, "round {number}");
        }
        assert_eq!(round(&browser).await.status, 303);
        let admitted = browser.fetch("/public").await;
        assert_eq!(admitted.cookie_changes(), (vec![], vec!["app_r".to_owned()]));
        browser.remove_cookie("app");
        browser.remove_cookie("app_m");
    }
}

#[tokio::test]
async fn the_count_is_forgotten_after_ten_minutes() {
    let app = App::start().await;
    let browser = app.browser();
    for _ in 0..5 {
        let reply = round_that_loses_the_session(&browser).await;
        assert_eq!(reply.set_cookie("app_r").unwrap().max_age, Some(600));
    }
    app.later(600);
    assert_eq!(round_that_loses_the_session(&browser).await.status, 303);
}

#[tokio::test]
async fn a_ceiling_that_is_always_past_is_named() {
    let app = App::start().await;
    app.op.set_session_expiry(Mode::At(NOW - 1));
    let browser = app.browser();
    for number in 1..=5 {
        let reply = browser.sign_in().await;
        assert_eq!(reply.refusal(), (403, "session_ceiling_past".to_owned()), "round {number}");
    }
    let page = browser.navigate("/auth/login").await;
    assert_eq!(page.refusal(), (400, "login_loop_ceiling_always_past".to_owned()));
    assert!(page.text().contains("already ended"));
    app.op.set_session_expiry(Mode::At(NOW + 3_600));
    assert_eq!(browser.sign_in().await.status, 303);
}

/// A session that is over at its first request: as if the clock that checks were ahead of the one that issued.
#[tokio::test]
async fn a_session_that_is_over_at_once_points_to_the_clock() {
    let app = App::start().await;
    app.op.set_session_expiry(Mode::AfterIssue(std::time::Duration::from_secs(60)));
    let browser = app.browser();
    for number in 1..=5 {
        let reply = round(&browser).await;
        assert_eq!(reply.status, 303, "round {number}: {}", reply.text());
        // The browser keeps the cookie: its clock is the one that is behind.
        let session = browser.cookie("app").unwrap();
        app.later(30);
        browser.set_cookie("app", &session);
        let over = browser.fetch("/profile").await;
        assert_eq!(over.refusal(), (401, "session_expired".to_owned()), "round {number}");
    }
    let page = browser.navigate("/auth/login").await;
    assert_eq!(page.refusal(), (400, "login_loop_clock".to_owned()));
    assert!(page.text().contains("clock"));
}

/// A handler that begins logins sees the session as the login's own route does.
#[tokio::test]
async fn a_live_session_at_a_handlers_login_clears_the_count() {
    let builder = App::builder().assemble(|auth, router| {
        let plain = auth.clone();
        let plain = async move |headers: HeaderMap| plain.login().begin(&headers).await;
        let strong = auth.clone();
        let strong = async move |headers: HeaderMap| {
            strong.login().acr_values(["gold"]).begin(&headers).await
        };
        let router = router.layer(auth.layer()).merge(auth.routes());
        // Outside the layer: there is no admitted request.
        router.route("/again", get(plain)).route("/strong", get(strong))
    });
    let app = builder.start().await;
    let browser = app.browser();
    for number in 1..=8 {
        let reply = browser.sign_in_from("/again").await;
        assert_eq!(reply.status, 303, "sign-in {number}: {}", reply.text());
    }
    browser.sign_in().await;
    let counted = browser.cookie("app_r");
    assert!(counted.is_some());
    browser.navigate("/strong").await;
    assert_eq!(browser.cookie("app_r"), counted, "the session lacks what is asked for");
}

/// All pages are outside the layer: only the auth routes see the session.
#[tokio::test]
async fn signing_in_and_out_again_and_again_is_no_loop() {
    let app = App::start().await;
    let browser = app.browser();
    for number in 1..=8 {
        assert_eq!(browser.sign_in().await.status, 303, "sign-in {number}");
        let (_, removed) = browser.submit("/auth/logout").await.cookie_changes();
        assert_eq!(removed[..2], ["app", "app_m"], "sign-out {number}");
        assert!(removed.iter().any(|name| name == "app_r"), "sign-out {number}");
    }
}

#[tokio::test]
async fn a_live_session_that_a_script_sees_clears_the_count() {
    let app = App::start().await;
    let browser = app.browser();
    for number in 1..=8 {
        assert_eq!(browser.sign_in().await.status, 303, "sign-in {number}");
        let (_, removed) = browser.fetch("/auth/session").await.cookie_changes();
        assert_eq!(removed, ["app_r"], "sign-in {number}");
        browser.remove_cookie("app");
    }
}

#[tokio::test]
async fn a_live_session_at_a_login_clears_the_count() {
    let app = App::start().await;
    let browser = app.browser();
    for number in 1..=8 {
        assert_eq!(browser.sign_in().await.status, 303, "sign-in {number}");
    }
}

/// A session that is over is what a loop leaves behind.
#[tokio::test]
async fn without_a_live_session_the_count_stays() {
    let app = App::start().await;
    let browser = app.browser();
    assert_eq!(browser.sign_in().await.status, 303);
    let count = browser.cookie("app_r");
    browser.remove_cookie("app");
    browser.fetch("/auth/session").await;
    browser.submit("/auth/logout").await;
    assert_eq!((browser.cookie("app_r"), count.is_some()), (count, true));
}

/// Tabs that a browser restores all begin a login at once: that is no loop.
#[tokio::test]
async fn twenty_tabs_at_once_are_no_loop() {
    let app = App::start().await;
    let browser = app.browser();
    for _ in 0..20 {
        assert_eq!(browser.navigate("/auth/login").await.status, 303);
    }
    assert_eq!(browser.sign_in().await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

/// Failures are pages, so they are no automatic loop, however many there are.
#[tokio::test]
async fn ten_failed_logins_are_no_loop() {
    use axum_oidc_session::dev_provider::{AuthorizationFault, Fault};
    let app = App::start().await;
    let browser = app.browser();
    app.op.set_fault(Some(Fault::Authorization(AuthorizationFault::AccessDenied)));
    for _ in 0..10 {
        assert_eq!(browser.sign_in().await.refusal(), (403, "access_denied".to_owned()));
    }
    super::assert_clean_login(&app, &browser, "after ten failures").await;
}

#[tokio::test]
async fn a_forged_count_is_no_trouble() {
    let app = App::start().await;
    for value in ["garbage", "256.issued", "-1.issued", "", "5", "5.evil"] {
        let browser = app.browser();
        browser.set_cookie("app_r", value);
        assert_eq!(browser.sign_in().await.status, 303, "{value}");
    }
}
