//! A code that the provider refuses: the login asks it for another one, once, and then there is a page.

use std::time::Duration;

use axum_oidc_session::LoginParameter;
use axum_oidc_session::dev_provider::{Endpoint, Fault, SessionExpiryMode as Mode, TokenFault};

use super::{assert_asks_for_the_same, assert_clean_login, assert_no_session, assert_refused};
use crate::support::{App, NOW};

const REFUSED: Option<Fault> = Some(Fault::Token(TokenFault::InvalidGrant));

#[tokio::test]
async fn the_login_asks_for_what_it_asked_for() {
    let app = App::builder()
        .configure(|auth| {
            auth.max_age(Duration::from_secs(900)).login_parameters_from_query([
                LoginParameter::LoginHint,
                LoginParameter::AcrValues,
                LoginParameter::UiLocales,
            ])
        })
        .sealed_store()
        .start()
        .await;
    app.op.set_id_token_claim("acr", "gold");
    app.op.set_fault(REFUSED);
    let browser = app.browser();
    let login = "/auth/login?return_to=/profile%3Ftab=2&login_hint=ada&acr_values=gold+silver&ui_locales=de&again=1";
    let begun = browser.navigate(login).await;
    let callback = browser.authorize(&begun).await;
    let retry = browser.navigate(&callback).await;
    assert_eq!(retry.status, 303, "{}", retry.text());
    assert_asks_for_the_same(&begun, &retry);
    assert_eq!(begun.parameter("prompt").as_deref(), Some("login"));
    assert_eq!(retry.parameter("prompt"), None, "the user has answered");
    let (set, removed) = retry.cookie_changes();
    assert_eq!((set, removed), (browser.bindings(), vec![]), "the same binding once more");
    assert_no_session(&app, &browser, "refused").await;
    app.op.set_fault(None);
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile?tab=2", app.origin)));
    assert_eq!(app.calls().code, 2, "each code is sent once");
}

#[tokio::test]
async fn what_every_login_asks_the_user_is_asked_again() {
    let app = App::builder().configure(|auth| auth.prompt("consent")).start().await;
    app.op.set_fault(REFUSED);
    let retry = app.browser().sign_in().await;
    assert_eq!(retry.parameter("prompt").as_deref(), Some("consent"));
}

#[tokio::test]
async fn refused_again_there_is_a_page() {
    let app = App::builder().sealed_store().start().await;
    app.op.set_fault(REFUSED);
    let browser = app.browser();
    let retry = browser.sign_in().await;
    let callback = browser.authorize(&retry).await;
    let page = browser.navigate(&callback).await;
    assert_refused(&app, &browser, &page, (400, "token_endpoint_rejected"), "twice").await;
    assert_eq!((app.calls().code, app.op.requests(Endpoint::Authorization)), (2, 2));
    assert_clean_login(&app, &browser, "refused twice").await;
}

/// Each of the two retries is there once in a login, in either order: no login begins by itself a third time.
#[tokio::test]
async fn with_the_retry_inside_the_leeway_there_are_two() {
    for (code_first, code_last) in [(true, true), (true, false), (false, true), (false, false)] {
        let app = App::builder().sealed_store().start().await;
        app.op.set_session_expiry(Mode::At(NOW + 20));
        let browser = app.browser();
        let mut reply = None;
        for is_refused in [code_first, !code_first] {
            app.op.set_fault(REFUSED.filter(|_| is_refused));
            let callback = match &reply {
                None => browser.until_callback("/auth/login").await,
                Some(retry) => browser.authorize(retry).await,
            };
            let retry = reply.insert(browser.navigate(&callback).await);
            assert_eq!(retry.status, 303, "{}", retry.text());
        }
        let retry = reply.unwrap();
        let prompt = retry.parameter("prompt");
        assert_eq!(prompt.is_some(), code_first, "the user is asked once: {prompt:?}");
        let refusal = match code_last {
            true => (400, "token_endpoint_rejected"),
            false => (403, "session_ceiling_inside_leeway"),
        };
        app.op.set_fault(REFUSED.filter(|_| code_last));
        let callback = browser.authorize(&retry).await;
        let page = browser.navigate(&callback).await;
        assert_refused(&app, &browser, &page, refusal, "a third time").await;
    }
}

/// Other refusals of the token endpoint are not about the code.
#[tokio::test]
async fn what_does_not_depend_on_the_code_is_not_tried_again() {
    let app = App::builder().sealed_store().start().await;
    app.op.set_fault(Some(Fault::Token(TokenFault::InvalidClient)));
    let browser = app.browser();
    let reply = browser.sign_in().await;
    assert_refused(&app, &browser, &reply, (502, "token_endpoint_rejected"), "client").await;
}

/// Until the new one is there: the provider has said nothing about it.
#[tokio::test]
async fn the_session_that_the_browser_has_goes_on() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.op.set_fault(REFUSED);
    let retry = browser.sign_in().await;
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    let callback = browser.authorize(&retry).await;
    assert_eq!(browser.navigate(&callback).await.refusal().0, 400);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

/// It is the login that they have ended (the user's sessions, whatever was under way), under whatever code.
#[tokio::test]
async fn who_was_signed_out_meanwhile_stays_so() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.later(1);
    node.auth.end_sessions_of("ada").await.unwrap();
    app.later(1);
    app.op.set_fault(REFUSED);
    let retry = browser.navigate(&callback).await;
    app.op.set_fault(None);
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_refused(&app, &browser, &reply, (403, "logged_out_meanwhile"), "ended").await;
    assert_clean_login(&app, &browser, "ended").await;
}

#[tokio::test]
async fn the_login_has_its_ten_minutes_once() {
    for (second, expired) in [(299, false), (300, true)] {
        let app = App::builder().sealed_store().start().await;
        app.op.set_fault(REFUSED);
        let browser = app.browser();
        let callback = browser.until_callback("/auth/login").await;
        app.later(300);
        let retry = browser.navigate(&callback).await;
        assert_eq!(retry.status, 303, "{}", retry.text());
        let callback = browser.authorize(&retry).await;
        app.later(second);
        let code = if expired { "login_attempt_expired" } else { "token_endpoint_rejected" };
        assert_eq!(browser.navigate(&callback).await.refusal(), (400, code.to_owned()));
    }
}

#[tokio::test]
async fn no_other_tab_loses_its_login() {
    let app = App::start().await;
    let browser = app.browser();
    let mut tabs = Vec::new();
    for _ in 0..5 {
        tabs.push(browser.until_callback("/auth/login").await);
        app.later(1);
    }
    app.op.set_fault(REFUSED);
    let retry = browser.navigate(&tabs[4]).await;
    app.op.set_fault(None);
    tabs[4] = browser.authorize(&retry).await;
    for callback in tabs {
        let reply = browser.navigate(&callback).await;
        assert_eq!((reply.status, reply.set_cookie("app").is_some()), (303, true));
    }
}
