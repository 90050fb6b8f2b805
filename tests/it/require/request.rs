//! What a step-up asks the provider for.

use std::time::Duration;

use axum_oidc_session::OidcAuthBuilder;
use axum_oidc_session::dev_provider::{Fault, MetadataFault};

use super::{builder, forms};
use crate::support::App;

const NAMES: [&str; 4] = ["max_age", "acr_values", "claims", "prompt"];

/// The parameters called [`NAMES`] of the step-up at `path`.
async fn asked(app: &App, path: &str) -> [Option<String>; 4] {
    let browser = app.signed_in().await;
    app.later(61);
    let begun = browser.navigate(path).await;
    assert!(begun.location().starts_with(app.op.issuer()), "{path}: {}", begun.location());
    assert_eq!(browser.bindings().len(), 1, "{path}");
    NAMES.map(|name| begun.parameter(name))
}

fn owned(parameters: [Option<&str>; 4]) -> [Option<String>; 4] {
    parameters.map(|parameter| parameter.map(str::to_owned))
}

#[tokio::test]
async fn with_the_claims_parameter_contexts_and_methods_are_essential() {
    const ACR: &str = r#""acr":{"essential":true,"values":["urn:gold","urn:platinum"]}"#;
    const AMR: &str = r#""amr":{"essential":true}"#;
    let (acr, amr) = (format!("{{\"id_token\":{{{ACR}}}}}"), format!("{{\"id_token\":{{{AMR}}}}}"));
    let all = format!("{{\"id_token\":{{{ACR},{AMR}}}}}");
    for (path, expected) in [
        ("recent", [Some("60"), None, None, None]),
        ("gold", [None, None, Some(&*acr), None]),
        ("otp", [None, None, Some(&*amr), Some("login")]),
        ("all", [Some("60"), None, Some(&*all), Some("login")]),
    ] {
        for path in forms(path) {
            let app = builder().start().await;
            assert_eq!(asked(&app, &path).await, owned(expected), "{path}");
        }
    }
}

#[tokio::test]
async fn without_it_contexts_are_asked_for_as_acr_values() {
    for (path, expected) in [
        ("gold", [None, Some("urn:gold urn:platinum"), None, None]),
        ("otp", [None, None, None, Some("login")]),
        ("all", [Some("60"), Some("urn:gold urn:platinum"), None, Some("login")]),
    ] {
        for path in forms(path) {
            let app = builder().start().await;
            app.op.set_fault(Some(Fault::Metadata(MetadataFault::NoClaimsParameter)));
            assert_eq!(asked(&app, &path).await, owned(expected), "{path}");
        }
    }
}

/// A requirement adds to the configuration, and never takes away from it.
#[tokio::test]
async fn what_is_configured_holds_if_it_is_stricter() {
    let configure = |seconds: u64| {
        move |auth: OidcAuthBuilder| auth.max_age(Duration::from_secs(seconds)).prompt("consent")
    };
    for (configured, path, expected) in [
        (59, "recent", ["59", "consent"]),
        (61, "recent", ["60", "consent"]),
        (59, "otp", ["59", "login consent"]),
    ] {
        let app = builder().configure(configure(configured)).start().await;
        let [max_age, _, _, prompt] = asked(&app, &format!("/layer/{path}")).await;
        assert_eq!([max_age.unwrap(), prompt.unwrap()], expected, "{configured} {path}");
    }
    let app = builder().configure(|auth| auth.acr_values(["urn:silver"])).start().await;
    app.op.set_fault(Some(Fault::Metadata(MetadataFault::NoClaimsParameter)));
    app.op.set_id_token_claim("acr", "urn:silver");
    assert_eq!(asked(&app, "/layer/recent").await[1].as_deref(), Some("urn:silver"));
    assert_eq!(asked(&app, "/layer/gold").await[1].as_deref(), Some("urn:gold urn:platinum"));
}
