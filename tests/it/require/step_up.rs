//! The round trip: to the provider and back to the page, and what the callback refuses.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use axum_oidc_session::dev_provider::{
    AuthorizationFault, Fault, IdTokenFault, MetadataFault, TokenFault,
};
use axum_oidc_session::error::{CallbackError, IdTokenError, IdTokenVerificationError};
use axum_oidc_session::require_authentication;

use super::{MINUTE, builder, forms, handlers, layers, script};
use crate::support::{App, Browser, Reply};

/// A browser whose session is 61 s old and has neither context nor second method.
async fn stale(app: &App) -> Browser {
    let browser = app.signed_in().await;
    app.later(61);
    browser
}

/// Follows a step-up from `path`; the reply of the callback.
async fn step_up(browser: &Browser, path: &str) -> Reply {
    let begun = browser.navigate(path).await;
    let callback = browser.authorize(&begun).await;
    browser.navigate(&callback).await
}

#[tokio::test]
async fn a_navigation_comes_back_to_where_it_was() {
    for path in ["recent", "gold", "otp", "all"].into_iter().flat_map(forms) {
        let app = builder().start().await;
        let browser = stale(&app).await;
        let before = browser.cookie("app");
        app.op.set_id_token_claim("amr", vec!["pwd", "otp"]);
        let target = format!("{path}?tab=2&q=a%20b");
        let back = step_up(&browser, &target).await;
        assert_eq!(back.location(), format!("{}{target}", app.origin), "{path}");
        assert_eq!(browser.navigate(&target).await.text(), "hello ada", "{path}");
        assert_ne!(browser.cookie("app"), before, "a new session in the place of the old one");
    }
}

/// A code that is refused changes nothing in what is required.
#[tokio::test]
async fn another_code_must_be_enough_as_well() {
    let old = Some(Fault::IdToken(IdTokenFault::AuthTimeOld));
    for (path, fault) in [("recent", old), ("gold", None), ("otp", None), ("all", None)] {
        for path in forms(path) {
            let app = builder().start().await;
            let browser = stale(&app).await;
            app.op.set_fault(Some(Fault::Token(TokenFault::InvalidGrant)));
            let begun = browser.navigate(&path).await;
            let callback = browser.authorize(&begun).await;
            let retry = browser.navigate(&callback).await;
            for name in ["max_age", "claims", "acr_values"] {
                assert_eq!(retry.parameter(name), begun.parameter(name), "{path}: {name}");
            }
            app.op.set_fault(fault);
            app.op.set_id_token_claim("acr", "urn:silver");
            let callback = browser.authorize(&retry).await;
            let refused = browser.navigate(&callback).await;
            assert_eq!(refused.status, 403, "{path}: {}", refused.text());
        }
    }
}

