//! The UserInfo endpoint.

use serde_json::{Value, json};

use super::harness::{Harness, NOW};
use crate::dev_provider::{DevUser, Fault, UserInfoFault};

async fn bearer(harness: &Harness) -> String {
    let response = harness.sign_in().await;
    format!("authorization: Bearer {}", response["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn it_tells_the_claims_by_get_and_post() {
    let harness = Harness::start().await;
    harness.control.add_user(
        DevUser::new("ada")
            .name("Ada")
            .claim("role", "x")
            .userinfo_claim("role", "y")
            .email("a@b.example"),
    );
    let bearer = bearer(&harness).await;
    let expected = json!({
        "sub": "ada", "name": "Ada", "email": "a@b.example", "email_verified": true, "role": "y",
    });
    for method in ["GET", "POST"] {
        let reply =
            harness.try_send(method, "/userinfo", std::slice::from_ref(&bearer), "").await.unwrap();
        assert_eq!((reply.status(), reply.json()), (200, expected.clone()), "{method}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn it_refuses_what_is_no_live_access_token() {
    let harness = Harness::start().await;
    let good = bearer(&harness).await;
    for header in ["authorization: Bearer unknown", "authorization: Basic eDp5", "x-no: header"] {
        let reply = harness.get_with("/userinfo", header).await;
        assert_eq!(reply.status(), 401, "{header}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    }
    harness.later(299);
    assert_eq!(harness.get_with("/userinfo", &good).await.status(), 200);
    harness.later(1);
    assert_eq!(harness.get_with("/userinfo", &good).await.status(), 401);
}

#[tokio::test]
async fn each_fault_changes_its_one_thing() {
    let harness = Harness::start().await;
    let bearer = bearer(&harness).await;
    let right = harness.get_with("/userinfo", &bearer).await.json();
    for (fault, change) in [
        (UserInfoFault::WrongSub, Some(("sub", json!("somebody-else")))),
        (UserInfoFault::MissingSub, Some(("sub", Value::Null))),
        (UserInfoFault::SessionExpiry, Some(("session_expiry", json!(NOW + 31_536_000)))),
        (UserInfoFault::Huge, Some(("padding", json!("x".repeat(1_048_576))))),
        (UserInfoFault::Unauthorized, None),
    ] {
        harness.control.set_fault(Some(Fault::UserInfo(fault)));
        let reply = harness.get_with("/userinfo", &bearer).await;
        let Some((name, value)) = change else {
            assert_eq!(reply.status(), 401);
            continue;
        };
        let mut expected = right.as_object().unwrap().clone();
        expected.insert(name.to_owned(), value);
        expected.retain(|_, value| !value.is_null());
        assert_eq!(reply.json(), Value::Object(expected), "{fault:?}");
    }
}
