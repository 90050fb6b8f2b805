//! A login attempt: of this browser, untouched, young enough, used once.

use std::time::Duration;

use axum_oidc_session::KeyRing;

use super::{assert_clean_login, assert_no_session, assert_refused};
use crate::support::{App, Browser, Calls};

const UNKNOWN: (u16, &str) = (400, "login_attempt_unknown");

/// A callback that waits to be visited, and the name of the cookie that ties its attempt to the browser.
async fn pending(browser: &Browser) -> (String, String) {
    let callback = browser.until_callback("/auth/login").await;
    (callback, browser.bindings().remove(0))
}

/// The `state` of a callback.
fn state(callback: &str) -> String {
    let url = url::Url::parse(callback).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

#[tokio::test]
async fn without_an_attempt_there_is_no_login() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    let iss = app.op.issuer();
    let (long, short) = ("a".repeat(43), "abc");
    for query in [
        format!("code=x&state={long}&iss={iss}"),
        format!("code=x&state={short}&iss={iss}"),
        format!(
            "code=x&state=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4&iss={iss}"
        ),
    ] {
        let reply = browser.navigate(&format!("/auth/callback?{query}")).await;
        assert_refused(&app, &browser, &reply, UNKNOWN, &query).await;
    }
    assert_eq!(app.calls(), Calls::default(), "the provider is not even asked for its metadata");
    assert_clean_login(&app, &browser, "no attempt").await;
}

/// Cookies are blocked: the one that binds the login to the browser is missing, like any other.
#[tokio::test]
async fn a_browser_without_cookies_is_told_of_its_cookies() {
    let app = App::start().await;
    let callback = app.browser().until_callback("/auth/login").await;
    let page = app.browser().navigate(&callback).await;
    assert_eq!(page.refusal(), (UNKNOWN.0, UNKNOWN.1.to_owned()));
    assert!(page.text().contains("cookies are blocked"), "{}", page.text());
    let keeps = app.signed_in().await;
    keeps.remove_cookie("app");
    let page = keeps.navigate(&callback).await;
    assert_eq!(page.refusal(), (UNKNOWN.0, UNKNOWN.1.to_owned()));
    assert!(!page.text().contains("blocked"), "it keeps its cookies: {}", page.text());
}

/// Login CSRF: an attacker's callback in somebody else's browser.
#[tokio::test]
async fn an_attempt_of_another_browser_is_unknown() {
    let app = App::builder().sealed_store().start().await;
    let (attacker, victim) = (app.browser(), app.browser());
    let (callback, _) = pending(&attacker).await;
    let reply = victim.navigate(&callback).await;
    assert_refused(&app, &victim, &reply, UNKNOWN, "foreign attempt").await;
    assert_eq!(app.calls().code, 0);
    // Nor with an attempt of the victim's own pending.
    victim.navigate("/auth/login").await;
    let reply = victim.navigate(&callback).await;
    assert_eq!(reply.refusal().1, UNKNOWN.1);
    assert_eq!((app.calls().code, victim.bindings().len()), (0, 1));
    assert_clean_login(&app, &victim, "foreign attempt").await;
}

#[tokio::test]
async fn a_state_or_binding_that_was_tampered_with_is_unknown() {
    type Change = fn(&str) -> String;
    let changes: [(&str, Change); 8] = [
        ("garbage", |_| "garbage".to_owned()),
        ("a letter", |_| "A".to_owned()),
        ("truncated", |value| value[..value.len() - 1].to_owned()),
        ("half", |value| value[..value.len() / 2].to_owned()),
        ("longer", |value| format!("{value}A")),
        ("twice", |value| format!("{value}{value}")),
        ("one bit", |value| flip(value, value.len() / 2)),
        ("its beginning", |value| flip(value, 2)),
    ];
    for (row, change) in changes {
        for of_state in [true, false] {
            let row = format!("{row} of {}", if of_state { "state" } else { "binding" });
            let app = App::builder().sealed_store().start().await;
            let browser = app.browser();
            // An attempt that shares its binding, so that nothing can have replaced it.
            pending(&browser).await;
            let (mut callback, name) = pending(&browser).await;
            if of_state {
                let state = state(&callback);
                callback = callback.replace(&state, &change(&state));
            } else {
                browser.set_cookie(&name, &change(&browser.cookie(&name).unwrap()));
            }
            let reply = browser.navigate(&callback).await;
            assert_refused(&app, &browser, &reply, UNKNOWN, &row).await;
            assert_eq!(app.calls().code, 0, "{row}");
            assert_clean_login(&app, &browser, &row).await;
        }
    }
}

/// Another letter of base64url at `index`.
fn flip(value: &str, index: usize) -> String {
    let replacement = if &value[index..=index] == "A" { "B" } else { "A" };
    format!("{}{replacement}{}", &value[..index], &value[index + 1..])
}

/// Sealed under a key that this application does not have (any more).
#[tokio::test]
async fn a_state_from_another_key_is_unknown() {
    let other =
        "OTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTBmZWRjYmE5ODc2NTQzMjEwZmVkY2JhOTg3NjU0MzIxMGZlZGNiYQ==";
    let configure = move |auth: axum_oidc_session::OidcAuthBuilder| {
        auth.cookie_keys(KeyRing::from_base64(other).unwrap())
    };
    let (ours, theirs) = (App::start().await, App::builder().configure(configure).start().await);
    let browser = ours.browser();
    let (callback, _) = pending(&browser).await;
    // The same browser: the cookies do not know of ports.
    let (foreign, _) = pending(&browser.at(&theirs.origin)).await;
    let planted = callback.replace(&state(&callback), &state(&foreign));
    let reply = browser.navigate(&planted).await;
    assert_refused(&ours, &browser, &reply, UNKNOWN, "another key").await;
    assert_clean_login(&ours, &browser, "another key").await;
}