/// Each sign-in is all that it was asked for, and never enough for both layers.
#[tokio::test]
async fn requirements_that_exclude_each_other_are_no_endless_loop() {
    let app = App::builder().assemble(|auth, router| {
        let inner = Router::new().route("/both", get(async || "never"));
        let inner = inner.route_layer(require_authentication().acr("urn:two"));
        let both = inner.route_layer(require_authentication().acr("urn:one"));
        router.merge(both).layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/api/me").await.status, 200);
    for round in 0..5 {
        let begun = browser.navigate("/both").await;
        assert_eq!(begun.status, 303, "round {round}");
        app.op.set_id_token_claim("acr", ["urn:one", "urn:two"][round % 2]);
        let callback = browser.authorize(&begun).await;
        assert_eq!(browser.navigate(&callback).await.location(), format!("{}/both", app.origin));
    }
    let page = browser.navigate("/both").await;
    assert_eq!(page.refusal(), (400, "login_loop_conflicting_requirements".to_owned()));
    assert_eq!(browser.fetch("/api/me").await.status, 200, "the session lives on");
    // The page is not automatic: whoever tries again starts from zero.
    assert_eq!(browser.navigate("/both").await.status, 303);
}

/// What else is asked for takes nothing away from what is required.
#[tokio::test]
async fn a_login_asks_for_all_that_is_required_whatever_is_said_after_it() {
    let app = App::builder().assemble(|auth, router| {
        let login = auth.clone();
        let begin = async move |headers: HeaderMap| {
            let required = require_authentication().max_age(MINUTE).acr("urn:gold").amr("otp");
            let login = login.login().require(&required).max_age(MINUTE * 10);
            login.acr_values(["urn:iron"]).prompt("consent").begin(&headers).await
        };
        router.route("/begin", get(begin)).layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    let url = app.signed_in().await.navigate("/begin").await.location().to_owned();
    assert!(url.contains("max_age=60"), "{url}");
    assert!(url.contains("prompt=login"), "{url}");
    assert!(url.contains("gold") && !url.contains("iron"), "{url}");
}

#[tokio::test]
async fn below_a_prefix_it_comes_back_below_the_prefix() {
    for path in forms("recent") {
        let app = builder().base_path("/app").start().await;
        let browser = app.browser();
        assert_eq!(browser.sign_in_from("/app/auth/login").await.status, 303);
        app.later(61);
        let target = format!("/app{path}?tab=2");
        let back = step_up(&browser, &target).await;
        assert_eq!(back.location(), format!("{}{target}", app.origin));
        assert_eq!(browser.navigate(&target).await.text(), "hello ada");
    }
}

/// What the provider did is read from the ID Token. The session until now lives on, and there is no way round in circles.
#[tokio::test]
async fn a_sign_in_that_does_not_do_is_refused_at_the_callback() {
    use IdTokenError as E;
    let id_token = |fault| Some(Fault::IdToken(fault));
    let ignores = Some(Fault::Authorization(AuthorizationFault::IgnoresMaxAge));
    for (path, fault, error) in [
        ("recent", ignores, E::AuthenticatedTooLongAgo),
        ("recent", id_token(IdTokenFault::AuthTimeOld), E::AuthenticatedTooLongAgo),
        ("recent", id_token(IdTokenFault::AuthTimeMissing), E::AuthenticationTimeMissing),
        ("gold", id_token(IdTokenFault::AcrWrong), E::ContextClass),
        ("gold", id_token(IdTokenFault::AcrMissing), E::ContextClass),
        ("otp", None, E::Methods),
        ("otp", id_token(IdTokenFault::AmrMissing), E::Methods),
        ("all", None, E::Methods),
    ] {
        for path in forms(path) {
            let row = format!("{path} {fault:?}");
            let app = builder().start().await;
            let browser = stale(&app).await;
            app.later(30);
            let before = browser.cookie("app");
            app.op.set_fault(fault);
            let begun = browser.navigate(&path).await;
            let callback = browser.authorize(&begun).await;
            let target = callback.strip_prefix(&app.origin).unwrap();
            let response = app.ask(script(&browser, target)).await;
            let found = response.extensions().get::<Arc<CallbackError>>().unwrap();
            let CallbackError::IdToken(IdTokenVerificationError::Token(found)) = &**found else {
                panic!("{row}: {found:?}")
            };
            assert_eq!((response.status().as_u16(), found), (403, &error), "{row}");
            assert_eq!(browser.cookie("app"), before, "{row}");
            assert_eq!(browser.fetch("/profile").await.text(), "ada", "{row}");
            assert_eq!(browser.fetch(&path).await.status, 401, "{row}: as little as before");
        }
    }
}

#[tokio::test]
async fn the_page_of_a_refusal_says_what_was_not_enough() {
    let app = builder().start().await;
    let browser = stale(&app).await;
    let refused = step_up(&browser, "/layer/otp").await;
    assert_eq!(refused.refusal(), (403, "id_token_amr".to_owned()));
    assert!(refused.text().contains("The sign-in was not enough"), "{}", refused.text());
    assert_eq!(app.calls().revocation, 0);
    app.settled().await;
    assert_eq!(app.calls().revocation, 1, "nobody uses the tokens that came with it");
}

/// An attempt of a login without requirements does not do for a page that has some.
#[tokio::test]
async fn the_page_is_judged_by_the_session_whatever_the_login_asked_for() {
    for path in ["gold", "otp", "all"].into_iter().flat_map(forms) {
        let app = builder().start().await;
        let browser = stale(&app).await;
        let login = format!("/auth/login?return_to={path}&max_age=60&acr_values=urn:gold");
        assert_eq!(browser.sign_in_from(&login).await.status, 303);
        assert_eq!(browser.fetch(&path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn acr_values_that_were_not_honoured_are_refused_as_well() {
    let app = builder().start().await;
    let browser = stale(&app).await;
    app.op.set_fault(Some(Fault::Metadata(MetadataFault::NoClaimsParameter)));
    app.op.set_id_token_claim("acr", "urn:silver");
    let refused = step_up(&browser, "/layer/gold").await;
    assert_eq!(refused.refusal(), (403, "id_token_acr".to_owned()));
}

/// Ceiling rule 6: the one automatic retry asks for the same.
#[tokio::test]
async fn the_retry_inside_the_leeway_still_asks_for_it() {
    use axum_oidc_session::dev_provider::SessionExpiryMode;
    let app = builder().start().await;
    let browser = stale(&app).await;
    app.op.set_id_token_claim("amr", vec!["pwd", "otp"]);
    app.op.set_session_expiry(SessionExpiryMode::AfterIssue(std::time::Duration::from_secs(20)));
    let retry = step_up(&browser, "/layer/all").await;
    let claims = retry.parameter("claims").unwrap();
    assert!(claims.contains("urn:platinum") && claims.contains("amr"), "{claims}");
    assert_eq!(retry.parameter("max_age").as_deref(), Some("60"));
    app.op.set_session_expiry(SessionExpiryMode::Absent);
    app.op.set_id_token_claim("amr", vec!["pwd"]);
    let callback = browser.authorize(&retry).await;
    let refused = browser.navigate(&callback).await;
    assert_eq!(refused.refusal(), (403, "id_token_amr".to_owned()));
}

#[tokio::test]
async fn a_provider_that_is_down_leaves_the_session_alone() {
    let app = App::builder().sealed_store().start().await;
    let browser = stale(&app).await;
    // A process that has not had the metadata yet.
    let routes = |router: Router| router.merge(layers()).merge(handlers());
    let node = app.node_with(|auth| auth, routes).await;
    let browser = node.serve(&browser);
    app.op.set_down(true);
    for path in forms("recent") {
        let reply = browser.navigate(&path).await;
        assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()), "{path}");
        assert!(reply.header("retry-after").is_some(), "{path}");
        assert_eq!(browser.fetch(&path).await.status, 401, "{path}: for this nobody is asked");
    }
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}
