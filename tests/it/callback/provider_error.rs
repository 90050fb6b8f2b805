//! Error responses of the provider: a page that helps, escaped, and no new login by itself.

use axum_oidc_session::dev_provider::{AuthorizationFault as F, Fault};

use super::{assert_clean_login, assert_refused};
use crate::support::{App, Calls};

#[tokio::test]
async fn each_error_is_a_page_of_its_own() {
    for (fault, status, code) in [
        (F::AccessDenied, 403, "access_denied"),
        (F::LoginRequired, 403, "login_required"),
        (F::ServerError, 502, "server_error"),
        (F::TemporarilyUnavailable, 503, "temporarily_unavailable"),
        // A code that nobody has registered is not repeated as ours.
        (F::HostileError, 400, "provider_error"),
    ] {
        let row = format!("{fault:?}");
        let app = App::builder().sealed_store().start().await;
        let browser = app.browser();
        app.op.set_fault(Some(Fault::Authorization(fault)));
        let reply = browser.sign_in().await;
        assert_refused(&app, &browser, &reply, (status, code), &row).await;
        assert_eq!(reply.header("retry-after").is_some(), status == 503, "{row}");
        let only_discovery = Calls { discovery: 1, ..Calls::default() };
        assert_eq!(app.calls(), only_discovery, "{row}");
        let page = reply.text();
        assert!(!page.contains("<script") && !page.contains("javascript:"), "{row}: {page}");
        assert!(page.contains("&lt;script&gt;alert(&#39;error_description&#39;)"), "{row}: {page}");
        assert!(page.contains(&format!("href=\"{}/auth/login\"", app.origin)), "{row}: a way on");
        assert_eq!(
            reply
                .headers
                .get_all("set-cookie")
                .iter()
                .filter(|it| it.to_str().unwrap().contains("injected"))
                .count(),
            0
        );
        assert_clean_login(&app, &browser, &row).await;
    }
}

/// Whoever can make a browser visit a URL can write an error response: without an attempt its text is not shown.
#[tokio::test]
async fn a_strangers_text_is_not_shown() {
    let app = App::start().await;
    let browser = app.browser();
    let text = "Your+account+is+locked%2C+call+555-1234";
    let iss = app.op.issuer();
    let link =
        format!("/auth/callback?error=access_denied&error_description={text}&state=abc&iss={iss}");
    let reply = browser.navigate(&link).await;
    assert_eq!(reply.refusal(), (400, "login_attempt_unknown".to_owned()));
    assert!(!reply.text().contains("555-1234"));
}

/// An error page has no script, loads nothing, and cannot be framed, whoever has designed it.
#[tokio::test]
async fn the_page_is_locked_up_in_any_design() {
    let mut policies = Vec::new();
    for own_design in [false, true] {
        let builder = App::builder().configure(move |auth| match own_design {
            true => auth.error_page(|page| format!("<h1>{}</h1>", page.title)),
            false => auth,
        });
        let app = builder.start().await;
        app.op.set_fault(Some(Fault::Authorization(F::AccessDenied)));
        let reply = app.browser().sign_in().await;
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let policy = reply.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        policies.push(policy.to_owned());
        let referrer = reply.header("referrer-policy").unwrap();
        assert!(["no-referrer", "same-origin"].contains(&referrer), "its URL holds a code");
    }
    assert_eq!(policies[0], policies[1]);
}

/// A design that loads something names it; what keeps the page out of frames stays.
#[tokio::test]
async fn a_design_may_name_what_it_loads() {
    let own = "default-src 'none'; style-src 'self'";
    let builder = App::builder().configure(move |auth| {
        auth.error_page(|page| page.title.clone()).error_page_content_security_policy(own)
    });
    let app = builder.start().await;
    app.op.set_fault(Some(Fault::Authorization(F::AccessDenied)));
    let reply = app.browser().sign_in().await;
    let policies = reply.headers.get_all("content-security-policy").iter();
    let policies: Vec<&str> = policies.map(|policy| policy.to_str().unwrap()).collect();
    assert_eq!(policies, ["base-uri 'none'; frame-ancestors 'none'", own]);
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
}

/// The application may draw the page itself: it gets the texts as they are.
#[tokio::test]
async fn the_application_can_render_it() {
    let app = App::builder()
        .configure(|auth| {
            auth.error_page(|page| format!("<p data-error-code=\"{}\">ours</p>", page.code))
        })
        .start()
        .await;
    app.op.set_fault(Some(Fault::Authorization(F::AccessDenied)));
    let reply = app.browser().sign_in().await;
    assert_eq!(reply.refusal(), (403, "access_denied".to_owned()));
    assert_eq!(reply.text(), "<p data-error-code=\"access_denied\">ours</p>");
}
