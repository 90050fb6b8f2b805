//! What only the whole shows: which sessions, stores and requests go together.

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::header::{COOKIE, ORIGIN, SET_COOKIE};
use http::{HeaderValue, Request, StatusCode};
use tower::ServiceExt as _;

use super::{OidcAuth, OidcAuthBuilder, TestSession};
use crate::http::extract::AuthSession;
use crate::policy::EndReason;
use crate::session::application::ApplicationPart;
use crate::store::memory::MemoryStore;

const ISSUER: &str = "https://op.example.com";
const BASE: &str = "https://app.example.com";

fn auth() -> OidcAuth {
    let builder = OidcAuth::builder(ISSUER, "client").base_url(BASE);
    builder.store(MemoryStore::default()).build().unwrap()
}

/// Several providers refuse `offline_access`, and Keycloak detaches the session from its single sign-on.
#[test]
fn offline_access_is_asked_for_by_its_own_setting_alone() {
    let scopes = |set: fn(OidcAuthBuilder) -> OidcAuthBuilder| {
        let builder = OidcAuth::builder(ISSUER, "client").base_url(BASE);
        let auth = set(builder.store(MemoryStore::default())).build().unwrap();
        auth.rp.config.requests.scopes.join(" ")
    };
    assert_eq!(scopes(|auth| auth), "openid profile email");
    assert_eq!(scopes(|auth| auth.offline_access()), "openid profile email offline_access");
    assert_eq!(scopes(|auth| auth.offline_access().scopes(["openid"])), "openid offline_access");
    assert_eq!(scopes(|auth| auth.scopes(["openid", "b", "a"])), "openid b a");
    assert_eq!(scopes(|auth| auth.scopes(["offline_access", "openid"])), "offline_access openid");
    let both = |auth: OidcAuthBuilder| auth.scopes(["openid", "offline_access"]).offline_access();
    assert_eq!(scopes(both), "openid offline_access");
    assert_eq!(scopes(|auth| auth.scopes(Vec::<String>::new())), "openid");
}

#[test]
fn a_memory_store_is_not_shared_between_issuers_or_clients() {
    let store = MemoryStore::default();
    let build = |issuer: &str, client_id: &str, base: &str| {
        OidcAuth::builder(issuer, client_id).base_url(base).store(store.clone()).build()
    };
    assert!(build(ISSUER, "unused", "http://app.example.com").is_err(), "no owner yet");
    assert!(build(ISSUER, "a", BASE).is_ok());
    assert!(build(ISSUER, "a", "https://app.example.com/second").is_ok());
    for (issuer, client_id) in [(ISSUER, "b"), ("https://other.example.com", "a")] {
        let errors = build(issuer, client_id, BASE).unwrap_err();
        let settings: Vec<&str> = errors.iter().map(|error| error.setting).collect();
        assert_eq!(settings, ["store"]);
    }
}

#[tokio::test]
async fn the_cookie_of_a_replaced_session_is_left_to_the_one_that_replaced_it() {
    let auth = auth();
    let app: Router = Router::new().route("/", get(|_: AuthSession| async {})).layer(auth.layer());
    for (reason, cookies) in
        [(EndReason::Replaced, 0), (EndReason::LoggedOut, 2), (EndReason::Ceiling, 2)]
    {
        let (made, _) = TestSession::new("ada").build().into_parts();
        let state = made.entry().state().state.clone();
        let live = auth.rp.sessions.create(state, ApplicationPart::default()).await.unwrap();
        let cookie = live.entry().cookie().encode();
        let name = &auth.rp.config.cookies.session;
        let request = || {
            let header = format!("{name}={}", *cookie);
            Request::builder().uri("/").header(COOKIE, header).body(Body::empty()).unwrap()
        };
        let response = app.clone().oneshot(request()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        auth.rp.sessions.end(live.entry(), reason, &mut Vec::new()).await.unwrap();
        let response = app.clone().oneshot(request()).await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{reason}");
        assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), cookies, "{reason}");
    }
}

#[tokio::test]
async fn an_origin_that_is_no_text_does_not_pass_for_a_missing_one() {
    let app: Router = Router::new().route("/", post(|| async {})).layer(auth().layer());
    let unreadable = b"https://app.example.com\xff";
    for (origin, status) in [
        (None, StatusCode::OK),
        (Some(BASE.as_bytes()), StatusCode::OK),
        (Some(unreadable.as_slice()), StatusCode::FORBIDDEN),
    ] {
        let mut request = Request::post("/").body(Body::empty()).unwrap();
        if let Some(origin) = origin {
            let origin = HeaderValue::from_bytes(origin).unwrap();
            request.headers_mut().insert(ORIGIN, origin);
        }
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{origin:?}");
    }
}
