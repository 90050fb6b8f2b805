//! A login that a handler begins.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum_oidc_session::{AuthSession, LoginParameter, require_authentication};

use crate::support::{App, AppBuilder};

fn with_login_of_its_own() -> AppBuilder {
    App::builder().assemble(|auth, router| {
        let handle = auth.clone();
        let login = get(async move |headers: HeaderMap| {
            let login = handle.login().login_hint("ada@example.com").prompt("login");
            let login = login.max_age(Duration::from_secs(60)).acr_values(["gold", "silver"]);
            login.ui_locales("de en").return_to("/profile?tab=2").begin(&headers).await
        });
        let handle = auth.clone();
        let astray = get(async move |headers: HeaderMap| {
            let login = handle.login().prompt("none");
            login.return_to("https://evil.example/").begin(&headers).await
        });
        let handle = auth.clone();
        let widened = get(async move |headers: HeaderMap| {
            let login = handle.login().insecure_widen_prompt("select_account");
            let login = login.insecure_widen_max_age(Duration::from_secs(3_600));
            login.insecure_widen_acr_values(["iron"]).begin(&headers).await
        });
        let router = router.route("/widened", widened);
        let router = router.route("/desk", login).route("/astray", astray);
        router.layer(auth.layer()).merge(auth.routes())
    })
}

#[tokio::test]
async fn every_parameter_is_sent_and_the_way_back_is_kept() {
    let app = with_login_of_its_own().start().await;
    app.op.set_id_token_claim("acr", "gold");
    let browser = app.browser();
    let begun = browser.navigate("/desk").await;
    for (name, expected) in [
        ("login_hint", "ada@example.com"),
        ("prompt", "login"),
        ("max_age", "60"),
        ("acr_values", "gold silver"),
        ("ui_locales", "de en"),
    ] {
        assert_eq!(begun.parameter(name).as_deref(), Some(expected), "{name}");
    }
    let callback = browser.authorize(&begun).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.location(), format!("{}/profile?tab=2", app.origin));
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn what_the_login_asked_for_is_checked() {
    let app = with_login_of_its_own().start().await;
    app.op.set_id_token_claim("acr", "bronze");
    let refused = app.browser().sign_in_from("/desk").await;
    assert_eq!(refused.refusal(), (403, "id_token_acr".to_owned()));
    app.op.set_id_token_claim("acr", "gold");
    let long_ago = axum_oidc_session::clock::Clock::now(&app.clock).seconds() - 91;
    app.op.set_id_token_claim("auth_time", long_ago);
    let refused = app.browser().sign_in_from("/desk").await;
    assert_eq!(refused.refusal(), (403, "id_token_auth_time_too_old".to_owned()));
    app.op.set_id_token_claim("auth_time", long_ago + 1);
    assert_eq!(app.browser().sign_in_from("/desk").await.status, 303, "60 s and 30 s of tolerance");
}

#[tokio::test]
async fn a_requirement_is_asked_for_and_checked() {
    let requirement = require_authentication().max_age(Duration::from_secs(60)).amr("otp");
    let builder = App::builder().assemble(|auth, router| {
        let handle = auth.clone();
        let transfer = get(async move |session: AuthSession, headers: HeaderMap| {
            if session.meets(&requirement) {
                return "done".into_response();
            }
            let login = handle.login().max_age(Duration::from_secs(30)).require(&requirement);
            login.return_to("/transfer").begin(&headers).await
        });
        router.route("/transfer", transfer).layer(auth.layer()).merge(auth.routes())
    });
    let app = builder.start().await;
    let browser = app.signed_in().await;
    let begun = browser.navigate("/transfer").await;
    assert_eq!(begun.parameter("max_age").as_deref(), Some("30"), "the shorter of both");
    assert_eq!(begun.parameter("prompt").as_deref(), Some("login"));
    let refused = browser.sign_in_from("/transfer").await;
    assert_eq!(refused.refusal(), (403, "id_token_amr".to_owned()));
    app.op.set_id_token_claim("amr", vec!["otp"]);
    assert_eq!(browser.sign_in_from("/transfer").await.status, 303);
    assert_eq!(browser.navigate("/transfer").await.text(), "done");
}

#[tokio::test]
async fn a_way_back_to_another_site_is_the_front_page() {
    let app = with_login_of_its_own().start().await;
    assert_eq!(app.browser().sign_in_from("/astray").await.location(), format!("{}/", app.origin));
}

#[tokio::test]
async fn the_parameters_of_a_login_narrow_those_of_the_configuration() {
    let app = with_login_of_its_own()
        .configure(|auth| {
            auth.prompt("consent")
                .max_age(Duration::from_secs(900))
                .acr_values(["bronze", "silver"])
                .login_parameters_from_query([LoginParameter::Prompt, LoginParameter::AcrValues])
        })
        .start()
        .await;
    let of = async |path: &str| {
        let begun = app.browser().navigate(path).await;
        ["prompt", "max_age", "acr_values"].map(|name| begun.parameter(name).unwrap())
    };
    assert_eq!(of("/desk").await, ["login consent", "60", "silver"]);
    assert_eq!(of("/widened").await, ["select_account", "3600", "iron"]);
    assert_eq!(of("/auth/login").await, ["consent", "900", "bronze silver"]);
    let link = "/auth/login?prompt=login&acr_values=x";
    assert_eq!(of(link).await, ["login consent", "900", "bronze silver"]);
}

#[tokio::test]
async fn a_prompt_that_shows_nothing_is_not_sent() {
    let app = with_login_of_its_own().start().await;
    let begun = app.browser().navigate("/astray").await;
    assert_eq!(begun.status, 303);
    assert!(!begun.location().contains("prompt="), "{}", begun.location());
}
