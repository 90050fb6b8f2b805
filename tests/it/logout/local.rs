//! What a logout does here: session, cookies, refresh token.

use crate::layer::{hold_cookies, stores};
use crate::support::{App, Fails};

#[tokio::test]
async fn a_form_and_a_fetch_end_the_session_and_take_its_cookies() {
    for form in [true, false] {
        for builder in stores() {
            let app = builder.start().await;
            let browser = app.signed_in().await;
            let (spare, binding) = (browser.copy(), browser.bindings().remove(0));
            let reply = match form {
                true => browser.submit("/auth/logout").await,
                false => browser.post("/auth/logout").await,
            };
            let (set, removed) = reply.cookie_changes();
            let all = ["app", "app_m", &binding].map(str::to_owned);
            assert_eq!((set, removed), (vec![], all.to_vec()));
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

/// The browser may be a shared one: whoever comes next must not be signed in when the store is back.
#[tokio::test]
async fn while_the_store_is_down_the_cookies_go_anyway() {
    for (fails, opened) in [(Fails::Everything, false), (Fails::Deletes, true)] {
        for form in [true, false] {
            let app = App::builder().sealed_store().start().await;
            let browser = app.signed_in().await;
            let (elsewhere, binding) = (browser.copy(), browser.bindings().remove(0));
            app.store().fail(fails);
            let reply = match form {
                true => browser.submit("/auth/logout").await,
                false => browser.post("/auth/logout").await,
            };
            assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
            assert!(reply.text().contains("may live on elsewhere"), "{}", reply.text());
            let all = ["app", "app_m", &binding].map(str::to_owned);
            assert_eq!(reply.cookie_changes(), (vec![], all.to_vec()));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            let on = match form {
                true => reply.text().replace("&amp;", "&"),
                false => reply.json()["logout_url"].as_str().unwrap().to_owned(),
            };
            assert!(on.contains(&format!("{}/end-session?", app.op.issuer())), "{on}");
            assert_eq!(on.contains("id_token_hint="), opened, "{on}");
            app.store().fail(Fails::Nothing);
            app.settled().await;
            assert_eq!(app.calls().revocation, 0);
            assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
            assert_eq!(elsewhere.fetch("/api/me").await.status, 200, "it was not ended");
            assert_eq!(elsewhere.submit("/auth/logout").await.status, 303);
        }
    }
}

/// What only the store could say more of: a session that has run out, one of another version, none.
#[tokio::test]
async fn while_the_store_is_down_any_session_cookie_goes() {
    let app = App::builder().sealed_store().start().await;
    let browser = app.signed_in().await;
    hold_cookies(&browser);
    app.later(3_570);
    app.store().fail(Fails::Everything);
    let reply = browser.submit("/auth/logout").await;
    assert_eq!((reply.status, browser.cookie("app"), browser.cookie("app_m")), (503, None, None));
    // Without a cookie there is nothing to ask the store.
    assert_eq!(app.browser().submit("/auth/logout").await.status, 303);
}

#[tokio::test]
async fn a_logout_that_was_cut_off_removes_the_cookies_too() {
    let app = App::builder()
        .configure(|auth| {
            auth.on_session_ended(|_| -> std::future::Ready<()> { panic!("the application's") })
        })
        .start()
        .await;
    let browser = app.signed_in().await;
    let reply = browser.post("/auth/logout").await;
    assert!(reply.status >= 500, "{}", reply.status);
    assert!(reply.text().contains("may live on elsewhere"), "{}", reply.text());
    assert_eq!((browser.cookie("app"), browser.cookie("app_m")), (None, None));
}

/// Without `Sec-Fetch-Site` the guard goes by `Origin`, which is `null` where a page names no referrer.
#[tokio::test]
async fn the_question_lets_old_browsers_post_with_an_origin() {
    for own_design in [false, true] {
        let builder = App::builder().configure(move |auth| match own_design {
            true => auth.error_page(|page| format!("<h1>{}</h1>", page.title)),
            false => auth,
        });
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let page = browser.navigate("/auth/logout").await;
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        let old = [("accept", "text/html"), ("origin", &*app.origin)];
        assert_eq!(browser.send("POST", "/auth/logout", &old, "").await.status, 303);
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
            let sent: Vec<String> = browser.bindings();
            let reply = browser.submit("/auth/logout").await;
            let (_, removed) = reply.cookie_changes();
            let all = ["app", "app_m"].into_iter().chain(sent.iter().map(String::as_str));
            assert_eq!(removed, all.collect::<Vec<_>>(), "{seconds}");
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

/// Long after the end nothing here tells that there was a session; the provider's own may still be there.
#[tokio::test]
async fn without_a_session_it_goes_to_the_provider_all_the_same() {
    for builder in stores() {
        let app = builder.start().await;
        let long_ago = app.signed_in().await;
        app.later(86_400);
        assert!(long_ago.cookie_names().iter().all(|name| name.starts_with("dev_provider")));
        let end = format!("{}/end-session?client_id=test-client", app.op.issuer());
        for browser in [app.browser(), long_ago] {
            let reply = browser.submit("/auth/logout").await;
            assert_eq!((reply.status, reply.location()), (303, &*end));
            assert_eq!(browser.post("/auth/logout").await.json()["logout_url"], end);
        }
    }
}

/// Login CSRF: whoever used a shared browser before begins a login in it, and opens its callback once the next user is there.
#[tokio::test]
async fn no_login_that_began_before_it_ends_after_it() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.op.authorize_as("mallory");
        let prepared = browser.until_callback("/auth/login?return_to=/profile").await;
        browser.submit("/auth/logout").await;
        assert_eq!(browser.bindings(), Vec::<String>::new());
        let reply = browser.navigate(&prepared).await;
        assert_eq!(reply.refusal(), (400, "login_attempt_unknown".to_owned()));
        app.op.authorize_as("ada");
        assert_eq!(browser.sign_in().await.status, 303);
        browser.navigate(&prepared).await;
        assert_eq!(browser.fetch("/profile").await.text(), "ada");
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
