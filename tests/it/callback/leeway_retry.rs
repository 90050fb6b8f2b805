//! Ceiling rule 6: inside the leeway exactly one retry with `prompt=login`, then a page with `Retry-After`.

use std::time::Duration;

use axum_oidc_session::LoginParameter;
use axum_oidc_session::dev_provider::{Endpoint, SessionExpiryMode as Mode};

use super::{assert_asks_for_the_same, assert_clean_login, assert_refused};
use crate::support::{App, NOW, Reply};

fn is_retry(reply: &Reply) -> bool {
    reply.status == 303 && reply.parameter("prompt").as_deref() == Some("login")
}

/// The case it is there for: the session here is over, the provider's own is not yet, and silently returns the same E.
#[tokio::test]
async fn the_retry_makes_a_new_session_at_the_provider() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.later(3_575);
    let refused = browser.navigate("/profile?tab=2").await;
    assert!(refused.location().starts_with(&format!("{}/auth/login?", app.origin)));
    let retry = browser.sign_in_from(refused.location()).await;
    assert!(is_retry(&retry), "{retry:?}");
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!((reply.status, reply.location()), (303, &*format!("{}/profile?tab=2", app.origin)));
    let me = browser.fetch("/api/me").await.json();
    assert_eq!(me["ceiling"], NOW + 3_575 + 3_600);
    assert_eq!(app.op.requests(Endpoint::Authorization), 3);
}

#[tokio::test]
async fn there_is_one_retry_and_then_a_page() {
    let app = App::builder().sealed_store().start().await;
    app.op.set_session_expiry(Mode::At(NOW + 20));
    let browser = app.browser();
    let retry = browser.sign_in().await;
    assert!(is_retry(&retry));
    assert_eq!(retry.set_cookie("app"), None);
    let (set, removed) = retry.cookie_changes();
    assert_eq!((set, removed), (browser.bindings(), vec![]), "the same binding once more");
    app.later(7);
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    let refusal = (403, "session_ceiling_inside_leeway");
    assert_refused(&app, &browser, &reply, refusal, "retry").await;
    assert_eq!(reply.header("retry-after"), Some("13"), "E − now");
    assert_eq!(app.op.requests(Endpoint::Authorization), 2);
    app.later(13);
    app.op.set_session_expiry(Mode::At(NOW + 3_600));
    assert_clean_login(&app, &browser, "after E").await;
}

#[tokio::test]
async fn the_retry_asks_for_what_the_login_asked_for() {
    let app = App::builder()
        .configure(|auth| {
            let from_query =
                [LoginParameter::LoginHint, LoginParameter::AcrValues, LoginParameter::UiLocales];
            auth.max_age(Duration::from_secs(900))
                .prompt("consent")
                .login_parameters_from_query(from_query)
        })
        .start()
        .await;
    app.op.set_session_expiry(Mode::At(NOW + 20));
    app.op.set_id_token_claim("acr", "gold");
    let browser = app.browser();
    let login = "/auth/login?return_to=/profile%3Ftab=2&login_hint=ada&acr_values=gold+silver&ui_locales=de";
    let begun = browser.navigate(login).await;
    let callback = browser.authorize(&begun).await;
    let retry = browser.navigate(&callback).await;
    assert_asks_for_the_same(&begun, &retry);
    assert_eq!(retry.parameter("prompt").as_deref(), Some("login consent"));
    app.op.set_session_expiry(Mode::At(NOW + 3_600));
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.location(), format!("{}/profile?tab=2", app.origin));
}

/// The older session is ended by the refusal, not by the retry, which may yet go well.
#[tokio::test]
async fn the_retry_leaves_the_older_session_alone() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.op.set_session_expiry(Mode::At(NOW + 20));
    let retry = browser.sign_in().await;
    assert!(is_retry(&retry));
    assert_eq!(browser.fetch("/profile").await.text(), "ada", "still live");
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    assert_eq!(reply.refusal(), (403, "session_ceiling_inside_leeway".to_owned()));
    let after = browser.fetch("/profile").await;
    assert_eq!(after.refusal(), (401, "session_expired".to_owned()), "ended by the refusal");
    assert_eq!(app.store().stored(), []);
}

/// A retry that finds the provider down is the page of a provider that is down.
#[tokio::test]
async fn tokens_of_both_rounds_are_revoked() {
    let app = App::start().await;
    app.op.set_session_expiry(Mode::At(NOW + 20));
    let browser = app.browser();
    let retry = browser.sign_in().await;
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 1);
    let callback = browser.authorize(&retry).await;
    browser.navigate(&callback).await;
    app.settled().await;
    assert_eq!(app.op.revoked_tokens().len(), 2);
    app.op.omit_refresh_token(true);
    browser.sign_in().await;
    app.settled().await;
    let (revoked, issued) = (app.op.revoked_tokens(), app.op.issued_values());
    assert_eq!(revoked.len(), 3, "without a refresh token the access token is revoked");
    assert!(issued.contains(&revoked[2]));
}

#[tokio::test]
async fn tokens_stay_where_revoking_is_turned_off() {
    let app = App::builder().configure(|auth| auth.revoke_tokens_at_end(false)).start().await;
    app.op.set_session_expiry(Mode::At(NOW - 1));
    assert_eq!(app.browser().sign_in().await.code(), "session_ceiling_past");
    app.settled().await;
    assert_eq!(app.calls().revocation, 0);
}

/// Ceiling rule 6: the retry is the same login. Whoever has ended all sessions of the user since it began has ended it, too.
#[tokio::test]
async fn a_logout_in_between_ends_the_retry_as_well() {
    let app = App::builder().sealed_store().start().await;
    let node = app.node(|auth| auth).await;
    app.op.set_session_expiry(Mode::At(NOW + 25));
    let browser = app.browser();
    let callback = browser.until_callback("/auth/login").await;
    app.later(1);
    node.auth.end_sessions_of("ada").await.unwrap();
    app.later(1);
    let retry = browser.navigate(&callback).await;
    assert!(is_retry(&retry), "{retry:?}");
    app.op.set_session_expiry(Mode::At(NOW + 3_600));
    let callback = browser.authorize(&retry).await;
    let reply = browser.navigate(&callback).await;
    let refusal = (403, "logged_out_meanwhile");
    assert_refused(&app, &browser, &reply, refusal, "ended meanwhile").await;
    assert_clean_login(&app, &browser, "a new login").await;
}
