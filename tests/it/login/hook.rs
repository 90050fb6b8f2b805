//! The application's hook before each login, callback and logout token.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum_oidc_session::{AuthRequestKind, require_authentication};

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

/// What it does not see costs nothing that lasts: the provider is asked, and the store written to,
/// after a callback alone.
#[tokio::test]
async fn what_it_does_not_see_writes_nothing_and_asks_nothing() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&seen);
    let app = App::builder().sealed_store().configure(move |auth| {
        let auth = auth.acr_values(["silver"]);
        auth.before_auth_request(move |request| {
            sink.lock().unwrap().push(request.kind);
            async { Ok(()) }
        })
    });
    let app = app.assemble(|auth, router| {
        let handle = auth.clone();
        let login = async move |headers: HeaderMap| {
            let required = require_authentication().acr("gold").amr("otp");
            handle.login().require(&required).begin(&headers).await
        };
        let page = Router::new().route("/page", get(async || "page"));
        let page = page.route_layer(require_authentication().acr("gold"));
        router.route("/begin", get(login)).merge(page).layer(auth.layer()).merge(auth.routes())
    });
    let app = app.start().await;
    let browser = app.signed_in().await;
    let before = (app.calls(), app.store().writes());
    seen.lock().unwrap().clear();
    for path in ["/begin", "/page"] {
        let begun = browser.navigate(path).await;
        assert!(begun.location().starts_with(app.op.issuer()), "{path}");
        assert_eq!(app.browser().navigate("/begin").await.status, 303);
    }
    app.settled().await;
    assert_eq!((app.calls(), app.store().writes()), before);
    assert_eq!(*seen.lock().unwrap(), []);
    assert_eq!(
        app.browser().navigate("/page").await.location(),
        format!("{}/auth/login?return_to=%2Fpage", app.origin)
    );
    browser.sign_in_from("/page").await;
    assert_eq!(*seen.lock().unwrap(), [AuthRequestKind::Callback]);
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
