//! A page that requires a context which is not among the configured ones: only the signed-in user
//! gets that far.

use axum::http::HeaderMap;
use axum::routing::get;
use axum_oidc_session::dev_provider::{Fault, TokenFault};
use axum_oidc_session::{OidcAuth, OidcAuthBuilder, require_authentication};

use super::{forms, handlers, layers};
use crate::support::{App, AppBuilder, Browser, Fails, Reply};

/// Every login must have silver; `…/gold` requires gold or platinum; two handlers begin logins of
/// their own.
fn silver() -> AppBuilder {
    let configure = |auth: OidcAuthBuilder| auth.acr_values(["urn:silver"]);
    App::builder().configure(configure).assemble(|auth, router| {
        let begin = |auth: &OidcAuth, widened: &'static [&'static str]| {
            let auth = auth.clone();
            get(async move |headers: HeaderMap| {
                let mut login = auth.login().require(&require_authentication().acr("urn:gold"));
                if !widened.is_empty() {
                    login = login.insecure_widen_acr_values(widened.iter().copied());
                }
                login.return_to("/layer/gold").begin(&headers).await
            })
        };
        let router = router.route("/begin", begin(auth, &[]));
        let router = router.route("/widened", begin(auth, &["urn:gold", "urn:iron"]));
        router.merge(layers()).merge(handlers()).layer(auth.layer()).merge(auth.routes())
    })
}

/// Whether a login asks for what the page requires, and not for what is configured.
fn asks_for_gold(begun: &Reply) -> bool {
    assert_eq!(begun.status, 303, "{}", begun.text());
    let asked = ["claims", "acr_values"].map(|name| begun.parameter(name).unwrap_or_default());
    let (gold, silver) =
        (asked.concat().contains("urn:gold"), asked.concat().contains("urn:silver"));
    assert_ne!(gold, silver, "{asked:?}");
    gold
}

async fn link(browser: &Browser) -> String {
    browser.fetch("/layer/gold").await.json()["login_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_signed_in_user_is_asked_for_what_is_required() {
    for path in forms("gold") {
        let app = silver().start().await;
        let browser = app.signed_in().await;
        let begun = browser.navigate(&path).await;
        assert!(asks_for_gold(&begun), "{path}");
        let callback = browser.authorize(&begun).await;
        let back = browser.navigate(&callback).await;
        assert_eq!(back.location(), format!("{}{path}", app.origin));
        assert_eq!(browser.navigate(&path).await.text(), "hello ada");
        assert_eq!(browser.fetch("/profile").await.text(), "ada");
    }
}

/// Otherwise an account here would be enough to sign in to every other one with what a page
/// requires.
#[tokio::test]
async fn another_user_does_not_get_in_by_a_step_up() {
    let app = silver().start().await;
    let own = link(&app.signed_in().await).await;
    for start in ["/layer/gold", "/handler/gold", "/begin", &own] {
        let browser = app.signed_in().await;
        let start = if start == own { link(&browser).await } else { start.to_owned() };
        let begun = browser.navigate(&start).await;
        assert!(asks_for_gold(&begun), "{start}");
        app.op.authorize_as("bob");
        let callback = browser.authorize(&begun).await;
        let refused = browser.navigate(&callback).await;
        assert_eq!(refused.refusal(), (403, "login_another_user".to_owned()), "{start}");
        assert_eq!(browser.fetch("/profile").await.text(), "ada", "{start}: lives on");
        app.op.authorize_as("ada");
    }
    app.settled().await;
    assert_eq!(app.calls().revocation, 4, "nobody uses the tokens that came with it");
}

#[tokio::test]
async fn another_code_is_good_for_the_same_user_alone() {
    let app = silver().start().await;
    let browser = app.signed_in().await;
    app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
    let begun = browser.navigate("/layer/gold").await;
    let callback = browser.authorize(&begun).await;
    let retry = browser.navigate(&callback).await;
    app.op.set_fault(None);
    assert!(asks_for_gold(&retry));
    app.op.authorize_as("bob");
    let callback = browser.authorize(&retry).await;
    let refused = browser.navigate(&callback).await;
    assert_eq!(refused.refusal(), (403, "login_another_user".to_owned()));
}

/// What is in common narrows, and whoever signs in has what is configured.
#[tokio::test]
async fn a_configured_context_may_be_met_by_another_user() {
    let app = silver().configure(|auth| auth.acr_values(["urn:silver", "urn:gold"]));
    let app = app.start().await;
    let browser = app.signed_in().await;
    let begun = browser.navigate("/layer/gold").await;
    assert!(asks_for_gold(&begun));
    assert!(!begun.location().contains("platinum"), "{}", begun.location());
    app.op.authorize_as("bob");
    let callback = browser.authorize(&begun).await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "bob");
}

