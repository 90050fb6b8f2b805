//! GET /auth/session.js: what it is, how it is kept, and that it is no use of the session. What it does is tested in Chromium.

use std::time::Duration;

use axum_oidc_session::AuthPaths;

use crate::layer::{hold_cookies, stores};
use crate::support::{App, Browser};

const SCRIPT: &str = "/auth/session.js";

#[tokio::test]
async fn it_is_small_plain_and_needs_no_policy_but_self() {
    let app = App::start().await;
    let reply = app.browser().get(SCRIPT).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    assert!(reply.set_cookies().is_empty());
    let text = reply.text();
    assert!(text.len() <= 3_072, "{} bytes", text.len());
    assert!(text.is_ascii());
    assert!(text.contains("new URL('../auth/session',"), "{text}");
    for forbidden in [
        "eval(",
        "Function(",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "setAttribute('style",
        "setAttribute('on",
        "createElement('style",
        "createElement('script",
        "javascript:",
        "import(",
        "http:",
        "https:",
        "{session}",
        "//",
    ] {
        assert!(!text.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn a_browser_that_has_it_is_not_sent_it_again() {
    let app = App::start().await;
    let browser = app.browser();
    let ask = async |tags: &str| browser.send("GET", SCRIPT, &[("if-none-match", tags)], "").await;
    let tag = browser.get(SCRIPT).await.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\" , {tag}"), "*".to_owned()] {
        let reply = ask(&known).await;
        assert_eq!((reply.status, reply.text()), (304, String::new()), "{known}");
        assert_eq!(reply.header("etag"), Some(&*tag));
        assert_eq!(reply.header("cache-control"), Some("public, max-age=3600"));
    }
    for other in ["\"x\"", "", tag.trim_matches('"')] {
        assert_eq!(ask(other).await.status, 200, "{other}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body_and_nothing_else_is_allowed() {
    let app = App::start().await;
    let browser = app.browser();
    let length = browser.get(SCRIPT).await.body.len().to_string();
    let head = browser.send("HEAD", SCRIPT, &[], "").await;
    assert_eq!((head.status, head.text()), (200, String::new()));
    assert_eq!(head.header("content-length"), Some(&*length));
    let reply = browser.post(SCRIPT).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,HEAD")));
}

#[tokio::test]
async fn it_asks_where_the_answer_is_below_any_prefix() {
    for (script, session, relative) in [
        ("/static/js/watch.js", "/whoami", "../../whoami"),
        ("/watch.js", "/auth/session", "auth/session"),
    ] {
        let paths = AuthPaths {
            session_script: script.to_owned(),
            session: session.to_owned(),
            ..AuthPaths::default()
        };
        let app = App::builder().base_path("/some/app").configure(|auth| auth.paths(paths));
        let app = app.start().await;
        let browser = app.browser();
        let text = browser.get(&format!("/some/app{script}")).await.text();
        assert!(text.contains(&format!("new URL('{relative}',")), "{text}");
        let url = url::Url::parse(&format!("{}{script}", app.base())).unwrap();
        let answer = browser.fetch(url.join(relative).unwrap().path()).await;
        assert_eq!(answer.json()["authenticated"], false);
        assert_eq!(browser.get("/some/app/auth/session.js").await.status, 404);
    }
}

#[tokio::test]
async fn loading_it_keeps_no_session_alive_and_ends_none() {
    let limit = Duration::from_secs(600);
    for builder in stores() {
        let app = builder.configure(move |auth| auth.idle_limit(limit)).start().await;
        let browser = app.signed_in().await;
        hold_cookies(&browser);
        for _ in 0..5 {
            app.later(150);
            let reply = browser.get(SCRIPT).await;
            assert_eq!((reply.status, reply.set_cookies().len()), (200, 0));
        }
        assert_eq!(reason(&browser).await, "idle");
    }
}

async fn reason(browser: &Browser) -> String {
    browser.fetch("/api/me").await.json()["reason"].as_str().unwrap().to_owned()
}
