//! The answers to whom cannot be redirected to the provider (RFC 9470 section 3).

use axum_oidc_session::error::Refused;
use serde_json::json;

use super::{builder, forms, script};
use crate::support::Reply;

type Headers<'a> = &'a [(&'a str, &'a str)];

const JSON: (&str, &str) = ("accept", "application/json");
const HTML: (&str, &str) = ("accept", "text/html");

fn challenge(reply: &Reply) -> &str {
    reply.header("www-authenticate").unwrap()
}

#[tokio::test]
async fn a_script_gets_the_challenge_and_json() {
    let app = builder().start().await;
    let browser = app.signed_in().await;
    let bindings = browser.bindings();
    app.later(61);
    for (path, description, parameters, members) in [
        ("recent", "more recent", r#", max_age="60""#, json!({"max_age": 60})),
        (
            "gold",
            "stronger",
            r#", acr_values="urn:gold urn:platinum""#,
            json!({"acr_values": ["urn:gold", "urn:platinum"]}),
        ),
        ("otp", "stronger", "", json!({"amr": ["otp"]})),
        (
            "all",
            "stronger",
            r#", acr_values="urn:gold urn:platinum", max_age="60""#,
            json!({"acr_values": ["urn:gold", "urn:platinum"], "amr": ["otp"], "max_age": 60}),
        ),
    ] {
        for path in forms(path) {
            let reply = browser.fetch(&path).await;
            let description = format!("This asks for a {description} sign-in.");
            assert_eq!(reply.status, 401, "{path}");
            let error = r#"Session error="insufficient_user_authentication""#;
            let expected = format!("{error}, error_description=\"{description}\"{parameters}");
            assert_eq!(challenge(&reply), expected, "{path}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
            let mut body = reply.json();
            let login_url = body["login_url"].take();
            let login = format!("{}/auth/login?requirement=", app.origin);
            assert!(login_url.as_str().unwrap().starts_with(&login), "{path}: {login_url}");
            let mut expected = members.clone();
            expected["error"] = "insufficient_user_authentication".into();
            expected["error_description"] = description.into();
            expected["login_url"] = json!(null);
            assert_eq!(body, expected, "{path}");
            assert_eq!(browser.bindings(), bindings, "{path}: no login began");
        }
    }
}

/// Only a navigation begins a login; what cannot be repeated is not repeated.
#[tokio::test]
async fn each_kind_of_request_has_its_answer() {
    let app = builder().start().await;
    let browser = app.signed_in().await;
    app.later(61);
    let navigation = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), HTML];
    let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"), HTML];
    let prefetch = [("sec-purpose", "prefetch"), ("sec-fetch-dest", "document"), HTML];
    let socket = [("upgrade", "websocket"), ("connection", "upgrade")];
    let rows: [(&str, Headers<'_>, u16, bool); 9] = [
        ("GET", &navigation, 303, false),
        ("GET", &[HTML], 303, false),
        ("POST", &navigation, 401, true),
        ("POST", &[HTML], 401, true),
        ("GET", &frame, 401, true),
        ("GET", &prefetch, 401, false),
        ("GET", &socket, 401, false),
        ("HEAD", &navigation, 401, false),
        ("DELETE", &[JSON], 401, false),
    ];
    for path in forms("recent") {
        for (method, headers, status, is_page) in rows {
            let row = format!("{method} {path} {headers:?}");
            let reply = browser.send(method, &path, headers, "").await;
            assert_eq!(reply.status, status, "{row}");
            assert_eq!(reply.header("www-authenticate").is_some(), status == 401, "{row}");
            if is_page {
                assert_eq!(reply.code(), "insufficient_user_authentication", "{row}");
                assert!(reply.text().contains("Nothing was sent or changed."), "{row}");
                assert!(reply.text().contains("/auth/login?requirement="), "{row}");
            }
        }
    }
}

#[tokio::test]
async fn the_typed_reason_is_in_the_extensions() {
    let app = builder().start().await;
    let browser = app.signed_in().await;
    app.later(61);
    for path in forms("recent") {
        for accept in ["*/*", "text/html"] {
            let mut request = script(&browser, &path);
            request.headers_mut().insert("accept", accept.parse().unwrap());
            let response = app.ask(request).await;
            let refused = response.extensions().get::<Refused>();
            assert_eq!(refused, Some(&Refused::InsufficientAuthentication), "{path} {accept}");
        }
    }
    for path in forms("staff") {
        let response = app.ask(script(&browser, &path)).await;
        let refused = response.extensions().get::<Refused>();
        assert_eq!(refused, Some(&Refused::InsufficientClaims), "{path}");
    }
}

/// A context is the application's text: it cannot end the header's value, or break it.
#[tokio::test]
async fn a_context_is_quoted() {
    use axum_oidc_session::require_authentication;
    for (acr, expected) in [
        (r#"a"b\c"#, r#"acr_values="a\"b\\c""#),
        ("a\r\nb", r#"error_description="This asks for a stronger sign-in.""#),
        ("gr\u{fc}n", r#"error_description="This asks for a stronger sign-in.""#),
    ] {
        let app = crate::support::App::builder()
            .assemble(move |auth, router| {
                let odd = axum::routing::get(async || "odd");
                let router = router.route("/odd", odd);
                let router = router.route_layer(require_authentication().acr(acr));
                router.layer(auth.layer()).merge(auth.routes())
            })
            .start()
            .await;
        let browser = app.browser();
        assert_eq!(browser.sign_in().await.status, 303);
        let reply = browser.fetch("/odd").await;
        assert_eq!(reply.json()["acr_values"], json!([acr]));
        assert!(challenge(&reply).ends_with(expected), "{}", challenge(&reply));
    }
}
