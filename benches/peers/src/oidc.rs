//! axum-oidc, over tower-sessions with its store in memory, signed in at a development provider.

use axum::Router;
use axum::body::Body;
use axum::error_handling::HandleErrorLayer;
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode, Uri};
use axum::routing::get;
use axum_oidc::error::MiddlewareError;
use axum_oidc::{EmptyAdditionalClaims, OidcAuthLayer, OidcClaims, OidcLoginLayer};
use axum_oidc_session::dev_provider::{DevClient, DevProvider, RunningDevProvider};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_sessions_0_14::{MemoryStore, SessionManagerLayer};

/// The handler takes its claims. The provider is asked no more, but must be kept.
pub(crate) async fn app() -> (Router, String, RunningDevProvider) {
    let client = DevClient::new(CLIENT).secret(SECRET).redirect_uri(format!("{BASE_URL}/"));
    let provider = DevProvider::builder().client(client).start().await.unwrap();
    provider.control().authorize_as("ada");
    let app = router(provider.issuer()).await;
    let begun = ask(&app, "/", "").await;
    let cookie = begun[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let url = begun[LOCATION].to_str().unwrap();
    let callback = measure::signed_in::location_at_provider(url).await;
    ask(&app, callback.strip_prefix(BASE_URL).unwrap(), &cookie).await;
    (app, cookie, provider)
}

async fn router(issuer: &str) -> Router {
    let (client, secret) = (CLIENT.to_owned(), Some(SECRET.to_owned()));
    let scopes = ["openid", "profile", "email"].map(str::to_owned).into();
    let base = Uri::from_static(BASE_URL);
    let auth: OidcAuthLayer<EmptyAdditionalClaims> =
        OidcAuthLayer::discover_client(base, issuer.to_owned(), client, secret, scopes)
            .await
            .unwrap();
    let refuse =
        async |error: MiddlewareError| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let login = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(refuse))
        .layer(OidcLoginLayer::<EmptyAdditionalClaims>::new());
    let handler = get(async |claims: OidcClaims<EmptyAdditionalClaims>| {
        assert!(!claims.subject().is_empty());
        "hello"
    });
    Router::new()
        .route("/", handler)
        .layer(login)
        .layer(ServiceBuilder::new().layer(HandleErrorLayer::new(refuse)).layer(auth))
        .layer(SessionManagerLayer::new(MemoryStore::default()).with_secure(false))
}

/// The headers of the redirection.
async fn ask(app: &Router, path: &str, cookie: &str) -> HeaderMap {
    let request = Request::get(path).header(COOKIE, cookie).body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    response.headers().clone()
}

const BASE_URL: &str = "http://127.0.0.1:3000";
const CLIENT: &str = "measured";
const SECRET: &str = "a secret";
