//! Without a session, and without the layer.

use axum::Router;
use axum::routing::get;
use axum_oidc_session::{TestSession, require_claims};
use tower::ServiceExt as _;

use super::{builder, forms, handlers, layers};
use crate::support::App;

fn every_path() -> impl Iterator<Item = String> {
    ["recent", "gold", "otp", "all", "staff", "both"].into_iter().flat_map(forms)
}

#[tokio::test]
async fn without_a_session_it_refuses_as_auth_session_does() {
    let app = builder().start().await;
    let browser = app.browser();
    let expected = browser.fetch("/profile").await;
    for path in every_path() {
        let reply = browser.fetch(&path).await;
        assert_eq!((reply.status, reply.json()), (401, expected.json()), "{path}");
        assert_eq!(reply.header("www-authenticate"), expected.header("www-authenticate"));
        let sent = browser.navigate(&path).await;
        assert_eq!(sent.parameter("return_to").as_deref(), Some(&*path));
        assert!(sent.location().starts_with(&format!("{}/auth/login", app.origin)), "{path}");
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_no_session() {
    let app = App::builder()
        .assemble(|auth, router| {
            let router = router.merge(layers()).merge(handlers());
            router.layer(auth.layer().continue_anonymous()).merge(auth.routes())
        })
        .start()
        .await;
    let browser = app.signed_in().await;
    app.later(3_570);
    for path in every_path() {
        assert_eq!(browser.fetch(&path).await.code(), "session_expired", "{path}");
    }
}

#[tokio::test]
async fn without_the_layer_it_says_so() {
    let router: Router = layers().merge(handlers());
    for path in every_path() {
        let request = axum::http::Request::get(&path).body(axum::body::Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500, "{path}");
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        assert!(body.starts_with(b"AuthSessionLayer is missing"), "{path}");
    }
}

/// The unit test of a handler needs no provider.
#[tokio::test]
async fn a_test_session_is_judged_by_its_claims() {
    let strong = TestSession::new("ada").claim("acr", "urn:platinum").claim("amr", vec!["otp"]);
    for (session, path, status) in [
        (TestSession::new("ada"), "/handler/gold", 401),
        (strong.clone(), "/handler/gold", 200),
        (strong.clone(), "/layer/otp", 200),
        (strong.clone(), "/layer/staff", 403),
        (strong.claim("groups", vec!["staff"]), "/handler/staff", 200),
        (TestSession::new("ada"), "/orders", 403),
        (TestSession::new("ada").scope("openid orders"), "/orders", 200),
    ] {
        let orders = Router::new().route("/orders", get(async || "granted"));
        let orders = orders.route_layer(require_claims().scope("orders"));
        let router: Router = layers().merge(handlers()).merge(orders).layer(session.layer());
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
    }
}
