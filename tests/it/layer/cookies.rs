//! Session cookies that are none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::stores;
use crate::support::App;

#[tokio::test]
async fn without_a_cookie_nobody_is_signed_in() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.browser();
        assert_eq!(browser.navigate("/").await.text(), "hello nobody");
        assert_eq!(browser.fetch("/api/me").await.refusal(), (401, "login_required".to_owned()));
        let login = browser.navigate("/profile").await;
        assert_eq!(login.location(), format!("{}/auth/login?return_to=%2Fprofile", app.origin));
        assert_eq!(browser.submit("/api/act").await.refusal(), (401, "login_required".to_owned()));
    }
}

#[tokio::test]
async fn garbage_is_no_session_and_does_no_harm() {
    for builder in stores() {
        let app = builder.start().await;
        let real = app.signed_in().await.cookie("app").unwrap();
        let mut other_half = URL_SAFE_NO_PAD.decode(&real).unwrap();
        other_half[31] ^= 1;
        let mut other_finder = URL_SAFE_NO_PAD.decode(&real).unwrap();
        other_finder[0] ^= 1;
        let cases = [
            String::new(),
            "x".to_owned(),
            real[..42].to_owned(),
            format!("{real}A"),
            format!("\"{real}\""),
            "A".repeat(43),
            "A".repeat(4_000),
            "%00%ff".to_owned(),
            URL_SAFE_NO_PAD.encode(other_half),
            URL_SAFE_NO_PAD.encode(other_finder),
        ];
        for value in cases {
            let browser = app.browser();
            browser.set_cookie("app", &value);
            assert_eq!(browser.get("/").await.text(), "hello nobody", "{value}");
            let refusal = browser.fetch("/api/me").await.refusal();
            assert_eq!(refusal, (401, "login_required".to_owned()), "{value}");
            assert_eq!(browser.fetch("/auth/session").await.json()["authenticated"], false);
        }
    }
}

#[tokio::test]
async fn of_two_values_neither_counts() {
    for builder in stores() {
        let app = builder.start().await;
        let (one, two) = (app.signed_in().await, app.signed_in().await);
        let (one, two) = (one.cookie("app").unwrap(), two.cookie("app").unwrap());
        let ask = async |cookies: String| {
            let headers = [("cookie", &*cookies), ("accept", "*/*")];
            app.browser().send("GET", "/", &headers, "").await.text()
        };
        assert_eq!(ask(format!("app={one}")).await, "hello ada");
        assert_eq!(ask(format!("app={one}; app={two}")).await, "hello nobody");
        assert_eq!(ask(format!("app={one}; app=x")).await, "hello nobody");
        assert_eq!(ask(format!("app={one}; app={one}")).await, "hello ada");
        assert_eq!(ask(format!("other=1; app={one}; app_x=2")).await, "hello ada");
    }
}

#[tokio::test]
async fn a_cookie_of_another_application_opens_nothing() {
    for (here, there) in stores().into_iter().zip(stores()) {
        let (here, there) = (here.start().await, there.start().await);
        let cookie = there.signed_in().await.cookie("app").unwrap();
        let browser = here.browser();
        browser.set_cookie("app", &cookie);
        assert_eq!(browser.get("/").await.text(), "hello nobody");
    }
}

#[tokio::test]
async fn every_login_makes_a_new_id_and_ends_the_old_one() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let (old, first) = (browser.copy(), browser.cookie("app").unwrap());
        browser.sign_in().await;
        assert_ne!(browser.cookie("app").unwrap(), first);
        assert_eq!(browser.get("/").await.text(), "hello ada");
        assert_eq!(old.fetch("/api/me").await.json()["reason"], "revoked");
    }
}

#[tokio::test]
async fn https_cookies_have_the_host_prefix_and_are_secure() {
    let app =
        App::builder().configure(|auth| auth.base_url("https://app.example.com")).start().await;
    let headers = [("host", "app.example.com"), ("cookie", "__Host-app_m=idle; __Host-app=x")];
    let reply = app.browser().send("POST", "/auth/logout", &headers, "").await;
    let cookie = reply.set_cookie("__Host-app").unwrap();
    assert_eq!(cookie.attributes, "Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
}
