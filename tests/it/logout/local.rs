//! What a logout does here: session, cookies, refresh token.

use crate::layer::{hold_cookies, stores};
use crate::support::{App, Fails};

#[tokio::test]
async fn a_form_and_a_fetch_end_the_session_and_take_its_cookies() {
    for form in [true, false] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let spare = browser.copy();
            let reply = match form {
                true => browser.submit("/auth/logout").await,
                false => browser.post("/auth/logout").await,
            };
            let (set, removed) = reply.cookie_changes();
            assert_eq!((set, removed), (vec![], vec!["app".to_owned(), "app_m".to_owned()]));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            let to = match form {
                true => (reply.status, reply.location().to_owned()),
                false => (303, reply.json()["logout_url"].as_str().unwrap().to_owned()),
            };
            assert_eq!(to.0, 303);
            assert!(to.1.starts_with(&format!("{}/end-session?", app.op.issuer())), "{}", to.1);
            assert_eq!(spare.fetch("/api/me").await.json()["reason"], "revoked");
            assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
            if let Some(store) = &app.store {
                assert!(store.stored().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn the_refresh_token_is_revoked_unless_it_is_turned_off() {
    for (enabled, revocations) in [(true, 1), (false, 0)] {
        for builder in stores() {
            let configured = builder.configure(move |auth| auth.revoke_tokens_at_end(enabled));
            let app = configured.start().await;
            let browser = app.signed_in().await;
            browser.submit("/auth/logout").await;
            app.settled().await;
            assert_eq!(app.calls().revocation, revocations);
            let request =
                app.op.last_request(axum_oidc_session::dev_provider::Endpoint::Revocation);
            if let Some(request) = request {
                assert_eq!(request.parameter("token_type_hint"), Some("refresh_token"));
                assert_eq!(app.op.revoked_tokens()[0], request.parameter("token").unwrap());
            }
        }
    }
}

#[tokio::test]
async fn a_revocation_that_fails_does_not_fail_the_logout() {
    use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault};
    let app = App::start().await;
    let browser = app.signed_in().await;
    app.op.set_fault(Some(Fault::Reply(Endpoint::Revocation, BrokenReply::InternalServerError)));
    assert_eq!(browser.submit("/auth/logout").await.status, 303);
    app.settled().await;
    assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
}

#[tokio::test]
async fn get_asks_and_changes_nothing() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let page = browser.navigate("/auth/logout").await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("<title>Sign out?</title>"), "{}", page.text());
        let form = format!("<form method=\"post\" action=\"{}/auth/logout\">", app.origin);
        assert!(page.text().contains(&form), "{}", page.text());
        let policy = page.header("content-security-policy").unwrap();
        assert!(!policy.contains("form-action 'none'"), "the browser would not send the form");
        assert!(page.set_cookies().is_empty());
        assert_eq!(browser.fetch("/api/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_store_that_fails_is_no_logout() {
    for fails in [Fails::Everything, Fails::Deletes] {
        let app = App::builder().sealed_store().start().await;
        let browser = app.signed_in().await;
        app.store().fail(fails);
        for form in [true, false] {
            let reply = match form {
                true => browser.submit("/auth/logout").await,
                false => browser.post("/auth/logout").await,
            };
            assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
            assert_eq!(reply.header("retry-after"), Some("5"));
            assert!(reply.set_cookies().is_empty());
        }
        app.store().fail(Fails::Nothing);
        app.settled().await;
        assert_eq!(app.calls().revocation, 0);
        assert_eq!(browser.fetch("/api/me").await.status, 200, "still signed in");
        assert_eq!(browser.submit("/auth/logout").await.status, 303);
    }
}

#[tokio::test]
async fn at_and_after_the_ceiling_it_still_clears_and_goes_to_the_provider() {
    for seconds in [3_569, 3_570, 4_000] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            hold_cookies(&browser);
            app.later(seconds);
            let reply = browser.submit("/auth/logout").await;
            let (_, removed) = reply.cookie_changes();
            assert_eq!(removed, ["app", "app_m"], "{seconds}");
            assert!(reply.location().starts_with(app.op.issuer()), "{}", reply.location());
            assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
            app.settled().await;
            // A store that drops records at the deadline leaves nothing to revoke with.
            let opened = app.store.is_none() || seconds < 3_570;
            assert_eq!(app.calls().revocation, u64::from(opened), "{seconds}");
            assert_eq!(reply.parameter("id_token_hint").is_some(), opened, "{seconds}");
        }
    }
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_end() {
    for builder in stores() {
        let app = builder.start().await;
        let reply = app.browser().submit("/auth/logout").await;
        assert_eq!((reply.status, reply.location()), (303, &*format!("{}/", app.origin)));
    }
}

#[tokio::test]
async fn a_second_logout_in_another_tab_is_fine() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let tab = browser.copy();
        let (one, two) = tokio::join!(browser.submit("/auth/logout"), tab.submit("/auth/logout"));
        assert_eq!((one.status, two.status), (303, 303));
        app.settled().await;
        if app.store.is_none() {
            assert_eq!(app.calls().revocation, 1);
        }
    }
}
