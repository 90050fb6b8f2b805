//! A response that carries a cookie is kept by no shared cache, and every cookie that must be sent is.

use axum::http::header::CACHE_CONTROL;
use axum::routing::{get, post};
use axum_oidc_session::AuthSession;
use axum_oidc_session::tower_sessions::Session;

use super::{hold_cookies, stores};
use crate::support::{App, AppBuilder, Reply};

async fn start(builder: AppBuilder, own: &'static str) -> App {
    let builder = builder.configure(|auth| auth.application_data(true));
    let builder = builder.assemble(move |auth, router| {
        let kept = move |text: &'static str| ([(CACHE_CONTROL, own)], text);
        let moved = async move |session: Session| {
            session.cycle_id().await.unwrap();
            kept("moved")
        };
        let ended = async move |session: AuthSession| {
            session.end().await.unwrap();
            kept("ended")
        };
        let router = router.route("/asset", get(async move || kept("asset")));
        let router = router.route("/move", post(moved)).route("/end", post(ended));
        router.layer(auth.layer()).merge(auth.routes())
    });
    builder.start().await
}

/// What a browser may keep of one session it must not show in another.
#[tokio::test]
async fn what_may_be_kept_is_kept_for_this_cookie_alone() {
    for (own, varies) in [
        ("private, max-age=60", true),
        ("max-age=60", true),
        ("no-cache", true),
        ("public, max-age=60", false),
        ("s-maxage=60", false),
        ("no-store", false),
    ] {
        for builder in stores() {
            let app = start(builder, own).await;
            let browser = app.signed_in().await;
            let vary = |reply: &Reply| reply.header("vary").map(str::to_owned);
            let expected = varies.then(|| "cookie".to_owned());
            browser.fetch("/api/me").await;
            assert_eq!(vary(&browser.fetch("/asset").await), expected, "{own}");
            assert_eq!(vary(&browser.fetch("/api/me").await), None, "no-store");
        }
    }
}

#[tokio::test]
async fn a_handlers_own_value_gives_way_only_to_a_cookie() {
    for (own, with_cookie) in [
        ("public, max-age=60", "no-store"),
        ("max-age=60", "no-store"),
        ("no-cache", "no-store"),
        ("Private", "Private"),
        ("max-age=60, private", "max-age=60, private"),
        ("no-store", "no-store"),
    ] {
        for builder in stores() {
            let app = start(builder, own).await;
            let browser = app.signed_in().await;
            // Clears the count of logins.
            browser.fetch("/api/me").await;
            let reply = browser.fetch("/asset").await;
            assert_eq!((reply.set_cookies().len(), reply.header("cache-control")), (0, Some(own)));
            app.later(60);
            let reply = browser.fetch("/asset").await;
            assert_eq!(reply.header("cache-control"), Some(with_cookie), "touched");
            assert!(reply.set_cookie("app").is_some(), "{own}");
            let before = browser.cookie("app");
            let reply = browser.post("/move").await;
            assert_eq!(reply.header("cache-control"), Some(with_cookie), "moved");
            assert_ne!(browser.cookie("app"), before, "{own}");
            assert_eq!(browser.fetch("/api/me").await.status, 200, "{own}");
            let reply = browser.post("/end").await;
            assert_eq!(reply.header("cache-control"), Some(with_cookie), "ended");
            assert!(browser.cookie("app").is_none(), "{own}");
        }
    }
}

#[tokio::test]
async fn a_removal_is_kept_by_no_shared_cache() {
    let app = App::builder().assemble(|auth, router| {
        let page = get(async || ([(CACHE_CONTROL, "public, max-age=600")], "page"));
        router.route("/page", page).layer(auth.layer().continue_anonymous()).merge(auth.routes())
    });
    let app = app.start().await;
    let browser = app.browser();
    browser.sign_in().await;
    hold_cookies(&browser);
    app.later(3_570);
    let reply = browser.fetch("/page").await;
    assert_eq!(reply.status, 200);
    assert!(
        reply.set_cookies().is_empty()
            || reply.header("cache-control") != Some("public, max-age=600"),
        "{:?} {:?}",
        reply.header("cache-control"),
        reply.set_cookies()
    );
}
