//! `AuthSession::end`: the application ends a session.

use std::sync::Arc;

use axum::routing::{any, get, post};
use axum_oidc_session::AuthSession;
use tokio::sync::Notify;

use crate::layer::stores;
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
            let removed = vec!["app".to_owned(), "app_m".to_owned()];
            assert_eq!(reply.cookie_changes(), (vec![], removed), "all the same");
            assert_eq!(browser.fetch("/api/me").await.status, 200, "the session goes on");
            store.fail(Fails::Nothing);
        }
        let reply = browser.post("/leave").await;
        assert_eq!(reply.text(), "true");
        assert!(browser.cookie("app").is_none() && browser.cookie("app_m").is_none());
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
