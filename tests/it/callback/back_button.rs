//! A callback that the Back button, a reload or the history replays.

use std::time::Duration;

use axum_oidc_session::LoginDecision;
use axum_oidc_session::clock::{Clock as _, SystemClock};
use axum_oidc_session::dev_provider::Endpoint;
use futures_util::future::{join, join_all, select};

use super::assert_clean_login;
use crate::layer::stores;
use crate::support::App;

#[tokio::test]
async fn while_signed_in_it_goes_to_its_page() {
    for base_path in ["", "/shop"] {
        let app = App::builder().base_path(base_path).start().await;
        let browser = app.browser();
        let login = format!("{base_path}/auth/login?return_to={base_path}/profile");
        let callback = browser.until_callback(&login).await;
        assert_eq!(browser.navigate(&callback).await.status, 303);
        let session = browser.cookie("app");
        let calls = app.calls();
        let reply = browser.navigate(&callback).await;
        assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.base())));
        assert_eq!(reply.set_cookies(), []);
        assert_eq!((browser.cookie("app"), app.calls()), (session, calls));
        let profile = browser.fetch(&format!("{base_path}/profile")).await;
        assert_eq!(profile.text(), "ada", "the session is untouched");
    }
}

/// The binding is gone, as it is ten minutes later, or in a tab of another profile.
#[tokio::test]
async fn without_the_binding_it_goes_home_too() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let name = browser.bindings().remove(0);
    assert_eq!(browser.navigate(&callback).await.status, 303);
    browser.remove_cookie(&name);
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/", app.origin)));
    assert_eq!(app.calls().code, 1);
}

/// The first is still under way: a reload, a double click.
#[tokio::test]
async fn while_the_first_is_under_way_it_shares_its_end() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.browser();
        let callback = browser.until_callback("/auth/login?return_to=/profile").await;
        app.op.set_delay(Endpoint::Token, Duration::from_millis(300));
        let tabs = [browser.copy(), browser.copy(), browser.copy()];
        let replies = tabs.iter().map(|tab| tab.navigate(&callback));
        for reply in app.ticking(join_all(replies)).await {
            let page = format!("{}/profile", app.origin);
            assert_eq!((reply.status, reply.location()), (303, &*page));
        }
        for tab in &tabs {
            assert_eq!(tab.fetch("/profile").await.text(), "ada");
            assert_eq!(tab.cookie("app"), tabs[0].cookie("app"));
        }
        assert_eq!(app.calls().code, 1);
    }
}

/// Who does not hold the binding shares nothing.
#[tokio::test]
async fn another_browser_has_no_share_in_it() {
    let app = App::start().await;
    let (browser, thief) = (app.browser(), app.browser());
    let callback = browser.until_callback("/auth/login").await;
    app.op.set_delay(Endpoint::Token, Duration::from_millis(300));
    let late = async {
        SystemClock.sleep(Duration::from_millis(100)).await;
        thief.navigate(&callback).await
    };
    let (own, stolen) = app.ticking(join(browser.navigate(&callback), late)).await;
    assert_eq!(own.status, 303);
    assert_eq!(stolen.refusal(), (400, "login_attempt_unknown".to_owned()));
    assert_eq!(app.calls().code, 1);
}

/// A refusal is shared, too: one event, one exchange.
#[tokio::test]
async fn while_the_first_is_under_way_it_shares_its_refusal() {
    let app = App::builder()
        .configure(|auth| auth.after_login(async |_| LoginDecision::Reject("not you".to_owned())))
        .start()
        .await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.op.set_delay(Endpoint::Token, Duration::from_millis(300));
    let tabs = [browser.copy(), browser.copy()];
    let replies = tabs.iter().map(|tab| tab.navigate(&callback));
    for reply in app.ticking(join_all(replies)).await {
        assert_eq!(reply.refusal(), (403, "login_rejected".to_owned()));
    }
    assert_eq!(app.calls().code, 1);
}

/// The browser has given the first request up: the session is for the second.
#[tokio::test]
async fn a_reload_takes_the_session_of_a_callback_given_up() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login?return_to=/profile").await;
    app.op.set_delay(Endpoint::Token, Duration::from_millis(300));
    let tab = browser.copy();
    let given_up = async {
        let (first, until) =
            (tab.navigate(&callback), SystemClock.sleep(Duration::from_millis(200)));
        drop(select(std::pin::pin!(first), until).await);
    };
    let second = async {
        SystemClock.sleep(Duration::from_millis(100)).await;
        browser.navigate(&callback).await
    };
    let (reply, ()) = app.ticking(join(second, given_up)).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.origin)));
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    app.settled().await;
    assert_eq!((app.calls().code, app.calls().revocation), (1, 0));
}

/// The attempt is too old for a login, and the browser has its session all the same.
#[tokio::test]
async fn long_after_the_sign_in_it_goes_to_its_page() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login?return_to=/profile").await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    app.later(1_200);
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.origin)));
    assert_eq!(app.calls().code, 1);
}

/// The session is of a later login.
#[tokio::test]
async fn of_an_earlier_login_it_goes_to_its_page_then_home() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login?return_to=/profile").await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    assert_eq!(browser.sign_in().await.status, 303);
    let (session, calls) = (browser.cookie("app"), app.calls());
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile", app.origin)));
    app.later(1_200);
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/", app.origin)));
    assert_eq!((browser.cookie("app"), app.calls()), (session, calls));
}

#[tokio::test]
async fn after_the_session_it_is_a_page_and_no_loop() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    app.later(3_570);
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.refusal(), (400, "login_attempt_expired".to_owned()));
    assert!(reply.text().contains("/auth/login"), "a link to sign in again, not a redirect");
    app.op.end_sessions("ada");
    assert_clean_login(&app, &browser, "after the session").await;
}

/// Somebody else's code must not be swallowed silently as if all were well: it changes nothing.
#[tokio::test]
async fn a_foreign_callback_does_not_change_the_session() {
    let app = App::start().await;
    let (attacker, victim) = (app.browser(), app.signed_in().await);
    app.op.authorize_as("mallory");
    let callback = attacker.until_callback("/auth/login").await;
    let session = victim.cookie("app");
    let reply = victim.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/", app.origin)));
    assert_eq!(victim.cookie("app"), session);
    assert_eq!(victim.fetch("/profile").await.text(), "ada");
    assert_eq!(app.calls().code, 1, "the attacker's code was not redeemed");
}
