//! Discovery and key set.

use std::sync::Arc;

use tower::ServiceExt as _;

use super::harness::{Harness, NOW, builder};
use crate::clock::ManualClock;
use crate::dev_provider::{
    DevProvider, DevProviderError, Endpoint, Fault, JwksFault, MetadataFault, OldKey,
};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn the_document_names_the_issuer_and_endpoints_that_answer() {
    let harness = Harness::start().await;
    let reply = harness.get(DISCOVERY).await;
    assert_eq!((reply.status(), reply.header("content-type")), (200, Some("application/json")));
    let document = reply.json();
    let issuer = harness.running.issuer();
    assert_eq!(document["issuer"], issuer);
    assert_eq!(document["token_endpoint"], format!("{issuer}/token"));
    assert_eq!(document["id_token_signing_alg_values_supported"][0], "ES256");
    let jwks = document["jwks_uri"].as_str().unwrap().strip_prefix(issuer).unwrap();
    let keys = harness.get(jwks).await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert_eq!((&keys["keys"][0]["kty"], &keys["keys"][0]["crv"]), (&"EC".into(), &"P-256".into()));
    assert_eq!(harness.control.requests(Endpoint::Discovery), 1);
    assert_eq!(harness.control.requests(Endpoint::Jwks), 1);
}

#[tokio::test]
async fn an_issuer_may_have_a_path_and_a_trailing_slash() {
    let clock = ManualClock::at(NOW);
    let running = builder(&clock).issuer("http://localhost:0/realms/dev/").start().await.unwrap();
    let port = running.local_addr().port();
    assert_eq!(running.issuer(), format!("http://localhost:{port}/realms/dev/"));
    let control = running.control();
    let harness = Harness { running, control, clock };
    let document = harness.get("/realms/dev/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], harness.running.issuer());
    assert_eq!(document["jwks_uri"], format!("http://localhost:{port}/realms/dev/jwks"));
    assert_eq!(harness.get("/realms/dev/jwks").await.status(), 200);
}

#[tokio::test]
async fn a_router_needs_an_issuer_and_serves_it() {
    let refused = DevProvider::builder().router().unwrap_err();
    assert!(matches!(refused, DevProviderError::IssuerRequired));
    let refused = DevProvider::builder().issuer("http://127.0.0.1:0").router().unwrap_err();
    assert!(matches!(refused, DevProviderError::IssuerRequired));
    for issuer in ["not a url", "ftp://127.0.0.1/", "http://127.0.0.1/?a=b", "http://127.0.0.1/#x"]
    {
        let refused = DevProvider::builder().issuer(issuer).router().unwrap_err();
        assert!(matches!(refused, DevProviderError::InvalidIssuer), "{issuer}");
    }
    let (router, control) = DevProvider::builder().issuer("https://op.example").router().unwrap();
    assert_eq!(control.issuer(), "https://op.example");
    let request = axum::http::Request::get(DISCOVERY).body(axum::body::Body::empty()).unwrap();
    assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_rotated_key_stays_or_goes() {
    let harness = Harness::start().await;
    let kids = async || -> Vec<String> {
        let keys = harness.get("/jwks").await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let first = kids().await;
    let second = harness.control.rotate_keys(OldKey::Kept).unwrap();
    assert_eq!(kids().await, [second.clone(), first[0].clone()]);
    let third = harness.control.rotate_keys(OldKey::Dropped).unwrap();
    assert_eq!(kids().await, std::slice::from_ref(&third));
    let response = harness.sign_in().await;
    assert_eq!(super::harness::part(response["id_token"].as_str().unwrap(), 0)["kid"], third);
}

#[tokio::test]
async fn each_metadata_fault_changes_one_member() {
    let harness = Harness::start().await;
    let right = harness.get(DISCOVERY).await.json();
    for fault in MetadataFault::ALL {
        harness.control.set_fault(Some(Fault::Metadata(*fault)));
        let wrong = harness.get(DISCOVERY).await.json();
        let names = right.as_object().unwrap().keys();
        let changed: Vec<&String> =
            names.filter(|name| right.get(name) != wrong.get(name)).collect();
        let expected = match *fault {
            MetadataFault::OnlyClientSecretPost => 2,
            MetadataFault::OddMembers => 8,
            _ => 1,
        };
        assert_eq!(changed.len(), expected, "{fault:?}: {changed:?}");
        assert!(
            wrong.as_object().unwrap().keys().all(|name| right.get(name).is_some()),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn each_jwks_fault_does_what_it_says() {
    let harness = Harness::start().await;
    let right = harness.get("/jwks").await.json()["keys"][0].clone();
    for (fault, keys) in [
        (JwksFault::Empty, 0),
        (JwksFault::EncryptionKeysOnly, 1),
        (JwksFault::UnknownKeyTypes, 4),
        (JwksFault::SharedKid, 2),
    ] {
        harness.control.set_fault(Some(Fault::Jwks(fault)));
        let document = harness.get("/jwks").await.json();
        let all = document["keys"].as_array().unwrap();
        assert_eq!(all.len(), keys, "{fault:?}");
        let right_is_there = matches!(fault, JwksFault::UnknownKeyTypes | JwksFault::SharedKid);
        assert_eq!(all.contains(&right), right_is_there, "{fault:?}");
    }
}

#[tokio::test]
async fn the_port_of_a_loopback_issuer_is_listened_on_and_a_taken_one_is_an_error() {
    let clock = Arc::new(ManualClock::at(NOW));
    let first = DevProvider::builder().clock(clock).start().await.unwrap();
    let refused = DevProvider::builder().issuer(first.issuer()).start().await.unwrap_err();
    assert_eq!(refused.code(), "listen_failed");
    let address = first.local_addr();
    first.stop().await;
    let again = DevProvider::builder().issuer(format!("http://{address}")).start().await.unwrap();
    assert_eq!(again.local_addr(), address);
}
