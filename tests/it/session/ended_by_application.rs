//! `AuthSession::end`: the application ends a session.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::routing::{any, get, post};
use axum_oidc_session::{AuthSession, OidcAuth};
use tokio::sync::Notify;

use crate::layer::stores;
use crate::logout::assert_signed_out;
use crate::support::Fails;

#[tokio::test]
async fn it_is_over_everywhere_and_the_response_removes_the_cookies() {
    for builder in stores() {
        let handler = post(async |session: AuthSession| session.end().await.is_ok().to_string());
        let app = builder.assemble(move |auth, router| {
            router.route("/leave", handler).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let browser = app.signed_in().await;
        let spare = browser.copy();
        if let Some(store) = &app.store {
            store.fail(Fails::Deletes);
            let shared = browser.copy();
            let reply = shared.post("/leave").await;
            assert_eq!(reply.text(), "false");
            assert_signed_out(&reply, "all the same");
            assert_eq!(shared.bindings(), Vec::<String>::new());
            assert_eq!(browser.fetch("/api/me").await.status, 200, "the session goes on");
            store.fail(Fails::Nothing);
        }
        let reply = browser.post("/leave").await;
        assert_eq!(reply.text(), "true");
        assert_signed_out(&reply, "by the application");
        assert_eq!(browser.bindings(), Vec::<String>::new(), "a login can be finished");
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
        assert_eq!(spare.fetch("/api/me").await.json()["reason"], "revoked");
        app.settled().await;
        assert_eq!(app.calls().revocation, 1);
    }
}

#[tokio::test]
async fn a_response_that_comes_late_leaves_the_newer_session_alone() {
    for (store, builder) in stores().into_iter().enumerate() {
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let app = builder.assemble(move |auth, router| {
            let (b, g) = (begun.clone(), go.clone());
            let long = get(async move |_: AuthSession| {
                b.notify_one();
                g.notified().await;
            });
            let wait = get(async move || begun.notified().await);
            let free = get(async move || go.notify_one());
            let leave = any(async |session: AuthSession| session.end().await.unwrap());
            router
                .route("/long", long)
                .route("/wait", wait)
                .route("/free", free)
                .route("/leave", leave)
                .layer(auth.layer())
                .merge(auth.routes())
        });
        let app = app.start().await;
        let browser = app.signed_in().await;
        let helper = app.browser();
        let long = browser.fetch("/long");
        let other = async {
            helper.fetch("/wait").await;
            browser.fetch("/leave").await;
            assert_eq!(browser.sign_in().await.status, 303);
            assert_eq!(browser.fetch("/api/me").await.status, 200);
            helper.fetch("/free").await;
        };
        let (_, ()) = tokio::join!(long, other);
        assert_eq!(browser.fetch("/api/me").await.status, 200, "store {store}");
    }
}

/// Another user's login, begun in this browser before, cannot be finished in it afterwards.
#[tokio::test]
async fn a_login_begun_before_the_end_is_not_finished_after_it() {
    for builder in stores() {
        let leave = post(async |session: AuthSession| session.end().await.unwrap());
        let app = builder.assemble(move |auth, router| {
            router.route("/leave", leave).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let browser = app.signed_in().await;
        let callback = browser.until_callback("/auth/login?again=1").await;
        assert_eq!(browser.post("/leave").await.status, 200);
        let refused = browser.navigate(&callback).await;
        assert_ne!(refused.status, 303, "{}", refused.location());
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
    }
}

#[tokio::test]
async fn a_login_that_the_same_response_starts_can_be_finished() {
    for builder in stores() {
        let app = builder.assemble(|auth, router| {
            let own: OidcAuth = auth.clone();
            let switch = get(async move |session: AuthSession, headers: HeaderMap| {
                session.end().await.unwrap();
                own.login().return_to("/profile").begin(&headers).await
            });
            router.route("/switch", switch).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let browser = app.signed_in().await;
        assert_eq!(browser.sign_in_from("/switch").await.status, 303);
        assert_eq!(browser.fetch("/profile").await.text(), "ada");
    }
}

#[tokio::test]
async fn the_cache_is_cleared_as_at_the_logout_route() {
    for builder in stores() {
        let leave = post(async |session: AuthSession| session.end().await.unwrap());
        let builder = builder.configure(|auth| auth.clear_browser_cache_at_logout(true));
        let app = builder.assemble(move |auth, router| {
            router.route("/leave", leave).layer(auth.layer()).merge(auth.routes())
        });
        let app = app.start().await;
        let reply = app.signed_in().await.post("/leave").await;
        assert_eq!(reply.header("clear-site-data"), Some("\"cache\""));
    }
}
