//! The typed error in the extensions of a refusing response, for the application's own logs and metrics.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use axum_oidc_session::dev_provider::SessionExpiryMode;
use axum_oidc_session::error::{CallbackError, LoginError, Refusal, Refused};

use crate::support::{App, Browser, Fails};

fn request(method: Method, target: &str, cookies: &str) -> Request {
    let request = Request::builder().method(method).uri(target).header("cookie", cookies);
    request.body(Body::empty()).unwrap()
}

async fn refused(app: &App, browser: &Browser, method: Method, target: &str) -> Option<Refused> {
    let response = app.ask(request(method, target, &browser.cookie_header(target))).await;
    response.extensions().get().copied()
}

fn login_error(response: &Response) -> Option<&'static str> {
    response.extensions().get::<Arc<LoginError>>().map(|error| error.code())
}

#[tokio::test]
async fn a_refused_request_says_why() {
    let app = App::builder().sealed_store().start().await;
    let nobody = app.browser();
    let get = Method::GET;
    let none = refused(&app, &nobody, get.clone(), "/api/me").await;
    assert_eq!(none, Some(Refused::LoginRequired));
    let browser = app.signed_in().await;
    assert_eq!(refused(&app, &browser, get.clone(), "/api/me").await, None);
    app.store().fail(Fails::Everything);
    for target in ["/api/me", "/public", "/auth/session", "/auth/callback?state=x"] {
        let down = refused(&app, &browser, get.clone(), target).await;
        assert_eq!(down, Some(Refused::StoreUnavailable), "{target}");
    }
    let down = refused(&app, &browser, Method::POST, "/auth/logout").await;
    assert_eq!(down, Some(Refused::StoreUnavailable));
    app.store().fail(Fails::Nothing);
    let cookies = browser.cookie_header("/api/me");
    app.later(3_570);
    let over = app.ask(request(get, "/api/me", &cookies)).await;
    let over = over.extensions().get::<Refused>().copied();
    assert_eq!(over, Some(Refused::SessionExpired(Refusal::CeilingReached)));
}

#[tokio::test]
async fn a_request_of_another_site_says_so() {
    let app = App::start().await;
    for target in ["/api/act", "/auth/logout"] {
        let mut request = request(Method::POST, target, "");
        request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
        let response = app.ask(request).await;
        let refused = response.extensions().get::<Refused>();
        assert!(matches!(refused, Some(Refused::CrossSite(_))), "{target}: {refused:?}");
    }
}

#[tokio::test]
async fn a_refused_sign_in_says_why() {
    let app = App::start().await;
    let browser = app.browser();
    app.op.set_session_expiry(SessionExpiryMode::Raw("null".to_owned()));
    let callback = browser.until_callback("/auth/login").await;
    let target = callback.strip_prefix(&app.base()).unwrap();
    let cookies = browser.cookie_header(target);
    let response = app.ask(request(Method::GET, target, &cookies)).await;
    let error = response.extensions().get::<Arc<CallbackError>>().unwrap();
    assert!(matches!(**error, CallbackError::Ceiling(_)), "{error:?}");
    let down = App::start().await;
    down.op.set_down(true);
    let mut login = request(Method::GET, "/auth/login", "");
    login.headers_mut().insert("accept", "text/html".parse().unwrap());
    let response = down.ask(login).await;
    assert!(login_error(&response).is_some());
}
