//! Another site cannot end, shorten or replace a session by starting a login (ceiling rule 18).

use std::time::Duration;

use axum::http::HeaderMap;
use axum::routing::get;
use axum_oidc_session::{AuthSession, require_authentication};

use crate::support::{App, AppBuilder, Browser, Reply};

async fn navigate(browser: &Browser, target: &str, site: Option<&str>) -> Reply {
    let mut headers = vec![
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("accept", "text/html"),
    ];
    headers.extend(site.map(|site| ("sec-fetch-site", site)));
    browser.send("GET", target, &headers, "").await
}

fn with_handlers() -> AppBuilder {
    App::builder().assemble(|auth, router| {
        let handle = auth.clone();
        let begin = async move |headers: HeaderMap| {
            handle.login().login_hint("ada").return_to("/profile").begin(&headers).await
        };
        let recent = require_authentication().max_age(Duration::from_secs(60));
        let recent = get(async |_: AuthSession| "recent").route_layer(recent);
        let router = router.route("/begin", get(begin)).route("/recent", recent);
        router.layer(auth.layer()).merge(auth.routes())
    })
}

#[tokio::test]
async fn beside_a_live_session_it_goes_straight_to_its_return_to() {
    for sealed in [false, true] {
        let builder = with_handlers();
        let app = if sealed { builder.sealed_store() } else { builder }.start().await;
        let browser = app.signed_in().await;
        app.later(10);
        let (cookies, calls) = (browser.cookie_header("/"), app.calls());
        for site in ["cross-site", "same-site", "unheard-of"] {
            for login in [
                "/auth/login?return_to=/profile",
                "/auth/login?return_to=/profile&again=1",
                "/auth/login?return_to=/profile&prompt=login&login_hint=grace",
                "/auth/login?return_to=/profile&requirement=forged",
                "/begin",
            ] {
                let reply = navigate(&browser, login, Some(site)).await;
                assert_eq!(reply.status, 303, "{login} {site}");
                assert_eq!(reply.location(), format!("{}/profile", app.origin), "{login} {site}");
                assert_eq!(reply.set_cookies(), [], "{login} {site}");
            }
        }
        assert_eq!((browser.cookie_header("/"), app.calls()), (cookies, calls));
        assert_eq!(browser.fetch("/profile").await.text(), "ada");
    }
}

#[tokio::test]
async fn without_a_live_session_it_starts_a_login() {
    let app = with_handlers().start().await;
    let ended = app.signed_in().await;
    app.later(3_600);
    for browser in [app.browser(), ended] {
        for site in ["cross-site", "same-site"] {
            for login in ["/auth/login?return_to=/profile", "/begin"] {
                let begun = navigate(&browser, login, Some(site)).await;
                assert!(begun.location().starts_with(app.op.issuer()), "{}", begun.location());
            }
        }
    }
}

#[tokio::test]
async fn the_user_and_our_own_pages_start_one_beside_a_live_session() {
    let app = with_handlers().start().await;
    let browser = app.signed_in().await;
    for site in [None, Some("none"), Some("same-origin")] {
        for login in ["/auth/login?return_to=/profile", "/auth/login?again=1", "/begin"] {
            let begun = navigate(&browser, login, site).await;
            assert!(begun.location().starts_with(app.op.issuer()), "{login} {site:?}");
        }
    }
    assert_eq!(browser.fetch("/profile").await.text(), "ada", "until it has finished");
}

/// The requirement is sealed: it is that of a page of ours. One that the session meets already asks for nothing.
#[tokio::test]
async fn a_routes_requirement_starts_one_if_the_session_lacks_it() {
    let app = with_handlers().start().await;
    let browser = app.signed_in().await;
    app.later(61);
    let refused = browser.fetch("/recent").await.json();
    let login = format!("{}&return_to=/recent", refused["login_url"].as_str().unwrap());
    let begun = navigate(&browser, &login, Some("cross-site")).await;
    assert!(begun.location().starts_with(app.op.issuer()), "{}", begun.location());
    let step_up = navigate(&browser, "/recent", Some("cross-site")).await;
    assert!(step_up.location().starts_with(app.op.issuer()), "{}", step_up.location());
    let callback = browser.authorize(&begun).await;
    assert_eq!(browser.navigate(&callback).await.status, 303);
    let met = navigate(&browser, &login, Some("cross-site")).await;
    assert_eq!(met.location(), format!("{}/recent", app.origin));
}

/// The login that another site starts does not count as a round of a loop.
#[tokio::test]
async fn it_counts_nothing() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    for _ in 0..20 {
        navigate(&browser, "/auth/login", Some("cross-site")).await;
    }
    assert_eq!(browser.sign_in().await.status, 303);
    assert_eq!(browser.fetch("/profile").await.text(), "ada");
}

/// Neither where it has the wrong host name.
#[tokio::test]
async fn at_another_host_name_it_counts_nothing_either() {
    let app = App::start().await;
    let browser = app.browser();
    let elsewhere = app.origin.replace("127.0.0.1", "localhost");
    for (site, counts) in [(Some("cross-site"), false), (Some("same-site"), false), (None, true)] {
        let sent = navigate(&browser, &format!("{elsewhere}/auth/login"), site).await;
        assert!(sent.location().starts_with(&app.origin), "{}", sent.location());
        assert_eq!(sent.set_cookie("app_r").is_some(), counts, "{site:?}");
    }
}

/// A live session was seen: the sign-in before was no round of a loop.
#[tokio::test]
async fn beside_a_live_session_it_clears_the_count() {
    let app = App::start().await;
    let browser = app.browser();
    browser.sign_in().await;
    assert!(browser.cookie("app_r").is_some());
    let reply = navigate(&browser, "/auth/login", Some("cross-site")).await;
    assert_eq!(reply.cookie_changes(), (vec![], vec!["app_r".to_owned()]));
}

#[tokio::test]
async fn a_store_that_fails_is_said_and_no_login_starts() {
    use crate::support::Fails;
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    app.store().fail(Fails::Everything);
    let reply = navigate(&browser, "/auth/login", Some("cross-site")).await;
    assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
    assert_eq!(reply.set_cookies(), []);
}
