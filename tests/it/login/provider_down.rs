//! A provider that is down: a page that says so, and everything works again when it is back.

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault};

use crate::support::{App, Calls};

#[tokio::test]
async fn a_login_gets_a_503_page_and_recovers() {
    let app = App::start().await;
    app.op.set_down(true);
    let browser = app.browser();
    let reply = browser.navigate("/auth/login?return_to=/profile").await;
    assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(reply.set_cookies(), []);
    app.op.set_down(false);
    app.later(wait);
    assert_eq!(browser.sign_in_from("/auth/login?return_to=/profile").await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_less_and_less_often() {
    let app = App::start().await;
    app.op.set_fault(Some(Fault::Reply(Endpoint::Discovery, BrokenReply::InternalServerError)));
    let mut asked = Vec::new();
    for _ in 0..4 {
        for _ in 0..20 {
            let reply = app.browser().navigate("/auth/login").await;
            assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()));
        }
        let before = app.calls().discovery;
        let reply = app.browser().navigate("/auth/login").await;
        assert_eq!(app.calls().discovery, before, "within the pause nothing is asked");
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        asked.push((app.calls().discovery, wait));
        app.later(wait);
    }
    assert!(asked.windows(2).all(|pair| pair[0].1 <= pair[1].1), "waits grow: {asked:?}");
    assert!(asked.windows(2).all(|pair| pair[0].0 < pair[1].0), "and it is asked again: {asked:?}");
    assert!(asked.last().unwrap().0 <= 12, "{asked:?}");
}

/// Live sessions need no provider.
#[tokio::test]
async fn live_sessions_go_on() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.op.set_down(true);
    app.later(60);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    assert_eq!(browser.navigate("/profile").await.text(), "ada");
}

/// The code may be spent, and the login is sent for another one: that the provider is down is then seen in the browser.
#[tokio::test]
async fn a_provider_that_goes_down_in_the_middle_is_asked_for_another_code() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.op.set_down(true);
    let retry = browser.navigate(&callback).await;
    assert_eq!(retry.status, 303, "{}", retry.text());
    assert!(retry.location().starts_with(app.op.issuer()));
    assert_eq!(browser.cookie("app"), None);
    app.op.set_down(false);
    app.later(60);
    let callback = browser.authorize(&retry).await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    let calls = Calls { discovery: 1, jwks: 1, code: 1, userinfo: 1, ..Calls::default() };
    assert_eq!(app.calls(), calls);
}
