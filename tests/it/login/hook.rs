//! The application's hook before each login, callback and logout token.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum_oidc_session::AuthRequestKind;

use crate::support::{App, Calls};

#[tokio::test]
async fn it_sees_each_login_callback_and_logout_token() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let app = App::builder().configure(move |auth| {
        auth.before_auth_request(move |request| {
            let path = request.parts.uri.path().to_owned();
            sink.lock().unwrap().push((request.kind, request.parts.method.to_string(), path));
            async { Ok(()) }
        })
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    browser.send("POST", "/auth/backchannel-logout", &form, "logout_token=x").await;
    browser.fetch("/auth/session").await;
    let seen: Vec<_> = std::mem::take(&mut *seen.lock().unwrap());
    let expected = [
        (AuthRequestKind::Login, "GET", "/auth/login"),
        (AuthRequestKind::Callback, "GET", "/auth/callback"),
        (AuthRequestKind::LogoutToken, "POST", "/auth/backchannel-logout"),
    ];
    assert_eq!(seen, expected.map(|(kind, method, path)| (kind, method.into(), path.into())));
}

#[tokio::test]
async fn its_answer_comes_before_any_work() {
    let app = App::builder().sealed_store().configure(|auth| {
        auth.before_auth_request(|request| async move {
            match request.parts.headers.get("x-address") {
                Some(_) => Err(StatusCode::TOO_MANY_REQUESTS.into_response()),
                None => Ok(()),
            }
        })
    });
    let app = app.start().await;
    let browser = app.browser();
    let limited =
        [("x-address", "192.0.2.1"), ("content-type", "application/x-www-form-urlencoded")];
    for (method, target) in [
        ("GET", "/auth/login"),
        ("GET", "/auth/callback?code=x&state=y"),
        ("POST", "/auth/backchannel-logout"),
    ] {
        let reply = browser.send(method, target, &limited, "").await;
        assert_eq!((reply.status, reply.set_cookies()), (429, vec![]), "{target}");
    }
    assert_eq!(app.calls(), Calls::default());
    assert_eq!(browser.sign_in().await.status, 303);
}