/// All bindings that a browser sends are its own, and no binding is another's.
#[tokio::test]
async fn the_binding_of_another_browser_is_not_enough() {
    let app = App::start().await;
    let (one, two) = (app.browser(), app.browser());
    let (callback, one_name) = pending(&one).await;
    let (_, two_name) = pending(&two).await;
    assert_ne!(one_name, two_name, "consecutive logins use consecutive slots");
    one.set_cookie(&two_name, &two.cookie(&two_name).unwrap());
    one.remove_cookie(&one_name);
    let reply = one.navigate(&callback).await;
    assert_eq!(reply.refusal().1, UNKNOWN.1);
    assert_no_session(&app, &one, "foreign binding").await;
    assert_eq!(app.calls().code, 0);
}

#[tokio::test]
async fn an_attempt_is_good_for_ten_minutes() {
    for (age, expired) in [(599, false), (600, true), (86_400, true)] {
        let row = format!("{age} s");
        let app = App::builder().sealed_store().start().await;
        let browser = app.browser();
        let (callback, name) = pending(&browser).await;
        let value = browser.cookie(&name).unwrap();
        app.clock.advance(Duration::from_secs(age));
        // A browser that keeps cookies for longer than it is told; without the cookie the end is the same.
        if age != 86_400 {
            browser.set_cookie(&name, &value);
        }
        let reply = browser.navigate(&callback).await;
        // The provider's code is good for a minute: an attempt that is young enough gets as far as the token endpoint.
        assert_eq!(app.calls().code, u64::from(!expired), "{row}");
        if expired {
            let refusal = (400, "login_attempt_expired");
            assert_refused(&app, &browser, &reply, refusal, &row).await;
        } else {
            assert!(reply.location().starts_with(app.op.issuer()), "{row}: begun once more");
        }
        assert_clean_login(&app, &browser, &row).await;
    }
}

/// Two nodes' clocks may disagree by a minute; a clock that jumped does not make an attempt immortal.
#[tokio::test]
async fn an_attempt_from_the_future_is_expired() {
    for (back, refusal) in [
        // The attempt is good; the provider's sign-in lies in the future for the clock as it is now.
        (60, (403, "id_token_auth_time_in_future")),
        (61, (400, "login_attempt_expired")),
    ] {
        let app = App::start().await;
        let browser = app.browser();
        let (callback, _) = pending(&browser).await;
        app.clock.step(-back);
        let reply = browser.navigate(&callback).await;
        assert_refused(&app, &browser, &reply, refusal, &format!("{back} s back")).await;
    }
}

#[tokio::test]
async fn an_attempt_is_used_once_even_if_its_cookie_is_sent_again() {
    for sealed in [false, true] {
        let builder = App::builder();
        let app = if sealed { builder.sealed_store() } else { builder }.start().await;
        let browser = app.browser();
        let (callback, _) = pending(&browser).await;
        let thief = browser.copy();
        assert_eq!(browser.navigate(&callback).await.status, 303);
        let stored = app.store.as_ref().map(|store| store.stored());
        let reply = thief.navigate(&callback).await;
        super::refused::assert_answer(&reply, 400, "login_attempt_used", "replay");
        assert_eq!(thief.cookie("app"), None);
        assert_eq!(app.calls().code, 1, "the code is not sent again");
        assert_eq!(app.store.as_ref().map(|store| store.stored()), stored);
        assert_eq!(browser.fetch("/profile").await.text(), "ada", "the session lives on");
    }
}

/// Also one that ended badly.
#[tokio::test]
async fn a_refused_attempt_is_used_up() {
    use axum_oidc_session::dev_provider::{AuthorizationFault, Fault, IdTokenFault};
    for fault in [
        Fault::Authorization(AuthorizationFault::AccessDenied),
        Fault::Authorization(AuthorizationFault::WrongIss),
        Fault::Authorization(AuthorizationFault::MissingCode),
        Fault::IdToken(IdTokenFault::NonceWrong),
    ] {
        let app = App::start().await;
        let browser = app.browser();
        let begun = browser.navigate("/auth/login").await;
        app.op.set_fault(Some(fault));
        let wrong = browser.authorize(&begun).await;
        let again = browser.copy();
        assert!(browser.navigate(&wrong).await.status >= 400, "{fault:?}");
        app.op.set_fault(None);
        let right = again.authorize(&begun).await;
        let calls = app.calls().code;
        let reply = again.navigate(&right).await;
        assert_eq!(reply.refusal(), (400, "login_attempt_used".to_owned()), "{fault:?}");
        assert_eq!(app.calls().code, calls, "{fault:?}");
    }
}

/// Two callbacks with one attempt at the same moment: one session, and both have it.
#[tokio::test]
async fn of_two_callbacks_at_once_one_wins() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.browser();
    let (callback, _) = pending(&browser).await;
    // So that both are on their way when the first is stored.
    app.store().answer_slowly(Duration::from_millis(20));
    let (one, two) = (browser.copy(), browser.copy());
    let (one, two) =
        futures_util::future::join(one.navigate(&callback), two.navigate(&callback)).await;
    assert_eq!([one.status, two.status], [303, 303]);
    assert_eq!((app.calls().code, app.store().stored().len()), (1, 1));
}

#[tokio::test]
async fn a_response_with_a_duplicated_parameter_uses_it_up() {
    let app = App::start().await;
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    let spare = browser.copy();
    let doubled = browser.navigate(&format!("{callback}&code=other")).await;
    assert_eq!(doubled.status, 400);
    let replayed = spare.navigate(&callback).await;
    assert_eq!(replayed.refusal(), (400, "login_attempt_used".to_owned()));
    assert_eq!(app.calls().code, 0);
}
