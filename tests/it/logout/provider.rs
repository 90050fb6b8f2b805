//! The logout goes on at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, MetadataFault};

use crate::layer::stores;
use crate::support::{App, AppBuilder, Reply};

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

fn query(reply: &Reply) -> BTreeMap<String, String> {
    reply.location_url().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn the_parameters_are_exactly_these() {
    for builder in stores() {
        let app = builder.start().await;
        let (one, two) = (app.signed_in().await, app.signed_in().await);
        let (one, two) = (one.submit("/auth/logout").await, two.submit("/auth/logout").await);
        let (one, two) = (query(&one), query(&two));
        let names: Vec<&str> = one.keys().map(String::as_str).collect();
        assert_eq!(names, ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"]);
        assert_eq!(one["client_id"], "test-client");
        assert_eq!(one["post_logout_redirect_uri"], format!("{}/", app.origin));
        assert!(app.op.issued_values().contains(&one["id_token_hint"]));
        assert_ne!(one["state"], two["state"]);
        assert!(one["state"].len() >= 20);
    }
}

#[tokio::test]
async fn the_hint_is_the_latest_id_token() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(300);
        assert_eq!(browser.fetch("/api/token").await.status, 200);
        let hint = query(&browser.submit("/auth/logout").await)["id_token_hint"].clone();
        let latest =
            app.op.issued_values().into_iter().rfind(|value| value.split('.').count() == 3);
        assert_eq!(Some(hint), latest);
    }
}

#[tokio::test]
async fn the_provider_accepts_it_and_sends_the_browser_home() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    assert_eq!(app.op.sessions("ada").len(), 1);
    let there = browser.submit("/auth/logout").await;
    let back = browser.navigate(there.location()).await;
    assert_eq!(app.op.requests(Endpoint::EndSession), 1);
    assert_eq!(app.op.sessions("ada").len(), 0);
    let home = back.location_url();
    assert_eq!(home.as_str().split('?').next(), Some(&*format!("{}/", app.origin)));
    assert_eq!(browser.navigate(back.location()).await.text(), "hello nobody");
}

/// An ID Token of some 4 KB, as Entra ID issues them.
async fn with_a_long_id_token(builder: AppBuilder) -> App {
    let app = builder.start().await;
    app.op.set_id_token_claim("groups", vec!["00000000-0000-0000-0000-000000000000"; 80]);
    app
}

/// The hidden fields of the page's form, by their names, and where it goes.
fn form(page: &Reply) -> (String, BTreeMap<String, String>) {
    let text = page.text();
    let part = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let form = text.split_once("<form method=\"post\"").unwrap().1;
    let fields = form.split("<input type=\"hidden\"").skip(1);
    (
        part(form, "action"),
        fields.map(|field| (part(field, "name"), part(field, "value"))).collect(),
    )
}

#[tokio::test]
async fn a_long_hint_goes_by_a_form_that_the_provider_accepts() {
    for builder in stores() {
        let app = with_a_long_id_token(builder).await;
        let browser = app.signed_in().await;
        let binding = browser.bindings().remove(0);
        let page = browser.submit("/auth/logout").await;
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
        assert_eq!(page.cookie_changes().1, ["app", "app_m", &binding]);
        let (action, fields) = form(&page);
        assert_eq!(action, format!("{}/end-session", app.op.issuer()));
        let names: Vec<&str> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"]);
        assert!(fields["id_token_hint"].len() > 2_000);
        assert!(app.op.issued_values().contains(&fields["id_token_hint"]));
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let back = browser.send("POST", &action, &FORM, &body).await;
        let home = format!("{}/?state={}", app.origin, fields["state"]);
        assert_eq!((back.status, back.location()), (303, &*home));
        assert!(app.op.sessions("ada").is_empty());
    }
}

