//! Several logins at once in one browser: five are kept, the oldest goes.

use axum_oidc_session::LoginParameter;

use crate::support::App;

#[tokio::test]
async fn five_attempts_are_kept_and_the_oldest_is_dropped() {
    let app = App::start().await;
    let browser = app.browser();
    let mut callbacks = Vec::new();
    for count in 1..=6 {
        let begun = browser.navigate("/auth/login").await;
        let dropped = begun.cookie_changes().1;
        assert_eq!(dropped.len(), usize::from(count == 6), "at attempt {count}");
        callbacks.push(browser.authorize(&begun).await);
        assert_eq!(browser.attempts().len(), count.min(5));
        app.later(1);
    }
    let refused = browser.navigate(&callbacks[0]).await;
    assert_eq!(refused.refusal(), (400, "login_attempt_unknown".to_owned()));
    for callback in &callbacks[1..] {
        let reply = browser.navigate(callback).await;
        assert_eq!((reply.status, reply.set_cookie("app").is_some()), (303, true));
    }
    assert_eq!(browser.attempts(), Vec::<String>::new());
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn an_attempts_cookie_lives_as_long_as_the_attempt() {
    let lifetime = std::time::Duration::from_secs(120);
    let app = App::builder().configure(move |auth| auth.login_attempt_lifetime(lifetime));
    let app = app.start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login").await;
    let name = browser.attempts().remove(0);
    assert_eq!(begun.set_cookie(&name).unwrap().max_age, Some(120));
    app.later(120);
    assert_eq!(browser.attempts(), Vec::<String>::new());
}

/// Browsers take 4,096 bytes of name and value (RFC 6265bis section 5.7).
#[tokio::test]
async fn an_attempt_with_long_parameters_fits_into_a_cookie() {
    let app = App::builder()
        .configure(|auth| {
            auth.login_parameters_from_query([
                LoginParameter::LoginHint,
                LoginParameter::AcrValues,
                LoginParameter::UiLocales,
            ])
        })
        .start()
        .await;
    let browser = app.browser();
    let (path, long) = ("a".repeat(1_023), "b".repeat(512));
    let login = format!(
        "/auth/login?return_to=/{path}&login_hint={long}&acr_values={long}&ui_locales={long}"
    );
    let begun = browser.navigate(&login).await;
    assert_eq!(begun.parameter("ui_locales"), Some(long));
    let name = browser.attempts().remove(0);
    let size = name.len() + browser.cookie(&name).unwrap().len();
    assert!((3_900..=4_096).contains(&size), "{size} bytes");
}

#[tokio::test]
async fn cookies_that_are_no_attempts_are_dropped_first() {
    let app = App::start().await;
    let browser = app.browser();
    for number in 0..4 {
        browser.set_cookie(&format!("app_a_garbage{number}"), "garbage");
    }
    let begun = browser.navigate("/auth/login").await;
    let (_, dropped) = begun.cookie_changes();
    assert_eq!(dropped.len(), 4, "{dropped:?}");
    assert_eq!(browser.attempts().len(), 1);
    let callback = browser.authorize(&begun).await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
}

/// The value is sealed: nothing in it or around it shows what must stay secret.
#[tokio::test]
async fn an_attempts_cookie_shows_no_secret() {
    let app = App::start().await;
    let browser = app.browser();
    let begun = browser.navigate("/auth/login?return_to=/profile").await;
    let callback = browser.authorize(&begun).await;
    let name = browser.attempts().remove(0);
    let value = browser.cookie(&name).unwrap();
    browser.navigate(&callback).await;
    let exchange = app.op.last_request(axum_oidc_session::dev_provider::Endpoint::Token).unwrap();
    let secrets = [
        begun.parameter("state").unwrap(),
        begun.parameter("nonce").unwrap(),
        exchange.parameter("code_verifier").unwrap().to_owned(),
    ];
    for secret in secrets {
        assert!(!value.contains(&secret) && !name.contains(&secret));
    }
    let state = begun.parameter("state").unwrap();
    assert_eq!(name, format!("app_a_{}", &state[..16]), "160 of its 256 bits stay unknown");
}