/// In it nobody has met the configuration; and who sent the link chose what others sign in with.
#[tokio::test]
async fn a_link_asks_for_nothing_in_another_browser() {
    let app = silver().start().await;
    let sender = app.signed_in().await;
    let url = link(&sender).await;
    assert!(asks_for_gold(&sender.navigate(&url).await));
    let stranger = app.browser();
    assert!(!asks_for_gold(&stranger.navigate(&url).await));
    app.op.set_id_token_claim("acr", "urn:gold");
    let refused = stranger.sign_in_from(&url).await;
    assert_eq!(refused.refusal(), (403, "id_token_acr".to_owned()));
    assert_eq!(stranger.fetch("/profile").await.status, 401);
    app.op.clear_id_token_claims();
    // Signed in, as the same user or as another one: it is another session.
    for user in ["ada", "bob"] {
        app.op.authorize_as(user);
        let other = app.signed_in().await;
        assert!(!asks_for_gold(&other.navigate(&url).await), "{user}");
    }
}

/// Nor does it start a login beside a live session there, which any other link cannot do either.
#[tokio::test]
async fn a_link_of_another_site_replaces_no_session() {
    let app = silver().start().await;
    let url = link(&app.signed_in().await).await;
    let browser = app.signed_in().await;
    let headers = [
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("sec-fetch-site", "cross-site"),
        ("accept", "text/html"),
    ];
    let url = format!("{url}&return_to=/profile");
    let reply = browser.send("GET", &url, &headers, "").await;
    assert_eq!(reply.location(), format!("{}/profile", app.origin));
}

#[tokio::test]
async fn an_old_link_asks_for_nothing() {
    let app = silver().start().await;
    let browser = app.signed_in().await;
    let url = link(&browser).await;
    app.later(599);
    assert!(asks_for_gold(&browser.navigate(&url).await));
    app.later(1);
    let begun = browser.navigate(&url).await;
    assert!(!asks_for_gold(&begun));
    let callback = browser.authorize(&begun).await;
    assert_eq!(browser.navigate(&callback).await.status, 303, "a plain login");
}

#[tokio::test]
async fn a_link_asks_for_nothing_after_another_login() {
    let app = silver().start().await;
    let browser = app.signed_in().await;
    let url = link(&browser).await;
    assert_eq!(browser.sign_in().await.status, 303);
    assert!(!asks_for_gold(&browser.navigate(&url).await));
    browser.post("/auth/logout").await;
    assert!(!asks_for_gold(&browser.navigate(&url).await));
}

/// That is no plain link: nobody knows whether the session is the right one.
#[tokio::test]
async fn a_link_waits_for_a_store_that_fails() {
    let app = silver().sealed_store().start().await;
    let browser = app.signed_in().await;
    let url = link(&browser).await;
    app.store().fail(Fails::Everything);
    let reply = browser.navigate(&url).await;
    assert_eq!((reply.status, reply.header("retry-after").is_some()), (503, true));
    app.store().fail(Fails::Nothing);
    assert!(asks_for_gold(&browser.navigate(&url).await));
}

#[tokio::test]
async fn a_handlers_login_widens_by_name_alone() {
    let app = silver().start().await;
    let browser = app.browser();
    assert!(!asks_for_gold(&browser.navigate("/begin").await), "nobody is signed in");
    assert!(asks_for_gold(&browser.navigate("/widened").await));
    app.op.set_id_token_claim("acr", "urn:gold");
    let refused = browser.sign_in_from("/begin").await;
    assert_eq!(refused.refusal(), (403, "id_token_acr".to_owned()));
    assert_eq!(browser.sign_in_from("/widened").await.status, 303);
    assert_eq!(browser.navigate("/layer/gold").await.text(), "hello ada");
    app.op.clear_id_token_claims();
    let browser = app.signed_in().await;
    assert!(asks_for_gold(&browser.navigate("/begin").await));
}