#[tokio::test]
async fn the_form_sends_itself_and_has_a_button_without_script() {
    let app = with_a_long_id_token(App::builder()).await;
    let page = app.signed_in().await.submit("/auth/logout").await;
    let text = page.text();
    let script = text.split_once("<script>").unwrap().1.split("</script>").next().unwrap();
    assert_eq!(script, "document.forms[0].submit()");
    assert!(text.contains("<button>Continue</button></form>"), "{text}");
    let policy = page.header("content-security-policy").unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    let hash = base64::engine::general_purpose::STANDARD.encode(hash);
    assert!(policy.contains(&format!("script-src 'sha256-{hash}'")), "{policy}");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("form-action"),
        "{policy}"
    );
    // Under no-referrer the browser would post `Origin: null`.
    assert_eq!(page.header("referrer-policy"), Some("strict-origin"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
}

/// That the session may live on is said first; nothing goes on by itself.
#[tokio::test]
async fn while_the_store_fails_a_long_hint_goes_by_a_form_too() {
    use crate::support::Fails;
    let app = with_a_long_id_token(App::builder().sealed_store()).await;
    for is_form in [true, false] {
        let browser = app.signed_in().await;
        app.store().fail(Fails::Deletes);
        let reply = match is_form {
            true => browser.submit("/auth/logout").await,
            false => browser.post("/auth/logout").await,
        };
        app.store().fail(Fails::Nothing);
        assert_eq!(reply.refusal(), (503, "store_unavailable".to_owned()));
        assert!(reply.text().contains("may live on elsewhere"), "{}", reply.text());
        let end = format!("{}/end-session", app.op.issuer());
        if !is_form {
            assert_eq!(reply.json()["logout_form"]["action"], end);
            let hint = reply.json()["logout_form"]["fields"]["id_token_hint"].clone();
            assert!(app.op.issued_values().contains(&hint.as_str().unwrap().to_owned()));
            continue;
        }
        assert_eq!(reply.header("retry-after"), Some("5"));
        assert!(!reply.text().contains("<script>"), "{}", reply.text());
        let (action, fields) = form(&reply);
        assert_eq!((action, fields.len()), (end, 4));
        assert!(app.op.issued_values().contains(&fields["id_token_hint"]));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(!policy.contains("script-src") && !policy.contains("form-action"), "{policy}");
    }
}

#[tokio::test]
async fn a_fetch_gets_a_short_url_and_the_form_of_a_long_hint() {
    for builder in stores() {
        let app = with_a_long_id_token(builder).await;
        let browser = app.signed_in().await;
        let answer = browser.post("/auth/logout").await.json();
        let url = format!("{}/end-session", app.op.issuer());
        assert_eq!(answer["logout_url"], format!("{url}?client_id=test-client"));
        assert_eq!(answer["logout_form"]["action"], url);
        let fields = answer["logout_form"]["fields"].as_object().unwrap();
        assert_eq!(fields.len(), 4);
        let hint = fields["id_token_hint"].as_str().unwrap().to_owned();
        assert!(app.op.issued_values().contains(&hint));
        let asked = browser.navigate(answer["logout_url"].as_str().unwrap()).await;
        assert_eq!(asked.status, 200, "the provider asks");
    }
}

/// Some providers refuse a logout with `state` or `post_logout_redirect_uri` that has no hint.
#[tokio::test]
async fn without_a_hint_the_client_id_alone_is_sent() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        app.later(3_570);
        // The browser has dropped the session's cookie by now.
        let reply = browser.submit("/auth/logout").await;
        let end = format!("{}/end-session?client_id=test-client", app.op.issuer());
        assert_eq!((reply.status, reply.location()), (303, &*end));
        assert_eq!(reply.cookie_changes().1, ["app", "app_m"]);
        assert_eq!(browser.navigate(&end).await.status, 200, "the provider asks");
    }
}

#[tokio::test]
async fn a_short_hint_stays_in_the_url() {
    let app = App::start().await;
    let browser = app.signed_in().await;
    let answer = browser.post("/auth/logout").await.json();
    assert!(answer["logout_url"].as_str().unwrap().contains("id_token_hint="));
    assert!(answer.get("logout_form").is_none());
}

#[tokio::test]
async fn without_an_end_session_endpoint_it_stays_local() {
    for builder in stores() {
        let app = builder.start().await;
        app.op.set_fault(Some(Fault::Metadata(MetadataFault::NoEndSessionEndpoint)));
        let browser = app.signed_in().await;
        let fetch = app.signed_in().await;
        let home = format!("{}/", app.origin);
        assert_eq!(browser.submit("/auth/logout").await.location(), home);
        assert_eq!(fetch.post("/auth/logout").await.json()["logout_url"], home);
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
    }
}

#[tokio::test]
async fn while_the_provider_is_down_it_ends_here_all_the_same() {
    for builder in stores() {
        let app = builder.start().await;
        let browser = app.signed_in().await;
        let fault = Fault::Reply(Endpoint::Discovery, BrokenReply::ServiceUnavailable);
        app.op.set_fault(Some(fault));
        app.clock.advance(Duration::from_secs(3_000));
        let reply = browser.submit("/auth/logout").await;
        assert_eq!(reply.status, 303);
        assert_eq!(browser.fetch("/api/me").await.code(), "login_required");
    }
}
