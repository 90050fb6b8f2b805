//! Pending logins: any number of them, for a bounded number of cookie bytes.

use axum_oidc_session::LoginParameter;
use axum_oidc_session::dev_provider::Endpoint;

use crate::support::{App, Browser, Reply};

/// An address of 2 KB.
fn long(tab: usize) -> String {
    format!("/profile?tab={tab:03}&{}", "a".repeat(2_048 - 17))
}

fn login(return_to: &str) -> String {
    format!("/auth/login?return_to={}", return_to.replace('&', "%26"))
}

/// Tabs that start a login before the answer of any has reached the browser.
async fn at_once(browser: &Browser, tabs: usize) -> Vec<Reply> {
    let mut begun = Vec::new();
    for tab in 0..tabs {
        begun.push(browser.copy().navigate(&login(&long(tab))).await);
    }
    begun.iter().for_each(|reply| browser.keep(reply));
    begun
}

/// All cookies that a page of the application is sent.
#[track_caller]
fn assert_within_budget(browser: &Browser) {
    let sent = browser.cookie_header("/profile");
    assert!(sent.len() <= 1_024, "{} bytes: {sent}", sent.len());
}

#[tokio::test]
async fn fifty_logins_with_long_addresses_cost_one_cookie() {
    let app = App::start().await;
    let browser = app.browser();
    let mut callbacks = Vec::new();
    for tab in 0..50 {
        let begun = browser.navigate(&login(&long(tab))).await;
        assert_eq!(begun.set_cookies().len(), 1);
        assert!(begun.location().len() < 4_096, "{}", begun.location().len());
        callbacks.push(browser.authorize(&begun).await);
        assert_eq!(browser.bindings().len(), 1);
        assert_within_budget(&browser);
        app.later(1);
    }
    for (tab, callback) in callbacks.iter().enumerate() {
        let reply = browser.navigate(callback).await;
        assert_eq!(reply.location(), format!("{}{}", app.origin, long(tab)));
        assert_within_budget(&browser);
    }
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn twenty_tabs_that_start_at_once_all_sign_in() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = at_once(&browser, 20).await;
    assert_eq!(browser.bindings().len(), 20);
    assert_within_budget(&browser);
    for (tab, begun) in begun.iter().enumerate() {
        let callback = browser.authorize(begun).await;
        let reply = browser.navigate(&callback).await;
        assert_eq!(reply.location(), format!("{}{}", app.origin, long(tab)), "tab {tab}");
        assert_within_budget(&browser);
    }
    assert_eq!(app.calls().code, 20);
}

/// More than there are slots: the budget holds, and nobody has to sign in by hand.
#[tokio::test]
async fn sixty_tabs_that_start_at_once_all_arrive() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = at_once(&browser, 60).await;
    assert_eq!(browser.bindings().len(), 20);
    assert_within_budget(&browser);
    for (tab, begun) in begun.iter().enumerate() {
        let callback = browser.authorize(begun).await;
        let mut reply = browser.navigate(&callback).await;
        if tab == 0 {
            assert!(reply.location().starts_with(app.op.issuer()), "started once more");
            assert_eq!(app.calls().code, 0, "its code was not looked at");
            let callback = browser.authorize(&reply).await;
            reply = browser.navigate(&callback).await;
        }
        assert_eq!(reply.location(), format!("{}{}", app.origin, long(tab)), "tab {tab}");
        assert_within_budget(&browser);
    }
    assert_eq!(app.calls().code, 21, "the other replaced ones found the user signed in");
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

/// Login CSRF, with an attempt whose slot happens to be that of the victim's own login.
#[tokio::test]
async fn a_foreign_attempt_in_the_slot_of_an_own_one_signs_nobody_in() {
    let app = App::start().await;
    let (attacker, victim) = (app.browser(), app.browser());
    app.op.authorize_as("mallory");
    let callback = attacker.until_callback("/auth/login?return_to=/api/me").await;
    for _ in 0..19 {
        app.browser().navigate("/auth/login").await;
    }
    victim.navigate("/auth/login?return_to=/profile").await;
    assert_eq!(attacker.bindings(), victim.bindings(), "the same slot");
    let reply = victim.navigate(&callback).await;
    assert!(reply.location().starts_with(app.op.issuer()), "{}", reply.location());
    assert_eq!((app.calls().code, victim.cookie("app")), (0, None));
    // The login that it starts is the victim's, and the last that starts by itself.
    app.op.authorize_as("ada");
    let own = victim.authorize(&reply).await;
    assert_eq!(victim.navigate(&own).await.status, 303);
    assert_eq!(victim.fetch("/profile").await.text(), "ada");
    assert_eq!(app.op.requests(Endpoint::Authorization), 2);
}

#[tokio::test]
async fn the_binding_lives_as_long_as_the_youngest_attempt() {
    let lifetime = std::time::Duration::from_secs(120);
    let app = App::builder().configure(move |auth| auth.login_attempt_lifetime(lifetime));
    let app = app.start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login").await;
    let name = browser.bindings().remove(0);
    let first = begun.set_cookie(&name).unwrap();
    assert_eq!(first.max_age, Some(120));
    app.later(100);
    let begun = browser.navigate("/auth/login").await;
    assert_eq!(begun.set_cookie(&name), Some(first), "the same once more");
    app.later(119);
    assert_eq!(browser.bindings(), [name]);
    app.later(1);
    assert_eq!(browser.bindings(), Vec::<String>::new());
}

