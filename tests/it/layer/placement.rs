//! Where layer, routes and extractors may be put.

use axum::Router;
use axum::routing::get;
use axum_oidc_session::{
    AuthSession, CustomClaims, MemoryStore, OidcAuth, TestSession, require_login,
};
use serde::Deserialize;
use tower::ServiceExt as _;

use super::{Count, hold_cookies, stores};
use crate::support::App;

#[tokio::test]
async fn layer_and_routes_go_together_in_either_order() {
    for builder in stores() {
        let app = builder
            .assemble(|auth, router| router.merge(auth.routes()).layer(auth.layer()))
            .start()
            .await;
        let browser = app.signed_in().await;
        assert_eq!(browser.navigate("/profile").await.text(), "ada");
        hold_cookies(&browser);
        app.later(3_570);
        // The auth routes see to dead sessions themselves: a login in this state must not be answered by the layer.
        assert_eq!(browser.copy().navigate("/auth/login").await.status, 303);
        assert_eq!(browser.fetch("/auth/session").await.json()["reason"], "ceiling");
        let again = browser.sign_in().await;
        assert_eq!(again.status, 303);
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
    }
}

#[tokio::test]
async fn below_a_path_prefix_the_way_back_keeps_it() {
    for builder in stores() {
        let app = builder.base_path("/some/app").start().await;
        let browser = app.browser();
        let begun = browser.navigate("/some/app/profile?a=b").await;
        let login = format!("{}/some/app/auth/login?return_to=", app.origin);
        assert_eq!(begun.location(), format!("{login}%2Fsome%2Fapp%2Fprofile%3Fa%3Db"));
        let reply = browser.sign_in_from(begun.location()).await;
        assert_eq!(reply.location(), format!("{}/some/app/profile?a=b", app.origin));
        assert_eq!(browser.navigate("/some/app/profile").await.text(), "ada");
    }
}

#[tokio::test]
async fn inside_a_nested_router_the_original_path_is_the_way_back() {
    let app = App::builder()
        .assemble(|auth, router| {
            let inner = Router::new().route("/page", get(async |_: AuthSession| "inner"));
            let nested = Router::new().nest("/area", inner.layer(auth.layer()));
            router.layer(auth.layer()).merge(auth.routes()).merge(nested)
        })
        .start()
        .await;
    let browser = app.browser();
    let login = browser.navigate("/area/page").await;
    let expected = format!("{}/auth/login?return_to=%2Farea%2Fpage", app.origin);
    assert_eq!(login.location(), expected);
    browser.sign_in().await;
    assert_eq!(browser.navigate("/area/page").await.text(), "inner");
    hold_cookies(&browser);
    app.later(3_570);
    assert_eq!(browser.navigate("/area/page").await.location(), expected);
}

#[tokio::test]
async fn of_two_layers_the_outer_one_decides() {
    for builder in stores() {
        let app = builder
            .assemble(|auth, router| {
                let both = router.layer(auth.layer()).layer(auth.layer().continue_anonymous());
                both.merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.signed_in().await;
        let reads = app.store.as_ref().map(|store| store.reads());
        assert_eq!(browser.navigate("/").await.text(), "hello ada");
        assert_eq!(app.store.as_ref().map(|store| store.reads()), reads.map(|reads| reads + 1));
        hold_cookies(&browser);
        app.later(3_570);
        assert_eq!(browser.navigate("/").await.text(), "hello nobody");
    }
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let app = App::builder().assemble(|auth, router| router.merge(auth.routes())).start().await;
    for path in ["/profile", "/", "/api/me"] {
        let reply = app.browser().get(path).await;
        assert_eq!(reply.status, 500);
        assert!(reply.text().contains("AuthSessionLayer is missing"), "{}", reply.text());
        assert!(reply.text().contains(".layer(auth.layer())"));
    }
    let guarded: Router = Router::new().route("/", get("x")).route_layer(require_login());
    let request = axum::extract::Request::new(axum::body::Body::empty());
    assert_eq!(guarded.oneshot(request).await.unwrap().status(), 500);
}

#[tokio::test]
async fn require_login_lets_only_the_signed_in_through() {
    for builder in stores() {
        let count = Count::default();
        let counted = count.clone();
        let app = builder
            .assemble(move |auth, router| {
                let handler = get(async move || {
                    counted.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                });
                let internal =
                    Router::new().route("/internal", handler).route_layer(require_login());
                router.merge(internal).layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.browser();
        let login = browser.navigate("/internal?a=b").await;
        assert_eq!(login.parameter("return_to").as_deref(), Some("/internal?a=b"));
        assert_eq!(browser.fetch("/internal").await.refusal(), (401, "login_required".to_owned()));
        browser.sign_in().await;
        assert_eq!((browser.fetch("/internal").await.status, count.get()), (200, 1));
        app.later(3_570);
        assert_eq!(browser.fetch("/internal").await.refusal(), (401, "session_expired".to_owned()));
        assert_eq!(count.get(), 1);
    }
}

#[derive(Deserialize)]
struct Person {
    sub: String,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "never made")]
struct Unsuitable {
    email: u64,
}

#[tokio::test]
async fn claims_come_as_the_applications_own_type() {
    let app = App::builder()
        .assemble(|auth, router| {
            let person =
                async |CustomClaims(person): CustomClaims<Person>| person.sub + &person.groups[0];
            let unsuitable = async |_: CustomClaims<Unsuitable>| "never";
            router
                .route("/person", get(person))
                .route("/unsuitable", get(unsuitable))
                .layer(auth.layer())
                .merge(auth.routes())
        })
        .start()
        .await;
    assert_eq!(app.browser().fetch("/person").await.code(), "login_required");
    let browser = app.signed_in().await;
    assert_eq!(browser.fetch("/person").await.text(), "adaengineers");
    let refused = browser.fetch("/unsuitable").await;
    assert_eq!(refused.refusal(), (403, "unsuitable_claims".to_owned()));
    assert!(!refused.text().contains("ada@example.com"), "it repeats a claim");
}

#[tokio::test]
async fn handlers_are_tested_with_a_session_made_by_hand() {
    async fn greet(session: AuthSession) -> String {
        let token = session.access_token().await.unwrap();
        format!("{} {}", session.claims().sub(), token.expose_secret())
    }
    let session = TestSession::new("ada").claim("a", 1).access_token("t0ken");
    assert_eq!(greet(session.clone().build()).await, "ada t0ken");
    let router: Router = Router::new().route("/", get(greet)).layer(session.layer());
    let request = axum::extract::Request::new(axum::body::Body::empty());
    assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
}

#[test]
fn a_memory_store_serves_one_relying_party() {
    let store = MemoryStore::default();
    let build = |issuer: &str, client: &str| {
        let builder = OidcAuth::builder(issuer, client).base_url("https://app.example.com");
        builder.store(store.clone()).build()
    };
    assert!(build("https://op.example.com", "one").is_ok());
    assert!(build("https://op.example.com", "one").is_ok());
    for (issuer, client) in [("https://op.example.com", "two"), ("https://other.example", "one")] {
        let errors = build(issuer, client).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.setting).collect::<Vec<_>>(), ["store"]);
    }
}
