//! `Session-Expires-In`: off by default, the seconds to the deadline in force after the handler, never for shared caches.

use std::time::Duration;

use axum::http::header::CACHE_CONTROL;
use axum::routing::{get, post};
use axum_oidc_session::AuthSession;
use axum_oidc_session::dev_provider::SessionExpiryMode;

use crate::layer::{Count, hold_cookies, stores};
use crate::support::{App, AppBuilder, NOW, Reply};

const NAME: &str = "session-expires-in";

fn with_header(builder: AppBuilder) -> AppBuilder {
    builder.configure(|auth| auth.session_expires_in_header(true))
}

fn left(reply: &Reply) -> Option<i64> {
    reply.header(NAME).map(|value| value.parse().unwrap())
}

#[tokio::test]
async fn it_is_an_option() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        assert_eq!(left(&browser.fetch("/api/me").await), None);
    }
}

#[tokio::test]
async fn it_counts_to_the_deadline_on_any_method_and_is_gone_with_the_session() {
    for builder in stores() {
        let app = with_header(builder).start().await;
        let browser = app.browser();
        assert_eq!(left(&browser.navigate("/").await), None);
        browser.sign_in().await;
        assert_eq!(left(&browser.fetch("/api/me").await), Some(3_570));
        app.later(10);
        for (method, path) in [("GET", "/profile"), ("HEAD", "/profile"), ("POST", "/api/act")] {
            let reply = browser.send(method, path, &[], "").await;
            assert_eq!((reply.status, left(&reply)), (200, Some(3_560)), "{method}");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
        // Not the layer's: the answer itself says it.
        assert_eq!(left(&browser.fetch("/auth/session").await), None);
        app.later(3_559);
        hold_cookies(&browser);
        assert_eq!(left(&browser.fetch("/api/me").await), Some(1));
        app.later(1);
        let over = browser.fetch("/api/me").await;
        assert_eq!((over.status, left(&over)), (401, None));
    }
}

#[tokio::test]
async fn a_use_that_moves_the_idle_limit_is_counted_in() {
    for builder in stores() {
        let idle = Duration::from_secs(600);
        let app = with_header(builder).configure(move |auth| auth.idle_limit(idle)).start().await;
        let browser = app.signed_in().await;
        app.later(10);
        // Too soon to be noted.
        assert_eq!(left(&browser.fetch("/api/me").await), Some(590));
        app.later(190);
        assert_eq!(left(&browser.fetch("/api/me").await), Some(600));
    }
}

#[tokio::test]
async fn a_ceiling_that_the_handler_lowers_is_counted_in() {
    for builder in stores() {
        let builder =
            builder.provider(|provider| provider.access_token_lifetime(Duration::from_secs(60)));
        let app = with_header(builder).start().await;
        let browser = app.signed_in().await;
        app.op.set_refresh_session_expiry(Some(SessionExpiryMode::At(NOW + 230)));
        app.later(100);
        let reply = browser.fetch("/api/token").await;
        assert_eq!((reply.status, left(&reply)), (200, Some(100)));
    }
}

#[tokio::test]
async fn what_shared_caches_may_keep_does_not_have_it() {
    for (own, expected) in [
        ("public, max-age=60", None),
        ("max-age=60", None),
        ("s-maxage=60", None),
        ("no-cache", None),
        ("private, max-age=60", Some(3_570)),
        ("no-store", Some(3_570)),
    ] {
        for builder in stores() {
            let builder = with_header(builder).assemble(move |auth, router| {
                let page = get(async move || ([(CACHE_CONTROL, own)], "page"));
                router.route("/page", page).layer(auth.layer()).merge(auth.routes())
            });
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let reply = browser.fetch("/page").await;
            assert_eq!((reply.header("cache-control"), left(&reply)), (Some(own), expected));
        }
    }
}

#[tokio::test]
async fn a_session_that_the_handler_ends_has_no_seconds_left() {
    for builder in stores() {
        let builder = with_header(builder).assemble(|auth, router| {
            let end = post(async |session: AuthSession| session.end().await.unwrap());
            router.route("/end", end).layer(auth.layer()).merge(auth.routes())
        });
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let reply = browser.post("/end").await;
        assert_eq!((reply.status, left(&reply)), (200, None));
    }
}

#[tokio::test]
async fn it_needs_no_extractor_and_goes_with_application_data() {
    for builder in stores() {
        let builder = with_header(builder).configure(|auth| auth.application_data(true));
        let app: App = Count::default().route(builder).start().await;
        let browser = app.signed_in().await;
        assert_eq!(left(&browser.fetch("/counted").await), Some(3_570));
    }
}
