//! The link that a script is given: it asks for what is required, and cannot be made by others.

use super::{builder, forms};
use crate::support::{App, Browser};

async fn login_url(browser: &Browser, path: &str) -> String {
    browser.fetch(path).await.json()["login_url"].as_str().unwrap().to_owned()
}

async fn stale() -> (App, Browser) {
    let app = builder().start().await;
    let browser = app.signed_in().await;
    app.later(61);
    (app, browser)
}

#[tokio::test]
async fn it_leads_to_a_sign_in_that_does() {
    for path in ["recent", "gold", "otp", "all"].into_iter().flat_map(forms) {
        let (app, browser) = stale().await;
        app.op.set_id_token_claim("amr", vec!["pwd", "otp"]);
        let url = login_url(&browser, &path).await;
        let back = browser.sign_in_from(&format!("{url}&return_to=/profile")).await;
        assert_eq!(back.location(), format!("{}/profile", app.origin), "{path}");
        assert_eq!(browser.fetch(&path).await.text(), "hello ada", "{path}");
    }
}

#[tokio::test]
async fn what_it_asks_for_is_checked_at_the_callback() {
    let (app, browser) = stale().await;
    let url = login_url(&browser, "/layer/otp").await;
    let refused = browser.sign_in_from(&url).await;
    assert_eq!(refused.refusal(), (403, "id_token_amr".to_owned()));
    app.op.set_id_token_claim("amr", vec!["otp"]);
    assert_eq!(browser.sign_in_from(&url).await.status, 303);
}

/// Nobody but the application says what a login asks for: a changed or made-up requirement is none.
#[tokio::test]
async fn one_that_was_not_sealed_here_asks_for_nothing() {
    let (app, browser) = stale().await;
    let url = login_url(&browser, "/layer/all").await;
    let (_, sealed) = url.split_once("requirement=").unwrap();
    let mut changed = sealed.to_owned().into_bytes();
    let last = changed.len() - 1;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    let (other, _browser) = stale().await;
    let elsewhere = login_url(&_browser, "/layer/all").await;
    let elsewhere = elsewhere.split_once("requirement=").unwrap().1.to_owned();
    drop(other);
    for forged in [
        String::from_utf8(changed).unwrap(),
        sealed[..sealed.len() / 2].to_owned(),
        r#"{"max_age":0,"acr":[],"amr":[]}"#.to_owned(),
        elsewhere,
        "x".repeat(4_000),
        String::new(),
    ] {
        let begun = browser.navigate(&format!("/auth/login?requirement={forged}")).await;
        for name in ["max_age", "claims", "prompt"] {
            assert_eq!(begun.parameter(name), None, "{forged}: {name}");
        }
    }
    let begun = browser.navigate(&url).await;
    assert_eq!(begun.parameter("max_age").as_deref(), Some("60"));
    assert_eq!(app.calls().code, 1);
}

/// On another host name of ours the browser is first sent to the base URL, with all of it.
#[tokio::test]
async fn it_survives_the_way_to_the_base_host() {
    let (app, browser) = stale().await;
    let url = login_url(&browser, "/layer/recent").await;
    let local = browser.at(&app.origin.replace("127.0.0.1", "localhost"));
    let path = url.strip_prefix(&app.origin).unwrap();
    let moved =
        local.send("GET", path, &[("host", "localhost:1"), ("accept", "text/html")], "").await;
    assert!(moved.location().starts_with(&app.origin), "{}", moved.location());
    let begun = browser.navigate(moved.location()).await;
    assert_eq!(begun.parameter("max_age").as_deref(), Some("60"));
}
