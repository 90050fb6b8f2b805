//! A callback that the Back button, a reload or the history replays.

use super::assert_clean_login;
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
