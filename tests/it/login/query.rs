//! Of a login link's query only `return_to`, `again` and the parameters on the allow-list are heard.

use axum_oidc_session::LoginParameter;

use crate::support::App;

const LINK: &str = "/auth/login?login_hint=ada%40example.com&prompt=login&acr_values=gold+silver&ui_locales=de+en\
                    &max_age=1&scope=admin&redirect_uri=https%3A%2F%2Fevil.example&client_id=other&state=s&nonce=n\
                    &response_mode=fragment&claims=%7B%7D&audience=other&resource=other&code_challenge=c";

/// Parameter, its place on the allow-list, and its value in [`LINK`].
const ALLOWED: [(&str, LoginParameter, &str); 5] = [
    ("max_age", LoginParameter::MaxAge, "1"),
    ("login_hint", LoginParameter::LoginHint, "ada@example.com"),
    ("prompt", LoginParameter::Prompt, "login"),
    ("acr_values", LoginParameter::AcrValues, "gold silver"),
    ("ui_locales", LoginParameter::UiLocales, "de en"),
];

#[tokio::test]
async fn by_default_none_is_heard() {
    let app = App::start().await;
    let begun = app.browser().navigate(LINK).await;
    for name in ALLOWED.map(|(name, ..)| name).into_iter().chain([
        "claims",
        "audience",
        "resource",
        "response_mode",
    ]) {
        assert_eq!(begun.parameter(name), None, "{name}");
    }
    assert_eq!(begun.parameter("scope").unwrap(), "openid profile email offline_access");
    assert_eq!(begun.parameter("client_id").unwrap(), "test-client");
    assert_eq!(begun.parameter("redirect_uri").unwrap(), format!("{}/auth/callback", app.origin));
    assert!(begun.parameter("state").unwrap().len() < 300);
    assert_eq!(begun.parameter("nonce").unwrap().len(), 43);
    assert_eq!(begun.parameter("code_challenge").unwrap().len(), 43);
}

#[tokio::test]
async fn each_is_heard_if_it_is_allowed_and_no_other_with_it() {
    for (allowed, parameter, value) in ALLOWED {
        let app =
            App::builder().configure(move |auth| auth.login_parameters_from_query([parameter]));
        let begun = app.start().await.browser().navigate(LINK).await;
        for (name, ..) in ALLOWED {
            let expected = (name == allowed).then_some(value);
            assert_eq!(begun.parameter(name).as_deref(), expected, "{name}, {allowed} allowed");
        }
    }
}

#[tokio::test]
async fn a_link_cannot_ask_for_prompt_none_or_send_a_novel() {
    let all = ALLOWED.map(|(_, parameter, _)| parameter);
    let app = App::builder().configure(move |auth| auth.login_parameters_from_query(all));
    let app = app.start().await;
    for link in ["/auth/login?prompt=none", "/auth/login?prompt=login+none"] {
        assert_eq!(app.browser().navigate(link).await.parameter("prompt"), None, "{link}");
    }
    let hint = |length| format!("/auth/login?login_hint={}", "a".repeat(length));
    assert_eq!(
        app.browser().navigate(&hint(512)).await.parameter("login_hint").unwrap().len(),
        512
    );
    assert_eq!(app.browser().navigate(&hint(513)).await.parameter("login_hint"), None);
}

#[tokio::test]
async fn what_a_link_asked_for_is_checked_in_the_id_token() {
    let app = App::builder()
        .configure(|auth| auth.login_parameters_from_query([LoginParameter::AcrValues]))
        .start()
        .await;
    app.op.set_id_token_claim("acr", "bronze");
    let refused = app.browser().sign_in_from("/auth/login?acr_values=gold+silver").await;
    assert_eq!(refused.refusal(), (403, "id_token_acr".to_owned()));
    app.op.set_id_token_claim("acr", "silver");
    assert_eq!(app.browser().sign_in_from("/auth/login?acr_values=gold+silver").await.status, 303);
}

#[tokio::test]
async fn again_has_the_user_asked_whatever_else_is_asked_for() {
    for (configured, link, expected) in [
        (None, "again=1", Some("login")),
        (None, "again=0", None),
        (None, "again=", None),
        (None, "again=1&again=0", Some("login")),
        (None, "prompt=consent&again=1", Some("login")),
        (Some("consent"), "again=1", Some("login consent")),
        (Some("login consent"), "again=1", Some("login consent")),
        (Some("consent"), "again=2", Some("consent")),
    ] {
        let app = App::builder().configure(move |auth| match configured {
            Some(prompt) => auth.prompt(prompt),
            None => auth,
        });
        let app = app.start().await;
        let begun = app.browser().navigate(&format!("/auth/login?return_to=/x&{link}")).await;
        assert_eq!(begun.parameter("prompt").as_deref(), expected, "{configured:?} {link}");
    }
    let app = App::builder()
        .configure(|auth| auth.login_parameters_from_query([LoginParameter::Prompt]))
        .start()
        .await;
    let begun = app.browser().navigate("/auth/login?prompt=select_account&again=1").await;
    assert_eq!(begun.parameter("prompt").as_deref(), Some("login select_account"));
}

/// Anybody can make a link: it takes nothing away from what every login must have.
#[tokio::test]
async fn a_link_only_narrows_what_is_configured() {
    let app = App::builder().configure(|auth| {
        let auth = auth.acr_values(["mfa", "phr"]).prompt("login");
        let auth = auth.max_age(std::time::Duration::from_secs(300));
        auth.login_parameters_from_query(ALLOWED.map(|(_, parameter, _)| parameter))
    });
    let app = app.start().await;
    for (link, acr_values, prompt, max_age) in [
        ("", "mfa phr", "login", "300"),
        ("acr_values=pwd&prompt=consent&max_age=86400", "mfa phr", "consent login", "300"),
        ("acr_values=pwd+phr&prompt=none&max_age=60", "phr", "login", "60"),
        ("acr_values=phr+mfa&prompt=create&max_age=0", "phr mfa", "login", "0"),
        ("acr_values=&prompt=&max_age=", "mfa phr", "login", "300"),
        ("max_age=-1&prompt=select_account+create", "mfa phr", "select_account login", "300"),
        ("acr_values=pwd&acr_values=phr&again=1", "mfa phr", "login", "300"),
    ] {
        let begun = app.browser().navigate(&format!("/auth/login?{link}")).await;
        let found = ["acr_values", "prompt", "max_age"].map(|name| begun.parameter(name).unwrap());
        assert_eq!(found, [acr_values, prompt, max_age], "{link}");
    }
    app.op.set_id_token_claim("acr", "pwd");
    let refused = app.browser().sign_in_from("/auth/login?acr_values=pwd").await;
    assert_eq!(refused.refusal(), (403, "id_token_acr".to_owned()));
}