/// The parameters of a login do not count twice in the length of the URL.
#[tokio::test]
async fn a_long_hint_is_asked_for_and_not_kept() {
    let parameters = [LoginParameter::LoginHint, LoginParameter::UiLocales];
    let app = App::builder().configure(move |auth| auth.login_parameters_from_query(parameters));
    let app = app.start().await;
    let mut lengths = Vec::new();
    for hint in ["h".repeat(256), "h".repeat(257)] {
        let begun = app.browser().navigate(&format!("/auth/login?login_hint={hint}")).await;
        assert_eq!(begun.parameter("login_hint"), Some(hint));
        lengths.push(begun.parameter("state").unwrap().len());
    }
    assert!(lengths[1] + 256 < lengths[0], "{lengths:?}");
}

#[tokio::test]
async fn thousands_of_cookies_are_not_answered_with_as_many() {
    let app = App::start().await;
    let browser = app.browser();
    let name = browser.copy().navigate("/auth/login").await.set_cookies()[0].name.clone();
    let (prefix, _) = name.split_at(name.len() - 1);
    for number in 0..2_000 {
        browser.set_cookie(&format!("app_a_{number}"), "garbage");
        browser.set_cookie(&format!("{prefix}{number}"), "AAAAAAAAAAAA");
    }
    let begun = browser.navigate("/auth/login").await;
    assert_eq!(begun.set_cookies().len(), 1);
    let callback = browser.authorize(&begun).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.set_cookies().len()), (303, 3), "session, marker, rounds");
    // A sibling subdomain can set one name on many paths.
    let crowd = format!("{name}=AAAAAAAAAAAA; ").repeat(2_000);
    let reply = browser.send("POST", "/auth/logout", &[("cookie", &*crowd)], "").await;
    assert!((2..30).contains(&reply.set_cookies().len()), "{}", reply.set_cookies().len());
}

/// What travels with the browser is sealed: it shows no secret.
#[tokio::test]
async fn neither_state_nor_cookie_shows_a_secret() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login?return_to=/profile").await;
    let callback = browser.authorize(&begun).await;
    let binding = browser.cookie(&browser.bindings()[0]).unwrap();
    browser.navigate(&callback).await;
    let exchange = app.op.last_request(Endpoint::Token).unwrap();
    let nonce = begun.parameter("nonce").unwrap();
    let verifier = exchange.parameter("code_verifier").unwrap().to_owned();
    assert_eq!((nonce.len(), verifier.len()), (43, 43));
    for secret in [nonce, verifier, binding.clone(), "/profile".to_owned()] {
        assert!(!begun.parameter("state").unwrap().contains(&secret));
        assert!(secret == binding || !binding.contains(&secret));
    }
}

/// Login CSRF on a shared browser: its last user begins a login and does not sign out.
#[tokio::test]
async fn another_user_of_the_browser_gets_a_new_binding() {
    let app = App::start().await;
    let browser = app.browser();
    app.op.authorize_as("mallory");
    assert_eq!(browser.sign_in().await.status, 303);
    let prepared = browser.until_callback("/auth/login?return_to=/api/me").await;
    let binding = browser.cookie(&browser.bindings()[0]);
    assert_eq!(browser.sign_in().await.status, 303, "the same user");
    assert_eq!(browser.cookie(&browser.bindings()[0]), binding);
    app.op.authorize_as("ada");
    assert_eq!(browser.sign_in().await.status, 303);
    assert_ne!(browser.cookie(&browser.bindings()[0]), binding);
    let calls = app.calls().code;
    browser.navigate(&prepared).await;
    assert_eq!((browser.fetch("/profile").await.text(), app.calls().code), ("ada".into(), calls));
}

/// A script, a frame and a program can show nobody the provider's page.
#[tokio::test]
async fn what_is_no_navigation_is_not_sent_there_by_a_callback() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = at_once(&browser, 21).await;
    let callback = browser.authorize(&begun[0]).await;
    for (mode, dest) in [("cors", "empty"), ("navigate", "iframe"), ("no-cors", "image")] {
        let headers = [("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
        let reply = browser.send("GET", &callback, &headers, "").await;
        assert_eq!(reply.refusal(), (403, "navigation_required".to_owned()), "{dest}");
        assert_eq!(reply.set_cookies(), [], "{dest}");
    }
    let again = browser.navigate(&callback).await;
    assert!(again.location().starts_with(app.op.issuer()), "{}", again.location());
}

/// Ceiling rule 6: with the retry inside the leeway there are three authorizations, and no fourth.
#[tokio::test]
async fn a_replaced_binding_leaves_one_more_retry() {
    use axum_oidc_session::dev_provider::{Fault, SessionExpiryMode, TokenFault};
    let app = App::start().await;
    let browser = app.browser();
    let begun = at_once(&browser, 21).await;
    let mut reply = browser.navigate(&browser.authorize(&begun[0]).await).await;
    app.op.set_session_expiry(SessionExpiryMode::At(crate::support::NOW + 20));
    reply = browser.navigate(&browser.authorize(&reply).await).await;
    assert_eq!(reply.parameter("prompt").as_deref(), Some("login"), "inside the leeway");
    app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
    let page = browser.navigate(&browser.authorize(&reply).await).await;
    assert_eq!(page.refusal(), (400, "token_endpoint_rejected".to_owned()));
    assert_eq!(app.op.requests(Endpoint::Authorization), 3);
}
