//! The discovery document.

use axum_oidc_session::dev_provider::{BrokenReply, Endpoint, Fault, MetadataFault as F};

use super::impatient;
use crate::callback::{assert_clean_login, assert_no_session};
use crate::support::{App, Calls, Reply};

/// The page of a login that cannot begin, and that nothing but the document was asked for.
async fn assert_unavailable(app: &App, reply: &Reply, row: &str) {
    assert_eq!(reply.refusal(), (503, "provider_unavailable".to_owned()), "{row}");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{row}: {wait}");
    assert_eq!(reply.set_cookies(), [], "{row}");
    let calls = Calls { discovery: app.calls().discovery, ..Calls::default() };
    assert_eq!(app.calls(), calls, "{row}: and no redirect was followed");
    app.later(wait);
}

/// The page of a fault that waiting does not cure: it does not ask anyone to wait.
async fn assert_set_up_wrongly(app: &App, reply: &Reply, code: &str, row: &str) {
    assert_eq!(reply.refusal(), (502, code.to_owned()), "{row}");
    assert!(reply.text().contains("set up wrongly"), "{row}: {}", reply.text());
    assert_eq!(reply.header("retry-after"), None, "{row}");
    assert_eq!(reply.set_cookies(), [], "{row}");
    let calls = Calls { discovery: app.calls().discovery, ..Calls::default() };
    assert_eq!(app.calls(), calls, "{row}: and no redirect was followed");
    app.later(60);
}

#[tokio::test]
async fn each_wrong_document_keeps_logins_from_beginning() {
    for &fault in F::ALL {
        let row = format!("{fault:?}");
        let app = App::builder().sealed_store().start().await;
        app.op.set_fault(Some(Fault::Metadata(fault)));
        let browser = app.browser();
        match fault {
            F::WrongIssuer
            | F::TrailingSlashIssuer
            | F::MissingIssuer
            | F::HttpAuthorizationEndpoint
            | F::HttpTokenEndpoint
            | F::HttpJwksUri
            | F::MissingJwksUri
            | F::MissingTokenEndpoint => {
                let code = match fault {
                    F::MissingJwksUri | F::MissingTokenEndpoint => "discovery_endpoint_missing",
                    F::WrongIssuer | F::TrailingSlashIssuer | F::MissingIssuer => {
                        "discovery_issuer_mismatch"
                    }
                    _ => "discovery_endpoint_insecure",
                };
                let reply = browser.navigate("/auth/login").await;
                assert_set_up_wrongly(&app, &reply, code, &row).await;
                assert_no_session(&app, &browser, &row).await;
                assert_eq!(app.calls().discovery, 1, "{row}");
            }
            // What a login can do without may be missing or odd.
            F::NoEndSessionEndpoint
            | F::NoUserInfoEndpoint
            | F::NoRevocationEndpoint
            | F::NoIssParameter
            | F::NoClaimsParameter
            | F::OnlyClientSecretPost
            | F::OddMembers => {
                assert_eq!(browser.sign_in().await.status, 303, "{row}");
                let userinfo = u64::from(![F::NoUserInfoEndpoint, F::OddMembers].contains(&fault));
                assert_eq!(app.calls().userinfo, userinfo, "{row}");
                continue;
            }
            other => panic!("{other:?} has no row"),
        }
        assert_clean_login(&app, &browser, &row).await;
    }
}

#[tokio::test]
async fn each_broken_reply_keeps_logins_from_beginning() {
    for &broken in BrokenReply::ALL {
        let row = format!("{broken:?}");
        let app = App::builder().configure(impatient).sealed_store().start().await;
        app.op.set_fault(Some(Fault::Reply(Endpoint::Discovery, broken)));
        let browser = app.browser();
        let reply = browser.navigate("/auth/login").await;
        match broken {
            // The URL is that of something else.
            BrokenReply::Redirect => {
                assert_set_up_wrongly(&app, &reply, "document_redirect", &row).await;
            }
            BrokenReply::Huge => {
                assert_set_up_wrongly(&app, &reply, "http_response_too_large", &row).await;
            }
            _ => assert_unavailable(&app, &reply, &row).await,
        }
        // Once more where the connection broke.
        let asked = if broken == BrokenReply::Close { 2 } else { 1 };
        assert_eq!(app.calls().discovery, asked, "{row}");
        assert_clean_login(&app, &browser, &row).await;
    }
}

/// OpenID Connect Discovery 1.0 section 4.1: the issuer's path is kept, one trailing slash is not doubled.
#[tokio::test]
async fn issuers_have_paths_and_trailing_slashes() {
    for issuer in [
        "http://127.0.0.1:0",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:0/realms/a",
        "http://127.0.0.1:0/realms/a/",
    ] {
        let app = App::builder().provider(move |provider| provider.issuer(issuer)).start().await;
        let browser = app.signed_in().await;
        let claims = browser.fetch("/api/me").await.json()["claims"].clone();
        assert_eq!(claims["iss"], app.op.issuer(), "{issuer}");
    }
}

/// A provider that has only `client_secret_post` gets it; one that has both, the header.
#[tokio::test]
async fn the_client_authenticates_as_the_metadata_says() {
    let app = App::start().await;
    app.signed_in().await;
    let request = app.op.last_request(Endpoint::TokenAuthorizationCode).unwrap();
    assert!(request.authorization().unwrap().starts_with("Basic "));
    assert_eq!(request.parameter("client_secret"), None);
    let app = App::start().await;
    app.op.set_fault(Some(Fault::Metadata(F::OnlyClientSecretPost)));
    app.signed_in().await;
    let request = app.op.last_request(Endpoint::TokenAuthorizationCode).unwrap();
    assert_eq!(request.authorization(), None);
    assert_eq!(request.parameter("client_secret"), Some("s3cret & more"));
}
