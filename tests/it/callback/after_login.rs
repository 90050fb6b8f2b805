//! The hook after a login: it accepts, adds claims, or rejects.

use std::sync::{Arc, Mutex};

use axum_oidc_session::dev_provider::{DevUser, Fault, IdTokenFault, SessionExpiryMode as Mode};
use axum_oidc_session::{CompletedLogin, LoginDecision};
use serde_json::{Map, Value, json};

use super::{assert_clean_login, assert_refused};
use crate::support::{App, AppBuilder, NOW};

type Seen = Arc<Mutex<Vec<CompletedLogin>>>;

/// An application whose hook decides so, and what the hook was told.
fn deciding(decide: fn(&CompletedLogin) -> LoginDecision) -> (AppBuilder, Seen) {
    let seen = Seen::default();
    let told = Arc::clone(&seen);
    let builder = App::builder().sealed_store().configure(move |auth| {
        auth.after_login(move |login| {
            let decision = decide(&login);
            told.lock().unwrap().push(login);
            std::future::ready(decision)
        })
    });
    (builder, seen)
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn it_accepts_and_is_told_everything() {
    let (app, seen) = deciding(|_| LoginDecision::Accept);
    let app = app.start().await;
    let user = DevUser::new("ada").name("Ada Lovelace").userinfo_claim("department", "engines");
    app.op.add_user(user);
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].claims.sub(), "ada");
    assert_eq!(seen[0].claims.name(), Some("Ada Lovelace"));
    assert_eq!(seen[0].claims.get_str("department"), Some("engines"), "UserInfo's claims, too");
    assert_eq!(seen[0].ceiling.map(|ceiling| ceiling.seconds()), Some(NOW + 3_600));
}

#[tokio::test]
async fn without_a_ceiling_it_is_told_none() {
    let (app, seen) = deciding(|_| LoginDecision::Accept);
    let app = app.start().await;
    app.op.set_session_expiry(Mode::Absent);
    app.signed_in().await;
    assert_eq!(seen.lock().unwrap()[0].ceiling, None);
}

#[tokio::test]
async fn it_adds_claims_and_replaces_none() {
    let (app, _) = deciding(|_| {
        LoginDecision::AcceptWith(object(json!({
            "roles": ["admin"], "name": "Somebody Else", "sub": "root", "iss": "https://evil.example",
            "session_expiry": 9_999_999_999_i64, "sid": "x", "amr": ["mfa"], "auth_time": 1, "acr": "gold",
        })))
    });
    let app = app.start().await;
    app.op.set_session_expiry(Mode::Absent);
    let browser = app.signed_in().await;
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["claims"]["roles"], json!(["admin"]));
    assert_eq!(me["claims"]["name"], "Ada Lovelace");
    assert_eq!(me["claims"]["sub"], "ada");
    assert_eq!(me["claims"]["iss"], app.op.issuer());
    assert_eq!(me["claims"]["session_expiry"], Value::Null);
    assert_eq!(me["claims"]["amr"], json!(["pwd"]));
    assert_eq!(me["claims"]["acr"], Value::Null, "the provider alone says how one signed in");
    assert_eq!(me["claims"]["auth_time"], NOW);
    assert_ne!(me["claims"]["sid"], "x");
    assert_eq!((&me["ceiling"], &me["session_expires_at"]), (&Value::Null, &json!(NOW + 86_400)));
}

#[tokio::test]
async fn it_rejects_and_nothing_stays() {
    let (app, _) = deciding(|login| match login.claims.sub() {
        "ada" => LoginDecision::Accept,
        _ => LoginDecision::Reject("Only <b>Ada</b> & nobody else".to_owned()),
    });
    let app = app.start().await;
    app.op.authorize_as("grace");
    let browser = app.browser();
    let reply = browser.sign_in().await;
    assert_refused(&app, &browser, &reply, (403, "login_rejected"), "rejected").await;
    assert!(reply.text().contains("Only &lt;b&gt;Ada&lt;/b&gt; &amp; nobody else"));
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1);
    app.op.authorize_as("ada");
    assert_clean_login(&app, &browser, "rejected").await;
}

