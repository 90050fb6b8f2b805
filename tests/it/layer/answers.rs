//! What a browser is told after the end, and what is never cached (ceiling rules 8 and 14).

use std::time::Duration;

use axum::http::header::CACHE_CONTROL;
use axum::routing::get;
use axum_oidc_session::AuthSession;

use super::{hold_cookies, stores};
use crate::support::App;

#[tokio::test]
async fn the_marker_tells_why_when_the_browser_has_dropped_the_session_cookie() {
    let limits: [(&str, u64); 3] = [("ceiling", 3_570), ("idle", 100), ("absolute", 200)];
    for (reason, seconds) in limits {
        for builder in stores() {
            let app = builder
                .configure(move |auth| match reason {
                    "idle" => auth.idle_limit(Duration::from_secs(seconds)),
                    "absolute" => auth.absolute_limit(Duration::from_secs(seconds)),
                    _ => auth,
                })
                .start()
                .await;
            let browser = app.signed_in().await;
            app.later(seconds);
            assert_eq!(browser.cookie("app"), None, "the browser keeps it past {reason}");
            let reply = browser.fetch("/api/me").await;
            assert_eq!((reply.status, &reply.json()["reason"]), (401, &reason.into()));
            assert_eq!(reply.code(), "session_expired");
            // The same question, the same answer, until the marker is gone.
            app.later(599);
            assert_eq!(browser.fetch("/api/me").await.json()["reason"], reason);
            app.later(1);
            assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
        }
    }
}

#[tokio::test]
async fn the_reason_is_the_same_on_the_first_request_and_on_the_next() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        app.later(3_570);
        for _ in 0..2 {
            let reply = browser.fetch("/api/me").await;
            assert_eq!(
                (reply.code(), &reply.json()["reason"]),
                ("session_expired".into(), &"ceiling".into())
            );
            assert_eq!(browser.cookie("app"), None);
        }
        assert_eq!(browser.navigate("/").await.text(), "hello nobody");
    }
}

#[tokio::test]
async fn after_a_logout_nobody_is_signed_in_and_nothing_has_expired() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
    }
}

#[tokio::test]
async fn public_pages_go_on_without_the_session() {
    for builder in stores() {
        let app = builder
            .assemble(|auth, router| {
                router.layer(auth.layer().continue_anonymous()).merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        app.later(3_570);
        let protected = browser.copy();
        let reply = browser.navigate("/").await;
        assert_eq!((reply.status, reply.text()), (200, "hello nobody".to_owned()));
        let changes = (vec!["app_m".to_owned()], vec!["app".to_owned()]);
        assert_eq!(reply.cookie_changes(), changes);
        let reply = protected.fetch("/api/me").await;
        assert_eq!((reply.code(), reply.cookie_changes()), ("session_expired".into(), changes));
    }
}

#[tokio::test]
async fn nothing_is_stored_by_caches_unless_the_handler_says_so() {
    for builder in stores() {
        let app = builder
            .assemble(|auth, router| {
                let own = async |_: AuthSession| ([(CACHE_CONTROL, "private, max-age=60")], "own");
                router.route("/own", get(own)).layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.signed_in().await;
        for path in ["/profile", "/public"] {
            let reply = browser.get(path).await;
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        }
        let own = browser.get("/own").await;
        assert_eq!(own.header("cache-control"), Some("private, max-age=60"));
        assert_eq!(app.browser().get("/public").await.header("cache-control"), None);
    }
}

#[tokio::test]
async fn answers_come_from_the_base_url_never_from_the_host_header() {
    let app = App::start().await;
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    let reply = app.browser().send("GET", "/profile", &forged, "").await;
    assert!(reply.location().starts_with(&app.origin), "{}", reply.location());
    let json = app.browser().send("GET", "/profile", &forged[..2], "").await.json();
    assert_eq!(json["login_url"], format!("{}/auth/login", app.origin));
}

/// Method, headers, answer.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// What each kind of request is answered without a session, and after its end.
#[tokio::test]
async fn each_kind_of_request_has_its_answer() {
    const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
    const ANY: (&str, &str) = ("accept", "*/*");
    let mode = |mode: &'static str| ("sec-fetch-mode", mode);
    let dest = |dest: &'static str| ("sec-fetch-dest", dest);
    let (login, page, json) = ("303", "401 page", "401 json");
    let rows: [Row<'_>; 20] = [
        ("GET", &[mode("navigate"), dest("document"), HTML], login),
        // A service worker has passed it on.
        ("GET", &[mode("navigate"), dest("empty"), HTML], login),
        ("GET", &[mode("navigate"), dest("empty"), ANY], login),
        ("GET", &[mode("navigate"), HTML], login),
        ("GET", &[HTML], login),
        ("GET", &[mode("navigate"), dest("iframe"), HTML], page),
        ("GET", &[mode("navigate"), dest("frame"), HTML], page),
        ("GET", &[mode("navigate"), dest("object"), HTML], page),
        ("POST", &[mode("navigate"), dest("document"), HTML], page),
        ("POST", &[mode("navigate"), dest("empty"), HTML], page),
        ("POST", &[mode("navigate"), dest("iframe"), HTML], page),
        ("DELETE", &[HTML], page),
        ("POST", &[ANY], json),
        ("GET", &[ANY], json),
        ("GET", &[mode("cors"), dest("empty"), HTML], json),
        ("GET", &[mode("no-cors"), dest("image"), ANY], json),
        ("GET", &[mode("navigate"), dest("document"), HTML, ("sec-purpose", "prefetch")], json),
        ("GET", &[HTML, ("x-moz", "prefetch")], json),
        ("GET", &[HTML, ("x-requested-with", "XMLHttpRequest")], json),
        ("HEAD", &[mode("navigate"), dest("document"), HTML], "401 head"),
    ];
    let app = App::builder()
        .assemble(|auth, router| {
            let handler = axum::routing::any(async |_: AuthSession| "signed in");
            router.route("/any", handler).layer(auth.layer()).merge(auth.routes())
        })
        .start()
        .await;
    let ended = app.signed_in().await;
    hold_cookies(&ended);
    app.later(3_570);
    for (method, headers, expected) in rows {
        for browser in [app.browser(), ended.copy()] {
            let reply = browser.send(method, "/any", headers, "").await;
            let is =
                |kind: &str| reply.header("content-type").is_some_and(|it| it.starts_with(kind));
            let kind = match reply.status {
                303 if reply.parameter("return_to").as_deref() == Some("/any") => "303",
                401 if method == "HEAD" => "401 head",
                401 if is("text/html") => "401 page",
                401 if is("application/json") => "401 json",
                _ => "another",
            };
            assert_eq!(kind, expected, "{method} {headers:?}: {}", reply.status);
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {headers:?}");
            if reply.status == 401 {
                assert!(reply.header("www-authenticate").is_some(), "{method} {headers:?}");
            }
            if kind == json {
                assert_eq!(reply.json()["login_url"], format!("{}/auth/login", app.origin));
            }
        }
    }
}
