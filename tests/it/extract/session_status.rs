//! A public page is told why there is no session, on the request that ends it and as long as the browser remembers.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum_oidc_session::SessionStatus;

use crate::support::App;

async fn status(status: SessionStatus) -> String {
    match status {
        SessionStatus::Live(session) => format!("live {}", session.claims().sub()),
        SessionStatus::Ended(refusal) => format!("ended {}", refusal.reason()),
        SessionStatus::Absent => "absent".to_owned(),
    }
}

async fn app(idle: u64) -> App {
    App::builder()
        .configure(move |auth| auth.idle_limit(Duration::from_secs(idle)))
        .assemble(|auth, router| {
            let public = Router::new().route("/status", get(status));
            let public = public.layer(auth.layer().continue_anonymous());
            router.layer(auth.layer()).merge(public).merge(auth.routes())
        })
        .start()
        .await
}

#[tokio::test]
async fn the_reason_is_told_until_it_is_forgotten_or_the_user_signs_out() {
    for (idle, life, reason) in [(86_400, 3_570, "ended ceiling"), (600, 600, "ended idle")] {
        let app = app(idle).await;
        assert_eq!(app.browser().fetch("/status").await.text(), "absent");
        let browser = app.signed_in().await;
        assert_eq!(browser.fetch("/status").await.text(), "live ada");
        let stolen = browser.cookie("app").unwrap();
        app.later(life);

        let ending = app.browser();
        ending.set_cookie("app", &stolen);
        let reply = ending.fetch("/status").await;
        assert_eq!((reply.status, reply.text()), (200, reason.to_owned()));
        assert_eq!(reply.set_cookie("app").unwrap().max_age, Some(0));

        // The browser itself has dropped the cookie at the deadline; the marker remembers.
        assert_eq!(browser.cookie("app"), None);
        assert_eq!(browser.fetch("/status").await.text(), reason);
        app.later(601);
        assert_eq!(browser.fetch("/status").await.text(), "absent");
    }
}

#[tokio::test]
async fn after_a_sign_out_nothing_has_ended() {
    let app = app(86_400).await;
    let browser = app.signed_in().await;
    assert_eq!(browser.post("/auth/logout").await.status, 200);
    assert_eq!(browser.fetch("/status").await.text(), "absent");
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let app = App::builder()
        .assemble(|auth, router| {
            let unlayered = Router::new().route("/status", get(status));
            router.layer(auth.layer()).merge(unlayered).merge(auth.routes())
        })
        .start()
        .await;
    let reply = app.browser().fetch("/status").await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("AuthSessionLayer is missing"), "{}", reply.text());
}