/// The example in the documentation of `after_login`.
fn of_example_com(login: &CompletedLogin) -> LoginDecision {
    match login.claims.verified_email() {
        Some(email) if email.ends_with("@example.com") => LoginDecision::Accept,
        _ => LoginDecision::Reject("Only people of example.com can sign in.".into()),
    }
}

/// The address of the ID Token and the flag of UserInfo, which is about another address there.
#[tokio::test]
async fn an_address_that_is_verified_elsewhere_does_not_get_in() {
    let (app, _) = deciding(of_example_com);
    let app = app.start().await;
    let mallory = || DevUser::new("ada").claim("email", "boss@example.com");
    for (user, status) in [
        (mallory(), 403),
        (mallory().userinfo_claim("email_verified", true), 303),
        (
            mallory()
                .userinfo_claim("email", "m@evil.example")
                .userinfo_claim("email_verified", true),
            403,
        ),
        (
            DevUser::new("ada")
                .claim("email_verified", true)
                .userinfo_claim("email_verified", false)
                .userinfo_claim("email", "boss@example.com"),
            403,
        ),
        (DevUser::new("ada").email("ada@example.com"), 303),
        (DevUser::new("ada").email("ada@evil.example"), 403),
    ] {
        app.op.add_user(user.clone());
        assert_eq!(app.browser().sign_in().await.status, status, "{user:?}");
    }
}

#[tokio::test]
async fn userinfo_says_nothing_of_tenant_or_account() {
    let app = App::start().await;
    let user = DevUser::new("ada")
        .userinfo_claim("tenant", "acme")
        .userinfo_claim("aud_sub", "root")
        .userinfo_claim("session_expiry", NOW + 9_999)
        .userinfo_claim("acr", "urn:strong")
        .userinfo_claim("nickname", "countess");
    app.op.add_user(user);
    let claims = app.signed_in().await.fetch("/api/me").await.json()["claims"].clone();
    assert_eq!(claims["nickname"], "countess");
    assert_eq!((&claims["tenant"], &claims["aud_sub"]), (&Value::Null, &Value::Null));
    assert_ne!(claims["acr"], "urn:strong");
    assert_ne!(claims["session_expiry"], NOW + 9_999);
    app.op.add_user(DevUser::new("ada").claim("tenant", "acme").userinfo_claim("tenant", "evil"));
    let claims = app.signed_in().await.fetch("/api/me").await.json()["claims"].clone();
    assert_eq!(claims["tenant"], "acme");
}

/// A rejected sign-in as somebody else leaves the session that was there.
#[tokio::test]
async fn a_rejection_leaves_the_older_session() {
    let (app, _) = deciding(|login| match login.claims.sub() {
        "ada" => LoginDecision::Accept,
        _ => LoginDecision::Reject("no".to_owned()),
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    app.op.authorize_as("grace");
    assert_eq!(browser.sign_in().await.refusal(), (403, "login_rejected".to_owned()));
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

#[tokio::test]
async fn it_is_not_asked_about_a_login_that_is_refused() {
    let (app, seen) = deciding(|_| LoginDecision::Accept);
    let app = app.start().await;
    app.op.set_fault(Some(Fault::IdToken(IdTokenFault::NonceWrong)));
    assert_eq!(app.browser().sign_in().await.status, 403);
    app.op.set_fault(None);
    app.op.set_session_expiry(Mode::At(NOW - 1));
    assert_eq!(app.browser().sign_in().await.status, 403);
    assert_eq!(seen.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn it_panics_and_the_sign_in_breaks_off() {
    let logins = Arc::new(Mutex::new(0));
    let app = App::builder().sealed_store().configure(move |auth| {
        auth.after_login(move |_| {
            *logins.lock().unwrap() += 1;
            let is_second = *logins.lock().unwrap() == 2;
            async move {
                assert!(!is_second, "the hook panics");
                LoginDecision::Accept
            }
        })
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    let reply = browser.sign_in().await;
    assert_eq!(reply.refusal(), (500, "internal_error".to_owned()));
    assert!(reply.set_cookie("app").is_none());
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1, "the fresh tokens");
    assert_eq!(browser.fetch("/api/me").await.status, 200, "the older session lives on");
}
