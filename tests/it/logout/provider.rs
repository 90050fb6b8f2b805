//! The logout goes on at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::collections::BTreeMap;
use std::time::Duration;

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, MetadataFault};

use crate::layer::stores;
use crate::support::{App, Reply};

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
